use billing_application::GatewayOption;
use billing_domain::Gateway;

use crate::views::{FormState, GatewayForm, UnavailableGateways};
use crate::web::{Failure, Visit};

/// The gateway cards with the chosen one.
pub(super) async fn gateway_form(
    visit: &Visit,
    state: FormState,
    chosen: &str,
) -> Result<GatewayForm, Failure> {
    let options = visit.read(|reads, session| async move { reads.gateways(&session).await }).await?;
    let because = |gateway| {
        let option = options.iter().find(|option: &&GatewayOption| option.gateway == gateway);
        option.and_then(|option| option.unavailable_because.clone())
    };
    let unavailable = UnavailableGateways {
        managed: because(Gateway::Managed),
        stripe_connect: because(Gateway::StripeConnect),
        stripe_platform: because(Gateway::StripePlatform),
    };
    Ok(GatewayForm { state, chosen: chosen.to_owned(), unavailable })
}
