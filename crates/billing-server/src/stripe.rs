//! The payment gateway of the settings, and what the embedded sandbox adds to it in development.

use std::sync::Arc;

use billing_domain::Gateway;
use billing_domain::ports::BillingStore;
use billing_stripe::{HttpTransport, StripePaymentGateway, StripeSettings, StripeSource};

use crate::BoxError;
use crate::settings::{OF_ANOTHER_STRIPE, Settings};

/// Any test key is an account of its own at the sandbox.
const MANAGED_KEY: &str = "sk_test_kolaylogin_managed";
const CONNECT_KEY: &str = "sk_test_kolaylogin_platform";

/// The gateway with the keys of the settings.
pub(crate) fn gateway(
    settings: &Settings,
    store: Arc<dyn BillingStore>,
) -> Result<StripePaymentGateway<HttpTransport>, BoxError> {
    Ok(StripePaymentGateway::connect(&settings.stripe, store)?)
}

/// The gateway at the embedded sandbox, in which a gateway without a key gets one. The sandbox sends its webhooks to
/// this service, unless secrets are configured for endpoints that were registered otherwise.
pub(crate) async fn at_sandbox(
    sandbox: &str,
    settings: &Settings,
    store: Arc<dyn BillingStore>,
) -> Result<StripePaymentGateway<HttpTransport>, BoxError> {
    let given = settings.stripe.clone();
    let keyed = |key: &str| StripeSource::new(key.into());
    let stripe = StripeSettings {
        managed: Some(given.managed.unwrap_or_else(|| keyed(MANAGED_KEY))),
        platform: given.platform,
        connect: Some(given.connect.unwrap_or_else(|| keyed(CONNECT_KEY))),
        rate_limit: OF_ANOTHER_STRIPE,
        ..StripeSettings::new(sandbox)
    };
    let gateway = StripePaymentGateway::connect(&stripe, store)?;
    let own = format!("http://{}/v1/stripe/webhook", settings.reachable_address());
    let sources = [
        (Gateway::Managed, &stripe.managed),
        (Gateway::StripePlatform, &stripe.platform),
        (Gateway::StripeConnect, &stripe.connect),
    ];
    for (of, source) in sources {
        if source.as_ref().is_some_and(|source| source.webhook_secrets.is_empty()) {
            gateway.register_webhook(of, &own).await?;
        }
    }
    Ok(gateway)
}
