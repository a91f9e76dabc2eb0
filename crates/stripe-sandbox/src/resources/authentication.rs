//! Where the owner of a card approves what it is used for, as their bank's 3-D Secure asks.

use serde_json::{Value, json};

use crate::store::Tx;

/// The page for a payment intent or a setup intent, without the sandbox's own address.
pub fn path(tx: &Tx<'_>, intent: &str) -> String {
    format!("/_sandbox/3ds/{}/{intent}", tx.account())
}

/// The `next_action` of an intent that waits for its page to be visited.
pub fn next_action(tx: &Tx<'_>, intent: &str, return_url: Option<&String>) -> Value {
    let url = format!("{}{}", tx.world().url, path(tx, intent));
    match return_url {
        Some(return_url) => {
            json!({ "redirect_to_url": { "return_url": return_url, "url": url }, "type": "redirect_to_url" })
        }
        None => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": url },
        }),
    }
}
