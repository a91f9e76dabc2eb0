//! The settings of `KL_*` variables and the `--config` file, all checked before the start.

mod raw;
mod stripe;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;

use billing_diesel::DatabaseUrl;
use billing_domain::GatewayAvailability;
use billing_tokens::DashboardTokens;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::embedded_sandbox;
use raw::RawSettings;
pub(crate) use raw::{Environment, LogFormat};
pub(crate) use stripe::SandboxListen;
use stripe::StripeSettings;

/// The problems of the settings, each with the variable's name and what to do.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used:\n  - {}", .0.join("\n  - "))]
pub(crate) struct SettingsError(Vec<String>);

#[derive(Debug)]
pub(crate) struct Settings {
    pub environment: Environment,
    pub listen: SocketAddr,
    pub public_base_url: String,
    /// Its scheme, host and port.
    pub public_origin: String,
    pub database_url: DatabaseUrl,
    pub dashboard_tokens: DashboardTokenSource,
    pub dashboard_jwt_issuer: String,
    /// The cookie with the dashboard token.
    pub dashboard_cookie: String,
    /// The platform's sign-in address.
    pub dashboard_sign_in_url: Option<String>,
    pub gateways: GatewayAvailability,
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
        Self::from_variables(raw::environment_variables(), file, embedded_sandbox::IS_BUILT_IN)
    }

    fn from_variables(
        variables: Vec<(String, String)>,
        file: Option<&Path>,
        has_sandbox: bool,
    ) -> Result<Self, SettingsError> {
        let (raw, unused) = raw::read(variables, file).map_err(|problem| SettingsError(vec![problem]))?;
        let mut problems = Problems::default();
        let settings = Self::checked(raw, unused, has_sandbox, &mut problems);
        match settings {
            Some(settings) if problems.0.is_empty() => Ok(settings),
            _ => Err(SettingsError(problems.0)),
        }
    }

    fn checked(
        raw: RawSettings,
        unused: Vec<String>,
        has_sandbox: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let environment = raw.env;
        let stripe = StripeSettings::checked(&raw, has_sandbox, problems);
        let dashboard_tokens =
            problems.token_source(environment, raw.dashboard_jwt_secret, raw.dashboard_jwks_url);
        let public_base_url = problems
            .required_in_production(
                environment,
                "KL_PUBLIC_BASE_URL",
                raw.public_base_url,
                "http://localhost:3001",
            )
            .and_then(|url| problems.web_address("KL_PUBLIC_BASE_URL", &url));
        let database_url = problems
            .required_in_production(
                environment,
                "KL_DATABASE_URL",
                raw.database_url,
                "sqlite://data/billing.db",
            )
            .and_then(|url| problems.parsed("KL_DATABASE_URL", &url));
        let listen = problems.parsed("KL_LISTEN", &raw.listen);
        let dashboard_cookie = problems.cookie_name("KL_DASHBOARD_COOKIE", raw.dashboard_cookie);
        let dashboard_sign_in_url = raw.dashboard_sign_in_url;
        if let Some(url) = &dashboard_sign_in_url {
            problems.web_address("KL_DASHBOARD_SIGN_IN_URL", url);
        }
        Some(Self {
            environment,
            listen: listen?,
            public_origin: public_base_url.as_ref()?.origin().ascii_serialization(),
            public_base_url: public_base_url?.as_str().trim_end_matches('/').to_owned(),
            database_url: database_url?,
            dashboard_tokens: dashboard_tokens?,
            dashboard_jwt_issuer: raw.dashboard_jwt_issuer,
            dashboard_cookie: dashboard_cookie?,
            dashboard_sign_in_url,
            gateways: stripe.gateways,
            stripe_sandbox: stripe.sandbox,
            missing_sandbox: stripe.missing_sandbox,
            logging: Logging { filter: raw.log, format: raw.log_format },
            unused,
        })
    }
}

#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn required_in_production(
        &mut self,
        environment: Environment,
        name: &str,
        value: Option<String>,
        default: &str,
    ) -> Option<String> {
        match (value, environment) {
            (Some(value), _) => Some(value),
            (None, Environment::Development) => Some(default.to_owned()),
            (None, Environment::Production) => {
                self.0.push(format!("{name} is missing; production has no default for it"));
                None
            }
        }
    }

    fn token_source(
        &mut self,
        environment: Environment,
        secret: Option<SecretString>,
        jwks_url: Option<String>,
    ) -> Option<DashboardTokenSource> {
        match (secret, jwks_url, environment) {
            (Some(_), Some(_), _) => {
                self.0.push(
                    "KL_DASHBOARD_JWT_SECRET and KL_DASHBOARD_JWKS_URL are both set; remove one of them"
                        .to_owned(),
                );
                None
            }
            (Some(secret), None, _) => {
                if let Err(error) = DashboardTokens::check_secret(&secret) {
                    self.0.push(format!("KL_DASHBOARD_JWT_SECRET: {error}"));
                }
                Some(DashboardTokenSource::Secret(secret))
            }
            // Replacing the keys in transit would allow sign-in as anyone.
            (None, Some(url), _) => self
                .encrypted_in_production(environment, "KL_DASHBOARD_JWKS_URL", &url)
                .map(|_| DashboardTokenSource::JwksUrl(url)),
            (None, None, Environment::Development) => Some(DashboardTokenSource::GeneratedSecret),
            (None, None, Environment::Production) => {
                self.0.push(
                    "KL_DASHBOARD_JWT_SECRET or KL_DASHBOARD_JWKS_URL is missing; dashboard tokens cannot be \
                     verified without one of them"
                        .to_owned(),
                );
                None
            }
        }
    }

    fn web_address(&mut self, name: &str, url: &str) -> Option<Url> {
        match Url::parse(url) {
            Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.username().is_empty() => {
                Some(parsed)
            }
            _ => {
                self.0.push(format!(
                    "{name} must be an address that begins with http:// or https://, without user or password"
                ));
                None
            }
        }
    }

    /// RFC 6265: a token without separators.
    fn cookie_name(&mut self, name: &str, value: String) -> Option<String> {
        let is_name = (1..=64).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if is_name {
            return Some(value);
        }
        self.0.push(format!("{name} must be 1 to 64 letters, digits, `_`, `-` or `.`"));
        None
    }

    /// A URL that must be `https` in production, except on the loopback address.
    fn encrypted_in_production(&mut self, environment: Environment, name: &str, url: &str) -> Option<Url> {
        let parsed = self.web_address(name, url)?;
        let is_local = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if environment == Environment::Production && parsed.scheme() == "http" && !is_local {
            self.0.push(format!("{name} must begin with https:// in production"));
            return None;
        }
        Some(parsed)
    }

    fn parsed<T>(&mut self, name: &str, text: &str) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.parse().map_err(|error| self.0.push(format!("{name}: {error}"))).ok()
    }

    /// The managed gateway is shared by all workspaces: real money must never be in it (invariant I8).
    fn require_test_key(&mut self, name: &str, key: &SecretString) {
        let key = key.expose_secret();
        if !key.starts_with("sk_test_") && !key.starts_with("rk_test_") {
            self.0.push(format!("{name} must be a Stripe test key (sk_test_… or rk_test_…)"));
        }
    }
}
