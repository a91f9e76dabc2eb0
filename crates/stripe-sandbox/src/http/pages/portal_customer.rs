//! `/p/session/{session}/customer`: a customer edits what the shop knows of them.

use actix_web::web::{self, Path, ServiceConfig};
use serde::Deserialize;

use super::{
    PageError, PageForm, Said, Sandbox, page,
    portal::{Done, after, allowed, enter, refused},
    see_other,
};
use crate::pages::{customer_entry::CustomerEntry, once, present::portal_customer};

pub fn configure(config: &mut ServiceConfig) {
    let resource = web::resource("/p/session/{session}/customer");
    config.service(resource.route(web::get().to(ask)).route(web::post().to(save)));
}

async fn ask(shared: Sandbox, token: Path<String>) -> Said {
    enter(&shared, &token, |tx, visitor| {
        allowed(visitor.features().can_edit_customer())?;
        let form = CustomerEntry::of(&visitor.customer).form(&visitor.features().customer_update);
        page(&portal_customer::page(tx, visitor, form))
    })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(flatten)]
    customer: CustomerEntry,
    #[serde(default)]
    submission: String,
}

async fn save(shared: Sandbox, token: Path<String>, PageForm(typed): PageForm<Typed>) -> Said {
    enter(&shared, &token, |tx, visitor| {
        allowed(visitor.features().can_edit_customer())?;
        let edit = match typed.customer.read(&visitor.features().customer_update) {
            Ok(edit) => edit,
            Err(form) => return refused(&portal_customer::page(tx, visitor, *form)),
        };
        let form = format!("portal customer {}", visitor.session.id);
        let location = once(tx, &form, &typed.submission, |tx| {
            edit.make(tx, &visitor.customer);
            Ok::<_, PageError>(after(visitor, Done::CustomerUpdated))
        })?;
        see_other(&location)
    })
}
