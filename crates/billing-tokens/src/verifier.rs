use std::sync::Arc;
use std::time::Duration;

use billing_domain::ports::SessionError;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{TokenData, Validation};
use serde::de::DeserializeOwned;

use crate::jwks::JwksCache;
use crate::key::VerificationKey;

/// The tolerated difference between the issuer's clock and ours (ADR 0009).
const LEEWAY: Duration = Duration::from_secs(5);

/// The one source of keys for one kind of token.
pub(crate) enum KeySource {
    Shared(Arc<VerificationKey>),
    Published(JwksCache),
}

/// Verifies one kind of token: one source of keys, one issuer, one audience.
pub(crate) struct Verifier {
    pub keys: KeySource,
    pub issuer: String,
    pub audience: &'static str,
}

impl Verifier {
    /// The claims of a token with a valid signature, this issuer and audience, a subject, and an expiry that has not
    /// passed. May be repeated.
    ///
    /// # Errors
    /// [`SessionError::Refused`] for an invalid token; those of [`JwksCache::keys`] when its key cannot be looked up.
    pub(crate) async fn verify<Claims: DeserializeOwned>(&self, token: &str) -> Result<Claims, SessionError> {
        let mut refusal = refused("it is signed by a key that is not known");
        for key in self.keys(token).await? {
            let error = match jsonwebtoken::decode::<Claims>(token, &key.key, &self.validation(&key)) {
                Ok(verified) => return without_critical_header(verified),
                Err(error) => error,
            };
            refusal = self.refusal(&error);
            // Only another key of the same id can make a difference to a signature.
            if !matches!(error.kind(), ErrorKind::InvalidSignature) {
                break;
            }
        }
        Err(refusal)
    }

    async fn keys(&self, token: &str) -> Result<Vec<Arc<VerificationKey>>, SessionError> {
        match &self.keys {
            KeySource::Shared(key) => Ok(vec![Arc::clone(key)]),
            KeySource::Published(cache) => {
                let header = jsonwebtoken::decode_header(token).map_err(|error| self.refusal(&error))?;
                if !VerificationKey::PUBLISHED.contains(&header.alg) {
                    return Err(self.refusal(&ErrorKind::InvalidAlgorithm.into()));
                }
                cache.keys(header.kid.as_deref(), header.alg).await
            }
        }
    }

    /// The algorithm comes from the key, never from the token: a token cannot choose how it is verified.
    fn validation(&self, key: &VerificationKey) -> Validation {
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = LEEWAY.as_secs();
        validation.validate_nbf = true;
        validation.set_audience(&[self.audience]);
        validation.set_issuer(&[&self.issuer]);
        // Otherwise a claim is validated only if the token has it.
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation
    }

    /// The reason names the caller's token and no setting of the service.
    fn refusal(&self, error: &jsonwebtoken::errors::Error) -> SessionError {
        let reason = match error.kind() {
            ErrorKind::ExpiredSignature => "it has expired; sign in again".to_owned(),
            ErrorKind::ImmatureSignature => "it is not valid yet".to_owned(),
            ErrorKind::InvalidIssuer => "it is from another issuer".to_owned(),
            ErrorKind::InvalidAudience => format!("it is not meant for the {}", self.audience),
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
}

/// The claims. A verifier that does not understand a critical header must refuse the token (RFC 7515, section 4.1.11).
fn without_critical_header<Claims>(verified: TokenData<Claims>) -> Result<Claims, SessionError> {
    match verified.header.crit {
        Some(_) => Err(refused("it has `crit`")),
        None => Ok(verified.claims),
    }
}

fn refused(reason: impl Into<String>) -> SessionError {
    SessionError::Refused { reason: reason.into(), expired: false }
}
