//! `Stripe-Signature`: `t=<unix seconds>,v1=<hex>,…`.
//!
//! As Stripe's SDKs judge it, but stricter where they differ from each other: a header with two times, a time that is
//! not a number without leading zeros, or an element without `=` is malformed, and a time ahead of ours is refused like
//! one behind.

use std::fmt::Write;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use billing_domain::{Timestamp, ports::WebhookRefused};
use secrecy::{ExposeSecret, SecretString};

/// The seconds by which the time of a signature may differ from ours, in both directions.
const TOLERANCE: i64 = 300;

/// No configured secret has signed the body.
pub(super) const OTHER_SECRET: WebhookRefused = WebhookRefused::Signature("no configured secret has made it");

/// A parsed header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// As written, since it is signed as written.
    timestamp: &'a str,
    seconds: i64,
    signatures: Vec<&'a str>,
}

impl<'a> Header<'a> {
    /// Parses a header. Schemes other than `v1` are ignored: `v0` is that of test events.
    pub(super) fn parse(header: &'a str) -> Result<Self, WebhookRefused> {
        let (mut timestamp, mut signatures) = (None, Vec::new());
        for element in header.split(',') {
            match element.split_once('=') {
                Some(("t", _)) if timestamp.is_some() => {
                    return Err(WebhookRefused::Signature("the header has two times"));
                }
                Some(("t", time)) => timestamp = Some(time),
                Some(("v1", "")) => {
                    return Err(WebhookRefused::Signature("the header has an empty signature"));
                }
                Some(("v1", signature)) => signatures.push(signature),
                Some(_) => {}
                None => return Err(WebhookRefused::Signature("the header is malformed")),
            }
        }
        let timestamp = timestamp.ok_or(WebhookRefused::Signature("the header has no time"))?;
        let is_canonical = |seconds: &i64| *seconds >= 0 && seconds.to_string() == timestamp;
        let seconds = timestamp.parse().ok().filter(is_canonical);
        let seconds = seconds.ok_or(WebhookRefused::Signature("the header's time is malformed"))?;
        if signatures.is_empty() {
            return Err(WebhookRefused::Signature("the header has no signature of scheme v1"));
        }
        Ok(Self { timestamp, seconds, signatures })
    }

    /// Whether one of the signatures is the secret's. Compares in constant time.
    pub(super) fn is_signed_with(&self, secret: &SecretString, body: &[u8]) -> bool {
        let expected = signed(secret, self.timestamp, body);
        self.signatures
            .iter()
            .any(|signature| verify_slices_are_equal(signature.as_bytes(), expected.as_bytes()).is_ok())
    }

    /// Checks that the time is within five minutes of ours.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), WebhookRefused> {
        let age = now.timestamp().saturating_sub(self.seconds);
        if age < -TOLERANCE {
            return Err(WebhookRefused::Signature("its time is in the future"));
        }
        if age > TOLERANCE {
            return Err(WebhookRefused::Signature("it is too old"));
        }
        Ok(())
    }
}

/// The signature in lower-case hexadecimal, as it is in the header.
fn signed(secret: &SecretString, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(timestamp.as_bytes());
    context.update(b".");
    context.update(body);
    let tag = context.sign();
    tag.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
pub(super) fn header_of(secret: &str, timestamp: i64, body: &[u8]) -> String {
    format!("t={timestamp},v1={}", signed(&secret.into(), &timestamp.to_string(), body))
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
