//! The billing portal: what a customer may do there, and the links that let one customer in.

mod actions;
mod asked;
mod configurations;
mod features;
mod flows;
mod sessions;

pub use self::{
    actions::{Choice, pay_with, resume},
    configurations::Configuration,
    features::{CancelMode, Features},
    flows::{AfterCompletion, Flow, FlowStep},
    sessions::Session,
};
use crate::wire::Routes;

pub fn routes(routes: &mut Routes) {
    configurations::routes(routes);
    sessions::routes(routes);
}
