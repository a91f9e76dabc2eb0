use std::sync::Arc;

use async_trait::async_trait;
use billing_domain::ports::{DashboardSessions, SessionError};
use billing_domain::{DashboardSession, DashboardUserId, Role, WorkspaceId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

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
    workspace_id: WorkspaceId,
    role: Role,
    /// Refuses a list of issuers, which the verifier would accept.
    #[serde(rename = "iss")]
    _iss: String,
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
        Ok(DashboardSession { user_id: claims.sub, workspace_id: claims.workspace_id, role: claims.role })
    }
}
