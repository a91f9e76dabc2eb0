use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde::Deserialize;

/// In bytes. Between 2048 bits (RFC 7518, section 3.3) and the longest that the cryptography library verifies with.
const RSA_MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// In bytes: an uncompressed point of P-256.
const P256_POINT: usize = 65;
/// In bytes.
const ED25519_KEY: usize = 32;

/// A key that verifies signatures, with the one algorithm it is used with.
pub(crate) struct VerificationKey {
    pub key: DecodingKey,
    pub algorithm: Algorithm,
}

impl VerificationKey {
    /// The algorithms of published keys.
    pub(crate) const PUBLISHED: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

    /// A secret shared with the issuer, used with HS256.
    pub(crate) fn shared(secret: &[u8]) -> Self {
        Self { key: DecodingKey::from_secret(secret), algorithm: Algorithm::HS256 }
    }
}

/// An entry of a key set (RFC 7517, section 4). Only the members that are used here are read; the others may be
/// anything.
#[derive(Deserialize)]
pub(crate) struct PublishedKey {
    pub kid: Option<String>,
    kty: String,
    crv: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    intended_use: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl PublishedKey {
    /// An RS256, ES256 or Ed25519 key that is meant for verifying. `None` for every other key: shared secrets, keys for
    /// another use, algorithm or curve, and keys of a length that is not supported.
    pub(crate) fn verification_key(&self) -> Option<VerificationKey> {
        let (algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let key = DecodingKey::from_rsa_components(self.n.as_deref()?, self.e.as_deref()?);
                (Algorithm::RS256, key)
            }
            ("EC", Some("P-256")) => {
                let key = DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?);
                (Algorithm::ES256, key)
            }
            ("OKP", Some("Ed25519")) => {
                (Algorithm::EdDSA, DecodingKey::from_ed_components(self.x.as_deref()?))
            }
            _ => return None,
        };
        let key = key.ok().filter(has_supported_length)?;
        self.is_for_verifying_with(algorithm).then_some(VerificationKey { key, algorithm })
    }

    /// Whether neither `use`, nor `key_ops`, nor `alg` says otherwise.
    fn is_for_verifying_with(&self, algorithm: Algorithm) -> bool {
        self.intended_use.as_ref().is_none_or(|stated| stated == "sig")
            && self.key_ops.as_ref().is_none_or(|stated| stated.iter().any(|operation| operation == "verify"))
            && self.alg.as_ref().is_none_or(|stated| *stated == format!("{algorithm:?}"))
    }
}

fn has_supported_length(key: &DecodingKey) -> bool {
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => {
            RSA_MODULUS.contains(&n.iter().skip_while(|byte| **byte == 0).count())
        }
        DecodingKeyKind::SecretOrDer(bytes) => [P256_POINT, ED25519_KEY].contains(&bytes.len()),
    }
}
