use std::sync::Arc;

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::key::{PublishedKey, VerificationKey};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The keys of an issuer that verify tokens.
#[derive(Default)]
pub(crate) struct KeySet(Vec<(Option<String>, Arc<VerificationKey>)>);

/// An entry is kept as it came, so that one that cannot be read spoils no other.
#[derive(Deserialize)]
struct JwkSet<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl KeySet {
    /// The usable keys of a JSON Web Key Set. Entries and members that are not understood are ignored (RFC 7517,
    /// section 5), and so is a byte order mark (RFC 8259, section 8.1).
    ///
    /// # Errors
    /// If this is no JSON object with a list `keys`.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
        let set: JwkSet<'_> = serde_json::from_slice(json)?;
        let usable = set.keys.iter().filter_map(|entry| {
            let published: PublishedKey = serde_json::from_str(entry.get()).ok()?;
            let key = published.verification_key()?;
            Some((published.kid, Arc::new(key)))
        });
        Ok(Self(usable.collect()))
    }

    /// The keys with this id that are used with this algorithm. An id need not be unique (RFC 7517, section 4.5). A key
    /// without one is found only by a token without one.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<Arc<VerificationKey>> {
        let found = self.0.iter().filter(|(known, key)| known.as_deref() == id && key.algorithm == algorithm);
        found.map(|(_, key)| Arc::clone(key)).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rsa() -> Value {
        json!({ "kty": "RSA", "kid": "key", "n": "_".repeat(344), "e": "AQAB" })
    }

    fn ec() -> Value {
        json!({ "kty": "EC", "kid": "key", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43) })
    }

    fn ed25519() -> Value {
        json!({ "kty": "OKP", "kid": "key", "crv": "Ed25519", "x": "A".repeat(43) })
    }

    fn with(mut key: Value, member: &str, value: Value) -> Value {
        key[member] = value;
        key
    }

    fn usable(keys: &[Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn is_usable(key: Value) -> bool {
        !usable(&[key]).is_empty()
    }

    #[test]
    fn entries_that_are_not_understood_spoil_no_other() {
        let deep = format!(r#"{{"kty":"RSA","other":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
        let entries = [
            "null",
            "true",
            "5",
            "1e999",
            r#""key""#,
            r#""\ud800""#,
            "[]",
            "{}",
            &deep,
            r#"{"kty":5}"#,
            r#"{"kty":"RSA","kid":"x5c only","x5c":["MIIB"]}"#,
            r#"{"kty":"RSA","n":5,"e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"no base64","e":"AQAB"}"#,
            r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}"#,
            &with(rsa(), "kid", json!(5)).to_string(),
            &with(rsa(), "use", json!(5)).to_string(),
            &with(rsa(), "key_ops", json!("verify")).to_string(),
            &with(rsa(), "alg", json!([])).to_string(),
        ];
        for entry in entries {
            let set = format!(r#"{{"keys":[{entry},{},{entry}]}}"#, rsa());
            let keys = KeySet::parse(set.as_bytes()).unwrap();
            assert_eq!((keys.0.len(), keys.find(Some("key"), Algorithm::RS256).len()), (1, 1), "{entry}");
        }
    }

    #[test]
    fn members_that_are_not_understood_are_ignored() {
        for (member, value) in [("x5c", json!(5)), ("x5t", json!([])), ("d", json!({})), ("ext", json!(true))]
        {
            assert!(is_usable(with(ed25519(), member, value)), "{member}");
        }
        let set = json!({ "expires": [1, 2], "keys": [ec()], "issuer": null }).to_string();
        assert!(!KeySet::parse(set.as_bytes()).unwrap().is_empty());
    }

    #[test]
    fn keys_of_one_id_are_told_apart_by_their_algorithm() {
        let keys = usable(&[rsa(), ec(), rsa(), ed25519()]);
        let found = |algorithm| keys.find(Some("key"), algorithm).len();
        assert_eq!(VerificationKey::PUBLISHED.map(found), [2, 1, 1]);
        assert_eq!(found(Algorithm::RS512), 0);
        assert_eq!(keys.find(Some("other"), Algorithm::RS256).len(), 0);
        assert_eq!(keys.find(None, Algorithm::RS256).len(), 0);
    }

    #[test]
    fn only_keys_for_verifying_are_used() {
        for (member, value, expected) in [
            ("use", json!("sig"), true),
            ("use", json!(null), true),
            ("use", json!("enc"), false),
            ("use", json!("tls"), false),
            ("key_ops", json!(["verify"]), true),
            ("key_ops", json!(["sign", "verify"]), true),
            ("key_ops", json!(["sign"]), false),
            ("key_ops", json!(["encrypt"]), false),
            ("key_ops", json!([]), false),
            ("alg", json!("ES256"), true),
            ("alg", json!("ES384"), false),
            ("alg", json!("ECDH-ES"), false),
            ("alg", json!("none"), false),
        ] {
            assert_eq!(is_usable(with(ec(), member, value.clone())), expected, "{member}: {value}");
        }
        let contradictory = with(with(ec(), "use", json!("sig")), "key_ops", json!(["sign"]));
        assert!(!is_usable(contradictory));
    }

    #[test]
    fn only_supported_types_curves_and_lengths_are_used() {
        let secret = json!({ "kty": "oct", "kid": "key", "k": "A".repeat(43), "alg": "HS256" });
        for unusable in [
            secret,
            with(rsa(), "n", json!("_".repeat(168))),
            with(rsa(), "n", json!(format!("{}{}", "A".repeat(300), "_".repeat(168)))),
            with(rsa(), "n", json!("_".repeat(1400))),
            with(rsa(), "alg", json!("PS256")),
            with(ec(), "crv", json!("P-384")),
            with(ec(), "y", json!("AAAA")),
            with(ed25519(), "crv", json!("X25519")),
            with(ed25519(), "x", json!("AAAA")),
        ] {
            assert!(!is_usable(unusable.clone()), "{unusable}");
        }
    }

    #[test]
    fn byte_order_mark_before_a_key_set_is_ignored() {
        let set = format!("\u{feff}{}", json!({ "keys": [rsa()] }));
        assert!(!KeySet::parse(set.as_bytes()).unwrap().is_empty());
    }

    #[test]
    fn anything_but_an_object_with_keys_is_no_key_set() {
        for body in
            ["", "null", "[]", "{}", "<html></html>", r#"{"keys":null}"#, r#"{"keys":{}}"#, r#"{"keys":["#]
        {
            assert!(KeySet::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
