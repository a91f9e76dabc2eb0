//! `Stripe-Signature`.

use aws_lc_rs::hmac;

use crate::{clock::Timestamp, wire::hex};

/// `t=…,v1=…`, with one `v1` a secret.
pub fn header<S: AsRef<str>>(secrets: &[S], at: Timestamp, body: &str) -> String {
    let signed = format!("{at}.{body}");
    secrets.iter().fold(format!("t={at}"), |header, secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref().as_bytes());
        format!("{header},v1={}", hex(hmac::sign(&key, signed.as_bytes()).as_ref()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_signs_the_time_and_the_body() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_a
        let one = header(&["whsec_a"], 1_700_000_000, "{}");
        let two = header(&["whsec_b", "whsec_a"], 1_700_000_000, "{}");
        let signature = one.strip_prefix("t=1700000000,v1=").unwrap();
        assert_eq!(signature.len(), 64);
        assert!(two.ends_with(signature) && two.matches("v1=").count() == 2);
        assert_ne!(header(&["whsec_a"], 1_700_000_001, "{}"), one);
    }
}
