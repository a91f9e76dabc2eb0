use std::sync::Arc;

use async_trait::async_trait;
use billing_domain::ports::{DashboardSessions, SessionError};
use billing_domain::{DashboardSession, DashboardUserId, DisplayName, Role, WorkspaceId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::FetchRunner;
use crate::jwks::JwksCache;
use crate::key::VerificationKey;
use crate::verifier::{KeySource, Verifier};

const AUDIENCE: &str = "dashboard";
/// In bytes. An HS256 key must be at least as long as the hash (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// Verifies dashboard tokens against exactly one source of keys (contract, section 3).
pub struct DashboardTokens(Verifier);

/// A setting that cannot verify any dashboard token.
#[derive(Debug, thiserror::Error)]
pub enum UnusableTokens {
    /// The shared secret is short enough to be guessed.
    #[error("the secret must have at least {SHORTEST_SECRET} bytes")]
    ShortSecret,
    /// The JWKS URL is malformed, or the HTTP client cannot be built.
    #[error("the JWKS URL cannot be used")]
    JwksUrl(#[source] reqwest::Error),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    sub: DashboardUserId,
    #[serde(default)]
    name: Option<Box<RawValue>>,
    workspace_id: WorkspaceId,
    #[serde(default)]
    workspace_name: Option<Box<RawValue>>,
    role: Role,
    /// Refuses a list of issuers, which the verifier would accept.
    #[serde(rename = "iss")]
    _iss: String,
}

/// A name is only shown: an invalid one, even one that JSON cannot mean, is ignored and refuses nobody.
fn name_if_valid(claim: Option<Box<RawValue>>) -> Option<DisplayName> {
    let name: String = serde_json::from_str(claim?.get()).ok()?;
    DisplayName::parse(&name).ok()
}

impl DashboardTokens {
    /// Verifies HS256 tokens with a secret shared with the issuer.
    ///
    /// # Errors
    /// [`UnusableTokens::ShortSecret`].
    pub fn with_secret(issuer: String, secret: &SecretString) -> Result<Self, UnusableTokens> {
        Self::check_secret(secret)?;
        let key = VerificationKey::shared(secret.expose_secret().as_bytes());
        Ok(Self::verified_by(KeySource::Shared(Arc::new(key)), issuer))
    }

    /// Accepts a secret of at least 32 bytes.
    ///
    /// # Errors
    /// [`UnusableTokens::ShortSecret`].
    pub fn check_secret(secret: &SecretString) -> Result<(), UnusableTokens> {
        if secret.expose_secret().len() < SHORTEST_SECRET {
            return Err(UnusableTokens::ShortSecret);
        }
        Ok(())
    }

    /// Verifies RS256, ES256 and `EdDSA` tokens with the keys published at this URL. Nothing is fetched before the
    /// first token is verified.
    ///
    /// # Errors
    /// [`UnusableTokens::JwksUrl`].
    pub fn with_jwks_url(
        issuer: String,
        url: &str,
        runner: Arc<dyn FetchRunner>,
    ) -> Result<Self, UnusableTokens> {
        let cache = JwksCache::new(AUDIENCE, url, runner).map_err(UnusableTokens::JwksUrl)?;
        Ok(Self::verified_by(KeySource::Published(cache), issuer))
    }

    fn verified_by(keys: KeySource, issuer: String) -> Self {
        Self(Verifier { keys, issuer, audience: AUDIENCE })
    }
}

#[async_trait]
impl DashboardSessions for DashboardTokens {
    async fn verify(&self, token: &str) -> Result<DashboardSession, SessionError> {
        let claims: Claims = self.0.verify(token).await?;
        Ok(claims.into())
    }
}

impl From<Claims> for DashboardSession {
    fn from(claims: Claims) -> Self {
        Self {
            user_id: claims.sub,
            user_name: name_if_valid(claims.name),
            workspace_id: claims.workspace_id,
            workspace_name: name_if_valid(claims.workspace_name),
            role: claims.role,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that these further claims give.
    fn names(more: &str) -> (Option<String>, Option<String>) {
        let claims =
            format!(r#"{{"sub":"ada","workspaceId":"ws_one","role":"owner","iss":"kolaylogin"{more}}}"#);
        let session = DashboardSession::from(serde_json::from_str::<Claims>(&claims).unwrap());
        let text = |name: Option<DisplayName>| name.map(|name| name.to_string());
        (text(session.user_name), text(session.workspace_name))
    }

    #[test]
    fn a_session_has_the_names_of_its_token() {
        let both = names(r#","name":"Ada Lovelace","workspaceName":" Acme ""#);
        assert_eq!(both, (Some("Ada Lovelace".to_owned()), Some("Acme".to_owned())));
        assert_eq!(names(""), (None, None));
    }

    #[test]
    fn an_invalid_name_is_ignored() {
        let (long, deep) = (format!("\"{}\"", "x".repeat(101)), "[".repeat(150) + &"]".repeat(150));
        for name in
            ["null", "7", "1e999", r#"["Ada"]"#, &deep, "\" \"", r#""A\u202ea""#, r#""Ada \ud83d""#, &long]
        {
            let of = |user: &str, workspace: &str| {
                names(&format!(r#","name":{user},"workspaceName":{workspace}"#))
            };
            assert_eq!(of(name, r#""Acme""#), (None, Some("Acme".to_owned())), "{name}");
            assert_eq!(of(r#""Ada""#, name), (Some("Ada".to_owned()), None), "{name}");
        }
    }
}
