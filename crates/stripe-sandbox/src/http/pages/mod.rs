//! The pages a person uses. A handler reads a form, does one thing, and shows a view or sends the browser on.

mod answer;
mod assets;
mod checkout;
mod consent;
mod documents;
mod flash;
mod form;
mod home;
mod invoice;
mod objects;
mod portal;
mod portal_card;
mod portal_customer;
mod portal_steps;
mod three_d_secure;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

pub use self::{
    answer::{PageError, Said, page, page_with, see_other},
    form::{PageForm, PageQuery},
};
use super::Shared;
use crate::{lifecycle, store::World};

pub type Sandbox = Data<Arc<Shared>>;

pub fn configure(config: &mut ServiceConfig) {
    assets::configure(config);
    checkout::configure(config);
    consent::configure(config);
    documents::configure(config);
    home::configure(config);
    invoice::configure(config);
    objects::configure(config);
    portal::configure(config);
    portal_card::configure(config);
    portal_customer::configure(config);
    portal_steps::configure(config);
    three_d_secure::configure(config);
}

/// Does something for a person, alone, once what has fallen due by now is done.
///
/// # Errors
///
/// What `act` refuses, or a mistake of the sandbox.
pub fn visit<T>(
    shared: &Shared,
    act: impl FnOnce(&mut World) -> Result<T, PageError>,
) -> Result<T, PageError> {
    shared.guarded(|world| {
        lifecycle::catch_up(world);
        let done = act(world);
        lifecycle::finish_advancing(world);
        done
    })?
}
