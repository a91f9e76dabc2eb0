//! Failures that a test asks for.

use serde::{Deserialize, Serialize};

use super::Damage;

/// Of those that still hit something.
const MOST_FAULTS: usize = 1_000;
/// Of those that are used up: so many can be looked at.
const USED_UP_KEPT: usize = 20;
const LONGEST_HOLD_MS: u64 = 10 * 60 * 1_000;

/// For the next so many requests that match.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    #[serde(default, skip_deserializing)]
    id: u64,
    #[serde(rename = "fault")]
    pub damage: Damage,
    method: Option<String>,
    /// As in `/v1/customers`, `/v1/customers/*`, `/v1/customers/**` or `/v1/cust*`.
    path: Option<String>,
    #[serde(default = "once")]
    times: u32,
    #[serde(default = "always")]
    probability: f64,
    #[serde(default)]
    seed: u64,
    /// How long a connection without an answer is held.
    #[serde(default = "a_minute")]
    pub hold_ms: u64,
    #[serde(default, skip_deserializing)]
    fired: u32,
    #[serde(default, skip_deserializing)]
    seen: u64,
}

fn once() -> u32 {
    1
}

fn always() -> f64 {
    1.0
}

fn a_minute() -> u64 {
    60_000
}

#[derive(Debug, Default)]
pub struct Faults {
    all: Vec<Fault>,
    last: u64,
}

impl Faults {
    /// Gives the fault with its id.
    ///
    /// # Errors
    ///
    /// A value that means nothing, or too many faults, as a sentence.
    pub fn add(&mut self, fault: Fault) -> Result<Fault, String> {
        fault.check()?;
        if self.all.iter().filter(|fault| fault.left() > 0).count() >= MOST_FAULTS {
            return Err(format!("There are {MOST_FAULTS} faults already: delete some."));
        }
        self.forget_oldest();
        self.last += 1;
        let fault = Fault { id: self.last, ..fault };
        self.all.push(fault.clone());
        Ok(fault)
    }

    fn forget_oldest(&mut self) {
        let used_up = self.all.iter().filter(|fault| fault.left() == 0).count();
        let mut too_many = used_up.saturating_sub(USED_UP_KEPT);
        self.all.retain(|fault| {
            let is_forgotten = fault.left() == 0 && too_many > 0;
            too_many -= usize::from(is_forgotten);
            !is_forgotten
        });
    }

    pub fn all(&self) -> &[Fault] {
        &self.all
    }

    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// Whether there was one.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.all.len();
        self.all.retain(|fault| fault.id != id);
        self.all.len() < before
    }

    /// The fault that hits this request, if one does. The one that was asked for first has the first try.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<Fault> {
        let mut matching = self.all.iter_mut().filter(|fault| fault.matches(method, path));
        matching.find_map(|fault| fault.fires().then(|| fault.clone()))
    }
}

impl Fault {
    /// How many requests it still hits.
    pub fn left(&self) -> u32 {
        self.times.saturating_sub(self.fired)
    }

    /// What it hits, such as `POST /v1/subscriptions`.
    pub fn target(&self) -> String {
        let (method, path) = (self.method.as_deref(), self.path.as_deref());
        format!("{} {}", method.unwrap_or("any method"), path.unwrap_or("any path"))
    }

    fn check(&self) -> Result<(), String> {
        if self.method.as_ref().is_some_and(|method| !is_method(method)) {
            return Err("method must be GET, POST or DELETE.".to_owned());
        }
        if self.path.as_ref().is_some_and(|path| !path.starts_with("/v1/")) {
            return Err("path must start with /v1/: faults hit Stripe's API only.".to_owned());
        }
        if self.times == 0 {
            return Err("times must be at least 1.".to_owned());
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(format!("probability must be between 0 and 1, not {}.", self.probability));
        }
        if self.hold_ms > LONGEST_HOLD_MS {
            return Err(format!("holdMs can be at most {LONGEST_HOLD_MS}, not {}.", self.hold_ms));
        }
        Ok(())
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.fired < self.times
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|pattern| matches_path(pattern, path))
    }

    fn fires(&mut self) -> bool {
        let is_hit = super::random(self.seed, self.seen).f64() < self.probability;
        self.seen += 1;
        self.fired += u32::from(is_hit);
        is_hit
    }
}

fn is_method(name: &str) -> bool {
    ["GET", "POST", "DELETE"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// `*` is one segment, `/**` at the end is that path and all below it, and any other `*` at the end is all that begins
/// so.
fn matches_path(pattern: &str, path: &str) -> bool {
    if let Some(beginning) = pattern.strip_suffix('*')
        && !beginning.ends_with(['/', '*'])
    {
        return path.starts_with(beginning);
    }
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        match (wanted, segments.next()) {
            ("**", _) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(segment)) if wanted == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fault(given: Value) -> Fault {
        serde_json::from_value(given).unwrap()
    }

    fn faults(given: Value) -> Faults {
        let mut faults = Faults::default();
        faults.add(fault(given)).unwrap();
        faults
    }

    #[test]
    fn a_fault_hits_what_it_matches_as_often_as_it_says() {
        let given = json!({ "fault": "conflict", "method": "POST", "path": "/v1/customers/*", "times": 2 });
        let mut faults = faults(given);
        assert!(faults.strike("GET", "/v1/customers/cus_1").is_none());
        assert!(faults.strike("POST", "/v1/customers").is_none());
        assert!(faults.strike("POST", "/v1/customers/cus_1/sources").is_none());
        assert!(faults.strike("POST", "/v1/customers/cus_1").is_some());
        assert!(faults.strike("post", "/v1/customers/cus_2").is_some());
        assert!(faults.strike("POST", "/v1/customers/cus_3").is_none());
        assert_eq!(json!(faults.all())[0]["fired"], 2);
    }

    #[test]
    fn a_path_is_one_address_or_all_that_begin_so() {
        let fits = |pattern, path| assert!(matches_path(pattern, path), "{pattern} {path}");
        let differs = |pattern, path| assert!(!matches_path(pattern, path), "{pattern} {path}");
        fits("/v1/customers", "/v1/customers");
        differs("/v1/customers", "/v1/customers/cus_1");
        fits("/v1/*/cus_1", "/v1/customers/cus_1");
        fits("/v1/customers/**", "/v1/customers");
        fits("/v1/customers/**", "/v1/customers/cus_1/sources");
        differs("/v1/customers/**", "/v1/customersx");
        fits("/v1/cust*", "/v1/customers/cus_1");
        differs("/v1/cust*", "/v1/coupons");
    }

    #[test]
    fn a_chance_is_decided_by_its_seed() {
        let hits = |seed: u64| {
            let given = json!({ "fault": "error_500", "times": 1000, "probability": 0.5, "seed": seed });
            let mut faults = faults(given);
            (0..64).map(|_| faults.strike("GET", "/v1/a").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(hits(1), hits(1));
        assert_ne!(hits(1), hits(2));
        let count = hits(1).iter().filter(|hit| **hit).count();
        assert!((16..48).contains(&count), "{count}");
    }

    #[test]
    fn a_fault_that_misses_leaves_the_request_to_the_next_one() {
        let mut faults = faults(json!({ "fault": "conflict", "probability": 0 }));
        let second = faults.add(fault(json!({ "fault": "rate_limit" }))).unwrap();
        assert_eq!(faults.strike("GET", "/v1/a").unwrap().damage, Damage::RateLimit);
        assert!(faults.remove(second.id) && !faults.remove(second.id));
    }

    #[test]
    fn a_fault_that_is_used_up_makes_room_and_the_latest_of_them_can_be_looked_at() {
        let mut faults = Faults::default();
        for _ in 0..MOST_FAULTS + 50 {
            faults.add(fault(json!({ "fault": "conflict" }))).unwrap();
            assert!(faults.strike("GET", "/v1/a").is_some());
        }
        let latest = faults.add(fault(json!({ "fault": "conflict" }))).unwrap().id;
        let kept: Vec<_> = faults.all().iter().map(|fault| fault.id).collect();
        assert_eq!(kept, (latest - USED_UP_KEPT as u64..=latest).collect::<Vec<_>>());
    }

    #[test]
    fn faults_that_still_hit_are_kept_and_bounded() {
        let mut faults = Faults::default();
        for _ in 0..MOST_FAULTS {
            faults.add(fault(json!({ "fault": "conflict" }))).unwrap();
        }
        assert!(faults.add(fault(json!({ "fault": "conflict" }))).unwrap_err().contains("delete some"));
        assert_eq!(faults.all().len(), MOST_FAULTS);
    }

    #[test]
    fn a_fault_that_means_nothing_is_refused() {
        let refused = |given: Value| Faults::default().add(fault(given)).unwrap_err();
        assert!(refused(json!({ "fault": "reset", "times": 0 })).contains("times"));
        assert!(refused(json!({ "fault": "reset", "probability": 2 })).contains("probability"));
        assert!(refused(json!({ "fault": "reset", "path": "/oauth/token" })).contains("path"));
        assert!(refused(json!({ "fault": "reset", "method": "PATCH" })).contains("method"));
        assert!(refused(json!({ "fault": "reset", "holdMs": 600_001 })).contains("holdMs"));
        assert!(serde_json::from_value::<Fault>(json!({ "fault": "earthquake" })).is_err());
        assert!(serde_json::from_value::<Fault>(json!({ "fault": "reset", "tmes": 1 })).is_err());
    }
}
