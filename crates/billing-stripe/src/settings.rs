use secrecy::{ExposeSecret, SecretString};

/// The Stripe accounts of a deployment.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// The API's address, such as `https://api.stripe.com` or the sandbox's.
    pub api_base: String,
    /// The platform's shared account, for the gateway `managed`.
    pub managed: Option<StripeSource>,
    /// The deployment's own account, for the gateway `stripe_platform`.
    pub platform: Option<StripeSource>,
    /// The platform's account with which it acts for connected accounts, for the gateway `stripe_connect`. Its webhook
    /// secrets are those of the endpoint that hears of connected accounts.
    pub connect: Option<StripeSource>,
    /// The rate of requests to one account.
    pub rate_limit: RateLimit,
}

impl StripeSettings {
    /// Stripe's public API.
    pub const STRIPE: &'static str = "https://api.stripe.com";

    /// Settings for an API at this address, without accounts.
    #[must_use]
    pub fn new(api_base: &str) -> Self {
        Self {
            api_base: api_base.trim_end_matches('/').to_owned(),
            managed: None,
            platform: None,
            connect: None,
            rate_limit: RateLimit::Stripe,
        }
    }
}

/// A key to Stripe and the secrets of the webhooks that come with it.
#[derive(Debug, Clone)]
pub struct StripeSource {
    /// The API key, `sk_…` or `rk_…`.
    pub secret_key: SecretString,
    /// The signing secrets of the webhook endpoints: several while one is rotated.
    pub webhook_secrets: Vec<SecretString>,
}

impl StripeSource {
    /// A source without webhooks.
    #[must_use]
    pub fn new(secret_key: SecretString) -> Self {
        Self { secret_key, webhook_secrets: Vec::new() }
    }

    /// Whether the key is of live mode.
    #[must_use]
    pub fn is_live(&self) -> bool {
        is_live(&self.secret_key)
    }
}

/// Whether an API key is of live mode. A key of neither form counts as live, the stricter one.
pub(crate) fn is_live(secret_key: &SecretString) -> bool {
    let key = secret_key.expose_secret();
    !(key.starts_with("sk_test_") || key.starts_with("rk_test_"))
}

/// The rate of requests to one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// Stripe's: 100 reads and 100 writes a second in live mode, 25 of each in test mode.
    Stripe,
    /// This many reads and this many writes a second, for an API other than Stripe's.
    PerSecond(u32),
}

impl RateLimit {
    /// The number of reads, and of writes, a second with this key.
    pub(crate) fn per_second(self, secret_key: &SecretString) -> u32 {
        match self {
            Self::Stripe if is_live(secret_key) => 100,
            Self::Stripe => 25,
            Self::PerSecond(rate) => rate.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_no_secret() {
        let mut source = StripeSource::new("sk_test_hidden".into());
        source.webhook_secrets.push("whsec_hidden".into());
        let settings =
            StripeSettings { managed: Some(source), ..StripeSettings::new(StripeSettings::STRIPE) };
        assert!(!format!("{settings:?}").contains("hidden"));
    }

    #[test]
    fn rate_follows_the_mode_of_the_key() {
        for (key, rate) in [("sk_test_a", 25), ("rk_test_a", 25), ("sk_live_a", 100), ("rk_live_a", 100)] {
            assert_eq!(RateLimit::Stripe.per_second(&key.into()), rate, "{key}");
        }
    }
}
