use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

/// A key that verifies signatures, with the one algorithm it is used with.
pub(crate) struct VerificationKey {
    pub key: DecodingKey,
    pub algorithm: Algorithm,
}

impl VerificationKey {
    /// A secret shared with the issuer, used with HS256.
    pub(crate) fn shared(secret: &[u8]) -> Self {
        Self { key: DecodingKey::from_secret(secret), algorithm: Algorithm::HS256 }
    }

    /// A published RS256, ES256 or Ed25519 signing key. `None` for every other key: shared secrets, encryption keys,
    /// other algorithms and curves.
    pub(crate) fn published(jwk: &Jwk) -> Option<Self> {
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            _ => return None,
        };
        let has_other_use = jwk.common.public_key_use == Some(PublicKeyUse::Encryption)
            || jwk.common.key_algorithm.is_some_and(|stated| stated.to_string() != format!("{algorithm:?}"));
        if has_other_use {
            return None;
        }
        Some(Self { key: DecodingKey::from_jwk(jwk).ok()?, algorithm })
    }
}
