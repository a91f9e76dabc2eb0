//! async-stripe, the client the service speaks to Stripe with, decodes every object, list, deletion and event.

mod events;
mod objects;
mod reader;
mod shop;

use std::{
    fmt::Debug,
    io,
    sync::{Arc, Mutex},
};

use miniserde::Deserialize;
use serde_json::json;

use crate::{
    client::{Answer, Client},
    sandbox,
};

/// Decodes as async-stripe's client does.
#[track_caller]
fn decoded<T: Deserialize + Debug>(answer: &Answer) -> T {
    answer.ok();
    understood(&answer.text, || miniserde::json::from_str(&answer.text).ok())
}

/// What comes of decoding, which must raise no warning.
#[track_caller]
fn understood<T>(text: &str, decode: impl FnOnce() -> Option<T>) -> T {
    let (decoded, warnings) = with_warnings(decode);
    assert!(warnings.is_empty(), "{warnings}{text}");
    decoded.unwrap_or_else(|| panic!("{} is not this:\n{text}", std::any::type_name::<T>()))
}

/// A value of an enumeration that async-stripe does not know is decoded too, and only a warning tells.
fn with_warnings<T>(act: impl FnOnce() -> T) -> (T, String) {
    let warnings = Warnings::default();
    let writer = warnings.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let done = tracing::subscriber::with_default(subscriber, act);
    let warnings = warnings.0.lock().unwrap().clone();
    (done, String::from_utf8(warnings).unwrap())
}

#[tokio::test]
async fn async_stripe_decodes_unknown_enum_values_and_fields() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let coupon = client.post("/v1/coupons", &[("percent_off", "5")]).await.id();
    for (fault, warned) in [("unknown_enum", true), ("unknown_field", false)] {
        client.control("faults", json!({ "fault": fault })).await;
        let spoilt = client.get(&format!("/v1/coupons/{coupon}")).await;
        let (decoded, warnings) =
            with_warnings(|| miniserde::json::from_str::<stripe_shared::Coupon>(&spoilt.text));
        assert!(decoded.is_ok(), "{}", spoilt.text);
        assert_eq!(warnings.contains("sandbox_unknown_value"), warned, "{warnings}");
    }
    sandbox.stop().await;
}

#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<u8>>>);

impl io::Write for Warnings {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
