//! The billing portal: what a customer may do there, and the links that let one customer in.

mod actions;
mod asked;
mod asked_flow;
mod changing;
mod configurations;
mod customer;
mod features;
mod flows;
mod sessions;

pub use self::{
    actions::{CancelReason, pay_with, resume},
    changing::{Choice, keep_plan},
    configurations::{BusinessProfile, Configuration},
    customer::CustomerEdit,
    features::{CancelMode, CustomerField, CustomerUpdate, Features, Reason},
    flows::{AfterCompletion, Flow, FlowStep},
    sessions::Session,
};
use crate::wire::Routes;

pub fn routes(routes: &mut Routes) {
    configurations::routes(routes);
    sessions::routes(routes);
}
