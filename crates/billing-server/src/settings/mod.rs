//! The settings of `KL_*` variables and the `--config` file, all checked before the start.

mod log_filter;
mod problems;
mod raw;
#[cfg(test)]
mod refusals;
mod stripe;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use billing_diesel::DatabaseUrl;
use billing_domain::{GatewayAvailability, GraceDays};
use reqwest::Url;
use secrecy::SecretString;

use crate::embedded_sandbox;
use problems::Problems;
use raw::{RawSettings, Source};
use stripe::StripeSettings;
pub(crate) use stripe::{OF_ANOTHER_STRIPE, SandboxListen};

/// The problems of the settings, each with the variable's name and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) struct SettingsError {
    problems: Vec<String>,
    /// The settings file, if there is one.
    file: Option<PathBuf>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings cannot be used:\n  - {}", self.problems.join("\n  - "))?;
        match &self.file {
            Some(file) => write!(f, "\n(in {}, KL_X is the key `x`)", file.display()),
            None => Ok(()),
        }
    }
}

/// The environment of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    Development,
    Production,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug)]
pub(crate) struct Settings {
    pub environment: Environment,
    pub listen: SocketAddr,
    pub public_base_url: String,
    /// Its scheme, host and port.
    pub public_origin: String,
    /// Whether no address was set, so that the public one follows from where the service listens.
    public_follows_listen: bool,
    pub database_url: DatabaseUrl,
    pub dashboard_tokens: DashboardTokenSource,
    pub dashboard_jwt_issuer: String,
    /// The cookie with the dashboard token.
    pub dashboard_cookie: String,
    /// The platform's sign-in address.
    pub dashboard_sign_in_url: Option<String>,
    pub gateways: GatewayAvailability,
    /// The days for which a subscription that is past due keeps its access.
    pub grace: GraceDays,
    /// The Stripe accounts with a key.
    pub stripe: billing_stripe::StripeSettings,
    /// The address of the Stripe sandbox; `None` if none is served, as in production.
    pub stripe_sandbox: Option<SandboxListen>,
    /// The warning of a development build without the Stripe sandbox.
    pub missing_sandbox: Option<String>,
    pub logging: Logging,
    /// `KL_*` variables that this version does not know.
    pub unused: Vec<String>,
}

/// The source of the keys of dashboard tokens.
#[derive(Debug)]
pub(crate) enum DashboardTokenSource {
    Secret(SecretString),
    JwksUrl(String),
    /// A secret created at first start; in development only.
    GeneratedSecret,
}

#[derive(Debug)]
pub(crate) struct Logging {
    pub filter: String,
    pub format: LogFormat,
}

impl Settings {
    /// Reads the environment and, for unset variables, the file.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let variables =
            raw::environment_variables().map_err(|problems| SettingsError { problems, file: None })?;
        Self::from_variables(variables, file, embedded_sandbox::IS_BUILT_IN)
    }

    fn from_variables(
        variables: Vec<(String, String)>,
        file: Option<&Path>,
        has_sandbox: bool,
    ) -> Result<Self, SettingsError> {
        let Source { known, file, unused } = raw::source(variables, file);
        let mut problems = Problems::default();
        let settings = raw::read(known, file.as_deref())
            .map_err(|problem| problems.add(problem))
            .ok()
            .and_then(|raw| Self::checked(raw, unused, has_sandbox, &mut problems));
        match settings {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(SettingsError { problems: problems.into_sentences(), file }),
        }
    }

    fn checked(
        raw: RawSettings,
        unused: Vec<String>,
        has_sandbox: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let logging = Self::logging(&raw, problems);
        let environments =
            [("development", Environment::Development), ("production", Environment::Production)];
        // The other settings depend on it.
        let environment = problems.one_of("KL_ENV", raw.env.as_deref(), environments)?;
        let stripe = StripeSettings::checked(&raw, environment, has_sandbox, problems);
        let dashboard_tokens =
            problems.token_source(environment, raw.dashboard_jwt_secret, raw.dashboard_jwks_url);
        let listen = problems.socket_address("KL_LISTEN", &raw.listen);
        let public_follows_listen = raw.public_base_url.is_none();
        let local = listen.map_or_else(|| "http://localhost".to_owned(), local_address);
        let public_base_url = problems
            .required_in_production(environment, "KL_PUBLIC_BASE_URL", raw.public_base_url, &local)
            .and_then(|url| problems.base_address("KL_PUBLIC_BASE_URL", &url));
        let database_url = problems
            .required_in_production(
                environment,
                "KL_DATABASE_URL",
                raw.database_url,
                "sqlite://data/billing.db",
            )
            .and_then(|url| problems.parsed("KL_DATABASE_URL", &url));
        let dashboard_cookie = problems.cookie_name("KL_DASHBOARD_COOKIE", raw.dashboard_cookie);
        let dashboard_sign_in_url = raw.dashboard_sign_in_url;
        if let Some(url) = &dashboard_sign_in_url {
            problems.web_address("KL_DASHBOARD_SIGN_IN_URL", url);
        }
        let grace = problems.grace_days("KL_PAST_DUE_GRACE_DAYS", &raw.past_due_grace_days);
        let (public_base_url, public_origin) = base_and_origin(&public_base_url?);
        Some(Self {
            environment,
            listen: listen?,
            public_base_url,
            public_origin,
            public_follows_listen,
            database_url: database_url?,
            dashboard_tokens: dashboard_tokens?,
            dashboard_jwt_issuer: raw.dashboard_jwt_issuer,
            dashboard_cookie: dashboard_cookie?,
            dashboard_sign_in_url,
            gateways: stripe.gateways,
            grace: grace?,
            stripe: stripe.accounts,
            stripe_sandbox: stripe.sandbox,
            missing_sandbox: stripe.missing_sandbox,
            logging: logging?,
            unused,
        })
    }

    fn logging(raw: &RawSettings, problems: &mut Problems) -> Option<Logging> {
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let format = problems.one_of("KL_LOG_FORMAT", raw.log_format.as_deref(), formats);
        let filter = log_filter::checked(&raw.log).map_err(|problem| problems.add(problem)).ok();
        Some(Logging { filter: filter?, format: format? })
    }

    /// The address at which a process on this machine reaches the service.
    pub(crate) fn reachable_address(&self) -> SocketAddr {
        let mut address = self.listen;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                std::net::Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        address
    }

    /// The settings of a service that listens here: with port 0 its port is known only then.
    pub(crate) fn listening_on(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        if self.public_follows_listen
            && let Ok(url) = Url::parse(&local_address(address))
        {
            (self.public_base_url, self.public_origin) = base_and_origin(&url);
        }
        self
    }
}

/// The address of browsers on this machine, or where the service listens on another address than all and loopback.
fn local_address(listen: SocketAddr) -> String {
    let ip = listen.ip();
    if ip.is_unspecified() || ip.is_loopback() {
        return format!("http://localhost:{}", listen.port());
    }
    format!("http://{listen}")
}

/// The base of links, without a slash at its end, and the origin.
fn base_and_origin(url: &Url) -> (String, String) {
    (url.as_str().trim_end_matches('/').to_owned(), url.origin().ascii_serialization())
}
