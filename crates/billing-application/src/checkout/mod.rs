//! Checkout links: a person in the dashboard makes one, the payer pays at Stripe's page.

mod checkout_error;
mod choose_price;
mod create_checkout_link;
mod end_checkout_link;
mod prepare_checkout;
mod price_at_stripe;

pub use checkout_error::{CheckoutError, EnvironmentProblem};
pub(crate) use choose_price::{check_sum, choose_price};
pub use create_checkout_link::{CheckoutLink, CreateCheckoutLink};
pub use end_checkout_link::EndCheckoutLink;
pub(crate) use end_checkout_link::{MOST_CALLS_TO_END, PrepareEnd};
