use std::time::Duration;

use async_trait::async_trait;
use billing_application::Runner;
use billing_domain::ports::{DashboardSessions, SessionError};
use billing_domain::{DashboardSession, DashboardUserId, Role, WorkspaceId};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::jwks::JwksCache;

const AUDIENCE: &str = "dashboard";
/// How far the issuer's clock may be off.
const LEEWAY: Duration = Duration::from_secs(5);
/// HS256 keys shorter than the hash are weak (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// Verifies dashboard tokens against exactly one source of keys.
pub struct DashboardTokens {
    issuer: String,
    keys: Keys,
}

enum Keys {
    Secret(DecodingKey),
    Published(JwksCache),
}

/// Why dashboard tokens could never be verified this way.
#[derive(Debug, thiserror::Error)]
pub enum UnusableTokens {
    /// The shared secret can be guessed.
    #[error("the secret must have at least {SHORTEST_SECRET} bytes")]
    ShortSecret,
    /// The address of the published keys is malformed, or no HTTP client can be made.
    #[error("the JWKS URL cannot be used")]
    JwksUrl(#[source] reqwest::Error),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    sub: DashboardUserId,
    workspace_id: WorkspaceId,
    role: Role,
    /// A list, which the library would let pass, is not an issuer.
    #[serde(rename = "iss")]
    _iss: String,
}

impl DashboardTokens {
    /// Tokens signed with HS256 and a secret both sides share.
    ///
    /// # Errors
    /// [`UnusableTokens::ShortSecret`].
    pub fn with_secret(issuer: String, secret: &SecretString) -> Result<Self, UnusableTokens> {
        Self::check_secret(secret)?;
        let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
        Ok(Self { issuer, keys: Keys::Secret(key) })
    }

    /// Passes when the secret cannot be guessed.
    ///
    /// # Errors
    /// [`UnusableTokens::ShortSecret`].
    pub fn check_secret(secret: &SecretString) -> Result<(), UnusableTokens> {
        if secret.expose_secret().len() < SHORTEST_SECRET {
            return Err(UnusableTokens::ShortSecret);
        }
        Ok(())
    }

    /// Tokens signed with RS256, ES256 or `EdDSA` by a key published at this URL. The keys are fetched when they
    /// are first needed.
    ///
    /// # Errors
    /// [`UnusableTokens::JwksUrl`].
    pub fn with_jwks_url(issuer: String, url: &str, runner: Runner) -> Result<Self, UnusableTokens> {
        let cache = JwksCache::new(url, runner).map_err(UnusableTokens::JwksUrl)?;
        Ok(Self { issuer, keys: Keys::Published(cache) })
    }

    /// `algorithm` comes from the key, never from the token: a token cannot choose how it is verified.
    fn decode(
        &self,
        token: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<DashboardSession, SessionError> {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY.as_secs();
        validation.validate_nbf = true;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // Without this a token that lacks a claim passes.
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let verified =
            jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|error| refusal(&error))?;
        // What a token says must be understood, and is not, makes it invalid (RFC 7515, section 4.1.11).
        if verified.header.crit.is_some() {
            return Err(refused("it has `crit`"));
        }
        let claims = verified.claims;
        Ok(DashboardSession { user_id: claims.sub, workspace_id: claims.workspace_id, role: claims.role })
    }
}

#[async_trait]
impl DashboardSessions for DashboardTokens {
    async fn verify(&self, token: &str) -> Result<DashboardSession, SessionError> {
        match &self.keys {
            Keys::Secret(key) => self.decode(token, key, Algorithm::HS256),
            Keys::Published(cache) => {
                let header = jsonwebtoken::decode_header(token).map_err(|error| refusal(&error))?;
                let published = cache.key(header.kid.as_deref()).await?;
                let published =
                    published.ok_or_else(|| refused("it is signed by a key that is not known"))?;
                self.decode(token, &published.key, published.algorithm)
            }
        }
    }
}

fn refused(reason: impl Into<String>) -> SessionError {
    SessionError::Refused { reason: reason.into(), expired: false }
}

/// Says what is wrong with the caller's own token, and nothing of ours.
fn refusal(error: &jsonwebtoken::errors::Error) -> SessionError {
    let reason = match error.kind() {
        ErrorKind::ExpiredSignature => "it has expired; sign in again".to_owned(),
        ErrorKind::ImmatureSignature => "it is not valid yet".to_owned(),
        ErrorKind::InvalidIssuer => "it is from another issuer".to_owned(),
        ErrorKind::InvalidAudience => "it is not meant for the dashboard".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("it has no `{claim}`"),
        ErrorKind::InvalidClaimFormat(claim) => format!("its `{claim}` is malformed"),
        ErrorKind::InvalidSignature
        | ErrorKind::InvalidAlgorithm
        | ErrorKind::InvalidAlgorithmName
        | ErrorKind::UnsupportedAlgorithm => "its signature cannot be verified".to_owned(),
        ErrorKind::Json(error) if error.is_data() => format!("its claims are wrong: {error}"),
        _ => "it is malformed".to_owned(),
    };
    let expired = matches!(error.kind(), ErrorKind::ExpiredSignature);
    SessionError::Refused { reason, expired }
}
