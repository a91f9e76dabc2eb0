use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use billing_domain::{Gateway, GatewayAccountId, ports::AccountModes};
use secrecy::SecretString;

use crate::{
    http::{HttpTransport, Unusable},
    modes::UsedModes,
    settings::{StripeSettings, StripeSource, is_live},
    transport::StripeTransport,
};

/// The payment gateway over Stripe's API.
///
/// Retries, timeouts and the rate are the transport's business, so that a simulation can put a Stripe of its own and
/// faults below the gateway. It does no I/O of its own, but for the modes of accounts, and spawns nothing.
pub struct StripePaymentGateway<C> {
    pub(crate) transport: C,
    pub(crate) managed: Option<Source>,
    pub(crate) platform: Option<Source>,
    pub(crate) connect: Option<Source>,
    pub(crate) modes: UsedModes,
}

/// A configured key with what is learnt of it.
pub(crate) struct Source {
    pub(crate) gateway: Gateway,
    pub(crate) secret_key: SecretString,
    pub(crate) webhook_secrets: RwLock<Arc<[SecretString]>>,
    /// The key's own account, once Stripe has told it.
    pub(crate) told: OnceLock<GatewayAccountId>,
    /// The key's own account, once it is known to fit the key's mode.
    pub(crate) account: OnceLock<GatewayAccountId>,
}

impl Source {
    fn new(gateway: Gateway, source: &StripeSource) -> Self {
        Self {
            gateway,
            secret_key: source.secret_key.clone(),
            webhook_secrets: RwLock::new(source.webhook_secrets.clone().into()),
            told: OnceLock::new(),
            account: OnceLock::new(),
        }
    }

    pub(crate) fn webhook_secrets(&self) -> Arc<[SecretString]> {
        self.webhook_secrets.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn add_webhook_secret(&self, secret: SecretString) {
        let mut secrets = self.webhook_secrets.write().unwrap_or_else(PoisonError::into_inner);
        *secrets = secrets.iter().cloned().chain([secret]).collect();
    }

    /// Whether its webhooks are those of connected accounts.
    pub(crate) fn hears_of_connected_accounts(&self) -> bool {
        self.gateway == Gateway::StripeConnect
    }

    pub(crate) fn is_live(&self) -> bool {
        is_live(&self.secret_key)
    }

    pub(crate) fn is_of(&self, account: &GatewayAccountId) -> bool {
        self.account.get() == Some(account)
    }
}

impl StripePaymentGateway<HttpTransport> {
    /// A gateway over HTTP.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn connect(settings: &StripeSettings, modes: Arc<dyn AccountModes>) -> Result<Self, Unusable> {
        let transport = HttpTransport::new(&settings.api_base, settings.rate_limit)?;
        Ok(Self::over(transport, settings, modes))
    }
}

impl<C: StripeTransport> StripePaymentGateway<C> {
    /// A gateway over this transport, which refuses accounts that are used in the other mode than their key's.
    #[must_use]
    pub fn over(transport: C, settings: &StripeSettings, modes: Arc<dyn AccountModes>) -> Self {
        let source = |gateway, source: &Option<StripeSource>| {
            source.as_ref().map(|source| Source::new(gateway, source))
        };
        Self {
            transport,
            managed: source(Gateway::Managed, &settings.managed),
            platform: source(Gateway::StripePlatform, &settings.platform),
            connect: source(Gateway::StripeConnect, &settings.connect),
            modes: UsedModes::new(modes),
        }
    }

    /// The sources, in the order in which an account is looked for.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        [&self.managed, &self.platform, &self.connect].into_iter().flatten()
    }

    /// The source of a gateway.
    pub(crate) fn source(&self, gateway: Gateway) -> Option<&Source> {
        match gateway {
            Gateway::Managed => self.managed.as_ref(),
            Gateway::StripePlatform => self.platform.as_ref(),
            Gateway::StripeConnect => self.connect.as_ref(),
        }
    }
}
