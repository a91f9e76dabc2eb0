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
        let known = "04339dc4f01d6541e8d3b7e4bd93cd2d4f680ccb28592270900b08e49cc09e57";
        let one = header(&["whsec_a"], 1_700_000_000, "{}");
        assert_eq!(one, format!("t=1700000000,v1={known}"));
        let two = header(&["whsec_b", "whsec_a"], 1_700_000_000, "{}");
        assert!(two.ends_with(known) && two.matches("v1=").count() == 2, "{two}");
        assert_ne!(header(&["whsec_a"], 1_700_000_001, "{}"), one);
    }
}
