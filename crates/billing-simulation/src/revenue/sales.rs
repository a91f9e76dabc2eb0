//! What is sold, changed, discounted and ended in a history.

use billing_application::{CreateCheckoutLink, CreatePlan};
use billing_domain::{
    BillingInterval, Currency, DisplayName, EnvironmentId, Money, Payer, PayerKind, PlanDetails, PlanKey,
    PriceTerms, TrialDays, UserId,
};
use serde_json::Value;

use super::{ENVIRONMENTS, History, LONGEST_OUTAGE, RECONCILED_EVERY};
use crate::stage::{DAY, KEYS, by_hand};
use crate::template::Tenant;

/// The most subscriptions of a history, fewer than a page of a list has.
const MOST_SOLD: usize = 30;
/// The time within which a change is seen at the latest. A renewal in it would be the last invoice instead of the one that
/// dates the change.
const SEEN_WITHIN: i64 = (RECONCILED_EVERY + LONGEST_OUTAGE + 1) * DAY;
/// The plans that are sold, one of them with a trial.
pub(super) const PLANS: [(&str, u32); 2] = [("steady", 0), ("tried", 7)];
/// The durations of coupons. Those before the last one recur.
const DURATIONS: [&str; 4] = [
    "duration=forever",
    "duration=repeating&duration_in_months=1",
    "duration=repeating&duration_in_months=3",
    "duration=once",
];

/// A change at Stripe.
struct Changed {
    /// The subscription as Stripe answers it.
    subscription: Value,
    /// Whether Stripe tells when it was, however late it is seen.
    is_dated: bool,
}

impl History {
    /// Sells or changes something. Returns whether it must be seen at once, because Stripe does not say when it was.
    pub(super) fn act(&mut self) -> bool {
        let sells = self.size.sold < MOST_SOLD && self.rng.u8(..10) < 6;
        if sells && !self.is_out {
            self.sell();
            return false;
        }
        let live: Vec<_> = self.listed().into_iter().filter(|it| self.can_change(it)).collect();
        if live.is_empty() {
            return false;
        }
        let subscription = &live[self.rng.usize(..live.len())];
        let id = subscription["id"].as_str().unwrap().to_owned();
        let Ok(changed) = self.change(subscription, &id) else { return false };
        self.size.changes += 1;
        if changed.is_dated {
            self.seen.remove(&id);
        } else {
            assert!(!self.is_out, "nobody sees it: {}", changed.subscription);
            self.seen.insert(id, changed.subscription["status"].as_str().unwrap().to_owned());
        }
        !changed.is_dated
    }

    /// One change at a time: of two that were not seen between them, Stripe tells the last one only.
    fn can_change(&self, subscription: &Value) -> bool {
        let status = subscription["status"].as_str().unwrap();
        let is_seen = self.seen.get(subscription["id"].as_str().unwrap()).is_some_and(|seen| seen == status);
        let is_live = matches!(status, "active" | "trialing") || status == "past_due" && !self.is_out;
        is_seen && is_live
    }

    /// Whether it may renew before a change of it is seen. A trial ends by its date, and what is changed in it counts from
    /// then.
    fn renews_unseen(&self, subscription: &Value) -> bool {
        let period_end = subscription["items"]["data"][0]["current_period_end"].as_i64();
        subscription["status"] != "trialing" && period_end < Some(self.now + SEEN_WITHIN)
    }

    fn sell(&mut self) {
        let (plan, _) = PLANS[self.rng.usize(..PLANS.len())];
        let environment = ENVIRONMENTS[self.rng.usize(..ENVIRONMENTS.len())];
        let (currency, interval) = [
            ("USD", BillingInterval::Month),
            ("USD", BillingInterval::Year),
            ("JPY", BillingInterval::Month),
            ("KWD", BillingInterval::Month),
            ("KWD", BillingInterval::Year),
        ][self.rng.usize(..5)];
        let request = CreateCheckoutLink {
            app_id: self.tenant.app_id.clone(),
            environment_id: Some(EnvironmentId::parse(environment).unwrap()),
            payer: Payer::User(UserId::parse(format!("payer_{}", self.size.sold)).unwrap()),
            plan: PlanKey::parse(plan).unwrap(),
            interval,
            currency: Some(Currency::parse(currency).unwrap()),
            quantity: self.rng.u32(1..6),
            success_url: None,
            cancel_url: None,
        };
        let tenant = self.tenant.clone();
        let end = self.runtime.block_on(self.replica.clone().checkout(tenant, request, None));
        assert!(end.succeeded, "{}", end.words);
        let open = self
            .sandbox
            .ledger()
            .into_iter()
            .rfind(|it| it.kind == "checkout.session" && it.status == "open");
        let card = if self.rng.u8(..10) < 2 { "pm_card_chargeCustomerFail" } else { "pm_card_visa" };
        let path = format!("/v1/payment_pages/{}/confirm", open.unwrap().id);
        // A payment that fails leaves the session open.
        let _paid = self.post(&path, &format!("payment_method={card}"));
        self.size.sold += 1;
    }

    fn change(&mut self, subscription: &Value, id: &str) -> Result<Changed, String> {
        let path = format!("/v1/subscriptions/{id}");
        let dated = |subscription| Changed { subscription, is_dated: true };
        let can_bill = !self.is_out || !self.renews_unseen(subscription);
        match self.rng.u8(..10) {
            0 => self.delete(&path).map(dated),
            1 => self.post(&path, "cancel_at_period_end=true").map(dated),
            2..=5 if can_bill => self.change_item(subscription, &path),
            6 if subscription["status"] == "trialing" => self.post(&path, "trial_end=now").map(dated),
            7 if !self.is_out => {
                let subscription = self.post(&path, "discounts=")?;
                Ok(Changed { subscription, is_dated: false })
            }
            _ => {
                // One that does not recur leaves no trace of when it took the place of one that does.
                let recurring = DURATIONS.len() - 1;
                let choices = if self.is_out { recurring } else { DURATIONS.len() };
                let duration = self.rng.usize(..choices);
                let coupon = self.coupon(subscription["currency"].as_str().unwrap(), duration)?;
                let subscription = self.post(&path, &format!("discounts[0][coupon]={coupon}"))?;
                Ok(Changed { subscription, is_dated: duration < recurring })
            }
        }
    }

    /// Other seats, or another price. Stripe dates the change by its invoice.
    fn change_item(&mut self, subscription: &Value, path: &str) -> Result<Changed, String> {
        let item = &subscription["items"]["data"][0];
        let price = &item["price"];
        let interval = price["recurring"]["interval"].as_str().unwrap();
        let (proration, interval) = if self.is_out {
            ("always_invoice", interval)
        } else {
            let proration = ["always_invoice", "create_prorations", "none"][self.rng.usize(..3)];
            (proration, if self.rng.bool() { "month" } else { "year" })
        };
        let data = if self.rng.bool() {
            format!("items[0][quantity]={}", self.rng.u32(1..9))
        } else {
            let quantity = item["quantity"].as_u64().unwrap();
            let (product, currency) =
                (price["product"].as_str().unwrap(), price["currency"].as_str().unwrap());
            let amount = self.rng.i64(100..5_000) * 10;
            format!(
                "items[0][quantity]={quantity}&items[0][price_data][product]={product}&items[0][price_data][currency]={currency}&items[0][price_data][recurring][interval]={interval}&items[0][price_data][unit_amount]={amount}"
            )
        };
        let id = item["id"].as_str().unwrap();
        let form = format!("items[0][id]={id}&{data}&proration_behavior={proration}");
        let subscription = self.post(path, &form)?;
        let is_billed = proration == "always_invoice" && !self.renews_unseen(&subscription);
        let is_dated = is_billed || subscription["status"] == "trialing";
        Ok(Changed { subscription, is_dated })
    }

    fn delete(&self, path: &str) -> Result<Value, String> {
        let answer = self.sandbox.call(&by_hand(KEYS[0].1, "DELETE", path, ""));
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body.to_string()) }
    }

    fn coupon(&mut self, currency: &str, duration: usize) -> Result<String, String> {
        let off = if self.rng.bool() {
            format!("percent_off={}.{}", self.rng.u8(1..99), ["5", "25", "0"][self.rng.usize(..3)])
        } else {
            format!("amount_off={}&currency={currency}", self.rng.i64(1..300) * 10)
        };
        let coupon = self.post("/v1/coupons", &format!("{off}&{}", DURATIONS[duration]))?;
        Ok(coupon["id"].as_str().unwrap().to_owned())
    }

    fn post(&self, path: &str, form: &str) -> Result<Value, String> {
        let answer = self.sandbox.call(&by_hand(KEYS[0].1, "POST", path, form));
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body["error"]["message"].to_string()) }
    }
}

pub(super) fn plan(tenant: &Tenant, key: &str, trial_days: u32) -> CreatePlan {
    let price = |amount, currency: &str, interval| {
        PriceTerms::new(Money::new(amount, Currency::parse(currency).unwrap()), interval).unwrap()
    };
    CreatePlan {
        app_id: tenant.app_id.clone(),
        key: PlanKey::parse(key).unwrap(),
        payer_kind: PayerKind::User,
        details: PlanDetails {
            trial_days: TrialDays::new(trial_days).unwrap(),
            ..PlanDetails::named(DisplayName::parse(key).unwrap())
        },
        prices: vec![
            price(1_999, "USD", BillingInterval::Month),
            price(19_990, "USD", BillingInterval::Year),
            price(1_201, "JPY", BillingInterval::Month),
            price(4_510, "KWD", BillingInterval::Month),
            price(45_130, "KWD", BillingInterval::Year),
        ],
        features: Vec::new(),
    }
}
