//! Stripe's webhook signature, computed here a second time.

use aws_lc_rs::hmac;

use crate::receiver::Delivery;

pub struct Signature {
    pub timestamp: i64,
    /// The hexadecimal signatures of scheme `v1`.
    pub v1: Vec<String>,
}

impl Signature {
    pub fn of(delivery: &Delivery) -> Self {
        let header = &delivery.headers["stripe-signature"];
        let parts: Vec<_> = header.split(',').map(|part| part.split_once('=').unwrap()).collect();
        let timestamp = parts.iter().find(|(scheme, _)| *scheme == "t").unwrap().1.parse().unwrap();
        let v1 =
            parts.iter().filter(|(scheme, _)| *scheme == "v1").map(|(_, hex)| (*hex).to_owned()).collect();
        Self { timestamp, v1 }
    }

    pub fn is_made_with(&self, secret: &str, body: &str) -> bool {
        self.v1.contains(&sign(secret, self.timestamp, body))
    }
}

fn sign(secret: &str, timestamp: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}.{body}").as_bytes());
    tag.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
