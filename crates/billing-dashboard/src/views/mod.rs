//! The content of the dashboard's pages: one struct of prepared text per page, each with a template. No billing
//! rules, clock or HTTP.

/// Declares what a page or a part of one shows: its fields and, in tests, a sample made of them.
macro_rules! view {
    ($($(#[$meta:meta])* struct $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$meta])*
        pub(crate) struct $name { $($(#[$doc])* pub(crate) $field: $type,)* }

        #[cfg(test)]
        impl crate::views::samples::Sample for $name {
            fn sample(mode: crate::views::samples::Mode, _: &'static str) -> Self {
                Self { $($field: crate::views::samples::Sample::sample(mode, stringify!($field)),)* }
            }
        }
    )+};
}

mod apps;
mod attention;
mod audit_log;
mod background_work;
mod checkout;
mod confirm;
mod documentation;
mod errors;
mod features;
mod fields;
mod gate;
mod invoices;
mod layout;
mod overview;
mod payer;
mod payment_method;
mod plan;
mod plan_form;
mod plans;
mod settings;
mod sign_in;
mod subscriptions;
mod timeline;
mod trial;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub(crate) use apps::*;
pub(crate) use attention::*;
pub(crate) use audit_log::*;
pub(crate) use background_work::*;
pub(crate) use checkout::*;
pub(crate) use confirm::*;
pub(crate) use documentation::*;
pub(crate) use errors::*;
pub(crate) use features::*;
pub(crate) use fields::*;
pub(crate) use gate::*;
pub(crate) use invoices::*;
pub(crate) use layout::*;
pub(crate) use overview::*;
pub(crate) use payer::*;
pub(crate) use payment_method::*;
pub(crate) use plan::*;
pub(crate) use plan_form::*;
pub(crate) use plans::*;
pub(crate) use settings::*;
pub(crate) use sign_in::*;
pub(crate) use subscriptions::*;
pub(crate) use timeline::*;
pub(crate) use trial::*;
