use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// In seconds: a status read takes well under a millisecond, a checkout at Stripe several seconds.
const DURATION_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Unknown paths share one series.
const UNMATCHED: &str = "unmatched";

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

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Work {
    kind: &'static str,
    outcome: &'static str,
}

/// The service's metrics in the text format of Prometheus.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    durations: Family<Request, Histogram, fn() -> Histogram>,
    recovered_closings: Family<Outcome, Counter<u64, AtomicU64>>,
    work: Family<Work, Counter<u64, AtomicU64>>,
    work_set_aside: Gauge,
    unplaced_events: Gauge,
    webhooks: Family<Outcome, Counter<u64, AtomicU64>>,
    log_lines_lost: Counter<u64, AtomicU64>,
    being_sent: Arc<Mutex<BeingSent>>,
}

/// A rendering is shared this long while it is being sent, so that clients that do not read hold few of them.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// The last rendering, and when it was made.
type BeingSent = Option<(Instant, Weak<String>)>;

/// A rendering that others may be sent too.
struct Rendering(Arc<String>);

impl AsRef<[u8]> for Rendering {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
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
        let work = Family::default();
        registry.register("work", "Rows of durable work that were claimed, by outcome", work.clone());
        let work_set_aside = Gauge::default();
        registry.register(
            "work_set_aside",
            "Rows of durable work that failed too often and wait for a person",
            work_set_aside.clone(),
        );
        let unplaced_events = Gauge::default();
        registry.register("unplaced_events", "Webhooks without a workspace", unplaced_events.clone());
        let webhooks = Family::default();
        registry.register("webhooks", "Webhooks that were received, by outcome", webhooks.clone());
        let log_lines_lost = Counter::default();
        registry.register(
            "log_lines_lost",
            "Lines of the log that could not be written",
            log_lines_lost.clone(),
        );
        Self {
            registry: Arc::new(registry),
            durations,
            recovered_closings,
            work,
            work_set_aside,
            unplaced_events,
            webhooks,
            log_lines_lost,
            being_sent: Arc::default(),
        }
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
            route: route.unwrap_or_else(|| UNMATCHED.into()),
            status,
        };
        self.durations.get_or_create(&request).observe(took.as_secs_f64());
    }

    /// Counts a request that cannot be read as HTTP.
    pub(crate) fn observe_unreadable(&self, status: u16) {
        let request = Request { method: "OTHER", route: UNMATCHED.into(), status };
        self.durations.get_or_create(&request).observe(0.0);
    }

    /// Counts a closing ended after a crash: `disabled`, `refused` or `failed`.
    pub fn count_recovered_closing(&self, outcome: &'static str) {
        self.recovered_closings.get_or_create(&Outcome { outcome }).inc();
    }

    /// Counts a claimed row of durable work, by its outcome.
    pub fn count_work(&self, kind: &'static str, outcome: &'static str) {
        self.work.get_or_create(&Work { kind, outcome }).inc();
    }

    /// Sets the number of rows of durable work that are set aside.
    pub fn set_work_set_aside(&self, total: u64) {
        self.work_set_aside.set(total.try_into().unwrap_or(i64::MAX));
    }

    /// Counts a received webhook, by its outcome.
    pub(crate) fn count_webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
    }

    /// Sets the number of webhooks without a workspace.
    pub fn set_unplaced_events(&self, total: u64) {
        self.unplaced_events.set(total.try_into().unwrap_or(i64::MAX));
    }

    /// Counts a line of the log that could not be written.
    pub fn count_lost_log_line(&self) {
        self.log_lines_lost.inc();
    }

    /// The metrics as text: of this moment, unless a client still is being sent those of the last second.
    pub(crate) fn render(&self) -> Result<Bytes, std::fmt::Error> {
        let mut being_sent = self.being_sent.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = being_sent.as_ref().filter(|(since, _)| since.elapsed() < SHARED_FOR);
        if let Some(rendering) = shared.and_then(|(_, rendering)| rendering.upgrade()) {
            return Ok(Bytes::from_owner(Rendering(rendering)));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        let rendering = Arc::new(text);
        *being_sent = Some((Instant::now(), Arc::downgrade(&rendering)));
        Ok(Bytes::from_owner(Rendering(rendering)))
    }
}

/// Unknown methods share one series.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_rendered_again_when_they_have_been_sent() {
        let metrics = Metrics::default();
        let sent = metrics.render().unwrap();
        metrics.count_recovered_closing("refused");
        assert_eq!(metrics.render().unwrap().as_ptr(), sent.as_ptr());

        drop(sent);

        let rendered = metrics.render().unwrap();
        assert!(std::str::from_utf8(&rendered).unwrap().contains("refused"));
    }
}
