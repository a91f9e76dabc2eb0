use std::net::SocketAddr;

use billing_domain::GraceDays;
use billing_tokens::DashboardTokens;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{DashboardTokenSource, Environment};

/// The problems found so far. A check that fails adds one and gives `None`.
#[derive(Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    pub(super) fn add(&mut self, problem: String) {
        self.0.push(problem);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_sentences(self) -> Vec<String> {
        self.0
    }

    /// One of the named values; the first one where none is set.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        name: &str,
        value: Option<&str>,
        values: [(&str, T); 2],
    ) -> Option<T> {
        let Some(value) = value else { return Some(values[0].1) };
        if let Some((_, known)) = values.into_iter().find(|(known, _)| *known == value) {
            return Some(known);
        }
        self.0.push(format!("{name} must be {}, not {value:?}", values.map(|(known, _)| known).join(" or ")));
        None
    }

    pub(super) fn required_in_production(
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

    pub(super) fn token_source(
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
                .web_address("KL_DASHBOARD_JWKS_URL", &url)
                .and_then(|parsed| self.encrypted_in_production(environment, "KL_DASHBOARD_JWKS_URL", parsed))
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

    pub(super) fn web_address(&mut self, name: &str, url: &str) -> Option<Url> {
        match Url::parse(url) {
            Ok(parsed)
                if matches!(parsed.scheme(), "http" | "https")
                    && parsed.username().is_empty()
                    && parsed.password().is_none() =>
            {
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

    /// An address that paths are appended to.
    pub(super) fn base_address(&mut self, name: &str, url: &str) -> Option<Url> {
        let parsed = self.web_address(name, url)?;
        if parsed.query().is_some() || parsed.fragment().is_some() {
            self.0
                .push(format!("{name} must be an address without a query (?…) and without a fragment (#…)"));
            return None;
        }
        Some(parsed)
    }

    /// RFC 6265: a token without separators.
    pub(super) fn cookie_name(&mut self, name: &str, value: String) -> Option<String> {
        let is_name = (1..=64).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if is_name {
            return Some(value);
        }
        self.0.push(format!("{name} must be 1 to 64 letters, digits, `_`, `-` or `.`"));
        None
    }

    /// An address that must be `https` in production, except on the loopback address.
    pub(super) fn encrypted_in_production(
        &mut self,
        environment: Environment,
        name: &str,
        parsed: Url,
    ) -> Option<Url> {
        let is_local = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if environment == Environment::Production && parsed.scheme() == "http" && !is_local {
            self.0.push(format!("{name} must begin with https:// in production"));
            return None;
        }
        Some(parsed)
    }

    pub(super) fn parsed<T>(&mut self, name: &str, text: &str) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.parse().map_err(|error| self.0.push(format!("{name}: {error}"))).ok()
    }

    pub(super) fn socket_address(&mut self, name: &str, text: &str) -> Option<SocketAddr> {
        let refuse = |_| {
            self.0.push(format!(
                "{name} must be an IP address and a port, such as 127.0.0.1:3001, not {text:?}"
            ));
        };
        text.parse().map_err(refuse).ok()
    }

    pub(super) fn grace_days(&mut self, name: &str, text: &str) -> Option<GraceDays> {
        let days = text.trim().parse().ok().and_then(GraceDays::new);
        if days.is_none() {
            let most = GraceDays::MOST;
            self.0.push(format!("{name} must be a whole number of days from 0 to {most}, not {text:?}"));
        }
        days
    }

    /// A Stripe key with one of these beginnings. It is never shown.
    pub(super) fn stripe_key(&mut self, name: &str, key: &SecretString, kind: &str, beginnings: &[&str]) {
        let has_rest = |rest: &str| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let is_one_of = |beginning: &&str| key.expose_secret().strip_prefix(beginning).is_some_and(has_rest);
        if !beginnings.iter().any(is_one_of) {
            self.0.push(format!("{name} must be {kind} ({}…)", beginnings.join("…, ")));
        }
    }

    /// The signing secrets of webhooks, separated by commas. They are never shown.
    pub(super) fn webhook_secrets(&mut self, name: &str, secrets: &SecretString) -> Vec<SecretString> {
        let secrets: Vec<_> = secrets.expose_secret().split(',').map(str::trim).collect();
        if secrets.iter().any(|secret| secret.strip_prefix("whsec_").is_none_or(str::is_empty)) {
            self.0.push(format!(
                "{name} must be the signing secret of a webhook endpoint (whsec_…), or several, separated by commas"
            ));
        }
        secrets.into_iter().map(SecretString::from).collect()
    }
}
