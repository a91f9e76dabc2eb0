//! What the pages of the sandbox show: one struct a page, holding text that is ready to be read, and one template
//! each. Nothing here knows the state, the clock or HTTP.

mod assets;
mod card;
mod checkout;
mod consent;
mod deliveries;
mod document;
mod error;
mod event;
mod fields;
mod home;
mod invoice;
mod notice;
mod objects;
mod parts;
mod portal;
mod portal_customer;
mod portal_steps;
mod reset;
mod three_d_secure;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub(crate) use assets::*;
pub(crate) use card::*;
pub(crate) use checkout::*;
pub(crate) use consent::*;
pub(crate) use deliveries::*;
pub(crate) use document::*;
pub(crate) use error::*;
pub(crate) use event::*;
pub(crate) use fields::*;
pub(crate) use home::*;
pub(crate) use invoice::*;
pub(crate) use notice::*;
pub(crate) use objects::*;
pub(crate) use parts::*;
pub(crate) use portal::*;
pub(crate) use portal_customer::*;
pub(crate) use portal_steps::*;
pub(crate) use reset::*;
pub(crate) use three_d_secure::*;

#[cfg(test)]
pub(crate) use samples::Words;
