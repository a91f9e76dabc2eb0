use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Seconds: a status read takes well under a millisecond, a checkout at Stripe may take several seconds.
const DURATION_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// What is counted, in the text form Prometheus reads.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    durations: Family<Request, Histogram, fn() -> Histogram>,
    recovered_closings: Family<Outcome, Counter<u64, AtomicU64>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let durations =
            Family::new_with_constructor((|| Histogram::new(DURATION_BUCKETS)) as fn() -> Histogram);
        let recovered_closings = Family::default();
        let mut registry = Registry::with_prefix("billing");
        registry.register_with_unit(
            "http_request_duration",
            "How long answering took, by route pattern",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "recovered_closings",
            "Closings a crash had left, by how they ended",
            recovered_closings.clone(),
        );
        Self { registry: Arc::new(registry), durations, recovered_closings }
    }
}

impl Metrics {
    pub(crate) fn observe_request(
        &self,
        method: &actix_web::http::Method,
        route: Option<Arc<str>>,
        status: u16,
        took: Duration,
    ) {
        let request = Request {
            method: known_method(method),
            // Whatever was asked for that does not exist is one series, not one each.
            route: route.unwrap_or_else(|| "unmatched".into()),
            status,
        };
        self.durations.get_or_create(&request).observe(took.as_secs_f64());
    }

    /// Counts closings that were ended after a crash: `disabled`, `refused` or `failed`.
    pub fn count_recovered_closings(&self, outcome: &'static str, number: u32) {
        self.recovered_closings.get_or_create(&Outcome { outcome }).inc_by(number.into());
    }

    pub(crate) fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Methods a client invents are one series.
fn known_method(method: &actix_web::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
