use std::net::SocketAddr;

use billing_domain::{Gateway, GatewayAvailability};
use billing_stripe::{RateLimit, StripeSettings as GatewaySettings, StripeSource};
use secrecy::SecretString;

use super::Environment;
use super::problems::Problems;
use super::raw::RawSettings;

const STRIPE_SECRET_KEY: &str = "KL_STRIPE_SECRET_KEY";
const MANAGED_SECRET_KEY: &str = "KL_STRIPE_MANAGED_SECRET_KEY";
const CONNECT_SECRET_KEY: &str = "KL_STRIPE_CONNECT_SECRET_KEY";
const CONNECT_CLIENT_ID: &str = "KL_STRIPE_CONNECT_CLIENT_ID";
const WEBHOOK_SECRET: &str = "KL_STRIPE_WEBHOOK_SECRET";
const MANAGED_WEBHOOK_SECRET: &str = "KL_STRIPE_MANAGED_WEBHOOK_SECRET";
const CONNECT_WEBHOOK_SECRET: &str = "KL_STRIPE_CONNECT_WEBHOOK_SECRET";
const API_BASE: &str = "KL_STRIPE_API_BASE";
const SANDBOX_LISTEN: &str = "KL_STRIPE_SANDBOX_LISTEN";

const TEST_KEYS: [&str; 2] = ["sk_test_", "rk_test_"];
const SECRET_KEYS: [&str; 4] = ["sk_test_", "sk_live_", "rk_test_", "rk_live_"];

/// The rate of requests to a Stripe that is not Stripe's own, which limits nothing.
pub(crate) const OF_ANOTHER_STRIPE: RateLimit = RateLimit::PerSecond(1_000);

/// The gateways that need no setting in development (contract, section 5).
const SERVED_BY_THE_SANDBOX: [Gateway; 2] = [Gateway::Managed, Gateway::StripeConnect];

/// The address of the Stripe sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SandboxListen {
    /// The default address, or a free port if it is taken.
    Usual,
    /// This address only.
    At(SocketAddr),
}

/// The settings of Stripe.
pub(super) struct StripeSettings {
    pub gateways: GatewayAvailability,
    pub accounts: GatewaySettings,
    pub sandbox: Option<SandboxListen>,
    pub missing_sandbox: Option<String>,
}

impl StripeSettings {
    /// Checks the settings. `has_sandbox` says whether this build has the Stripe sandbox.
    pub(super) fn checked(
        raw: &RawSettings,
        environment: Environment,
        has_sandbox: bool,
        problems: &mut Problems,
    ) -> Self {
        check_keys(raw, problems);
        let accounts = accounts(raw, problems);
        if let Some(url) = &raw.stripe_api_base
            && let Some(url) = problems.base_address(API_BASE, url)
        {
            // Secret keys are sent there.
            problems.encrypted_in_production(environment, API_BASE, url);
        }
        let needs_sandbox = needs_sandbox(raw, environment);
        let listen = sandbox_listen(raw, environment, has_sandbox, problems);
        let sandbox = listen.filter(|_| has_sandbox && needs_sandbox);
        Self {
            gateways: available_gateways(raw, sandbox.is_some()),
            accounts,
            sandbox,
            missing_sandbox: (!has_sandbox && needs_sandbox).then(|| missing_sandbox(raw)),
        }
    }
}

fn check_keys(raw: &RawSettings, problems: &mut Problems) {
    // The managed gateway is shared by all workspaces: real money must never be in it (invariant I8).
    if let Some(key) = &raw.stripe_managed_secret_key {
        problems.stripe_key(MANAGED_SECRET_KEY, key, "a Stripe test key", &TEST_KEYS);
    }
    let secret_keys =
        [(STRIPE_SECRET_KEY, &raw.stripe_secret_key), (CONNECT_SECRET_KEY, &raw.stripe_connect_secret_key)];
    for (name, key) in secret_keys {
        if let Some(key) = key {
            problems.stripe_key(name, key, "a secret or restricted key of Stripe", &SECRET_KEYS);
        }
    }
    if let Some(id) = &raw.stripe_connect_client_id {
        // Shown to no one either: it may be a key by mistake.
        problems.stripe_key(
            CONNECT_CLIENT_ID,
            &id.as_str().into(),
            "the client id of a Stripe platform",
            &["ca_"],
        );
    }
}

/// The accounts with a key. What the sandbox serves in development is added once it runs.
fn accounts(raw: &RawSettings, problems: &mut Problems) -> GatewaySettings {
    let mut source = |key: &Option<SecretString>, name: &str, secrets: &Option<SecretString>| {
        let webhook_secrets = match secrets {
            Some(secrets) => problems.webhook_secrets(name, secrets),
            None => Vec::new(),
        };
        key.clone().map(|secret_key| StripeSource { secret_key, webhook_secrets })
    };
    let managed =
        source(&raw.stripe_managed_secret_key, MANAGED_WEBHOOK_SECRET, &raw.stripe_managed_webhook_secret);
    let platform = source(&raw.stripe_secret_key, WEBHOOK_SECRET, &raw.stripe_webhook_secret);
    let connect =
        source(&raw.stripe_connect_secret_key, CONNECT_WEBHOOK_SECRET, &raw.stripe_connect_webhook_secret);
    let api_base = raw.stripe_api_base.as_deref().unwrap_or(GatewaySettings::STRIPE);
    let rate_limit = if raw.stripe_api_base.is_some() { OF_ANOTHER_STRIPE } else { RateLimit::Stripe };
    GatewaySettings { managed, platform, connect, rate_limit, ..GatewaySettings::new(api_base) }
}

fn sandbox_listen(
    raw: &RawSettings,
    environment: Environment,
    has_sandbox: bool,
    problems: &mut Problems,
) -> Option<SandboxListen> {
    let Some(address) = &raw.stripe_sandbox_listen else { return Some(SandboxListen::Usual) };
    if environment == Environment::Production {
        problems.add(format!(
            "{SANDBOX_LISTEN} is for development; there is no Stripe sandbox in production, so remove it"
        ));
        return None;
    }
    if !has_sandbox {
        problems.add(format!(
            "{SANDBOX_LISTEN} is set, and this build has no Stripe sandbox; remove it, or build with the feature \
             `stripe-sandbox`"
        ));
        return None;
    }
    problems.socket_address(SANDBOX_LISTEN, address).map(SandboxListen::At)
}

/// Whether the sandbox is needed: in development, for a gateway without keys, unless another Stripe is configured.
fn needs_sandbox(raw: &RawSettings, environment: Environment) -> bool {
    let lacks_settings = |gateway| !missing(raw, gateway).is_empty();
    environment == Environment::Development
        && raw.stripe_api_base.is_none()
        && SERVED_BY_THE_SANDBOX.into_iter().any(lacks_settings)
}

/// The warning of a build without the sandbox that needs one.
fn missing_sandbox(raw: &RawSettings) -> String {
    let unavailable: Vec<_> = SERVED_BY_THE_SANDBOX
        .into_iter()
        .map(|gateway| (gateway, missing(raw, gateway)))
        .filter(|(_, missing)| !missing.is_empty())
        .map(|(gateway, missing)| format!("`{gateway}` without {}", missing.join(" and ")))
        .collect();
    format!(
        "this build has no Stripe sandbox, so these gateways are not available: {}; set the variables, or build with \
         the feature `stripe-sandbox`",
        unavailable.join(", ")
    )
}

/// The available gateways: those with complete settings, and those the sandbox serves.
fn available_gateways(raw: &RawSettings, is_sandbox_served: bool) -> GatewayAvailability {
    Gateway::ALL.into_iter().fold(GatewayAvailability::default(), |availability, gateway| {
        if is_sandbox_served && SERVED_BY_THE_SANDBOX.contains(&gateway) {
            return availability;
        }
        availability.missing(gateway, missing(raw, gateway))
    })
}

/// The missing settings of a gateway.
fn missing(raw: &RawSettings, gateway: Gateway) -> Vec<&'static str> {
    let needed: &[(&'static str, bool)] = match gateway {
        Gateway::Managed => &[(MANAGED_SECRET_KEY, raw.stripe_managed_secret_key.is_some())],
        Gateway::StripeConnect => &[
            (CONNECT_SECRET_KEY, raw.stripe_connect_secret_key.is_some()),
            (CONNECT_CLIENT_ID, raw.stripe_connect_client_id.is_some()),
        ],
        Gateway::StripePlatform => &[(STRIPE_SECRET_KEY, raw.stripe_secret_key.is_some())],
    };
    needed.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| *name).collect()
}
