//! Changes of plan, interval and seats: their previews against the invoices that follow.

use billing_domain::{
    BillingInterval, ChangeBilling, Currency, GatewayCommand, ItemChange, Money, PreviewedInvoice, PriceId,
    PriceTerms, StripeId, StripeSubscriptionId,
    ports::{GatewayCalls, GatewayReads, SentCall},
};
use serde_json::{Value, json};

use crate::shop::{Shop, id, new_product};

const DAY: i64 = 86_400;
/// Amounts of a small and of a large price that end in odd digits, where the currency has them.
const CURRENCIES: [(&str, i64, i64); 4] =
    [("USD", 1_999, 7_301), ("JPY", 1_999, 7_301), ("HUF", 199_900, 730_100), ("KWD", 1_990, 7_310)];

/// A subscription to a monthly price, made at Stripe.
struct Subscribed {
    shop: Shop,
    customer: StripeId,
    product: StripeId,
    subscription: StripeSubscriptionId,
    item: StripeId,
}

impl Subscribed {
    async fn to(minor_units: i64, currency: &str, seats: u32, more: &[(&str, &str)]) -> Self {
        let shop = Shop::open().await;
        let customer = shop.customer().await;
        pays_with(&shop, &customer, "pm_card_visa").await;
        let product = shop.done(&new_product()).await;
        let price = price(&shop, &product, minor_units, currency, BillingInterval::Month).await;
        let seats = seats.to_string();
        let form = [
            ("customer", customer.as_str()),
            ("items[0][price]", price.as_str()),
            ("items[0][quantity]", &seats),
        ];
        let made = shop.post("/v1/subscriptions", &[form.as_slice(), more].concat()).await;
        let subscription = StripeSubscriptionId::parse(made["id"].as_str().unwrap()).unwrap();
        let item = id(made["items"]["data"][0]["id"].as_str().unwrap());
        Self { shop, customer, product, subscription, item }
    }

    async fn price(&self, minor_units: i64, currency: &str, interval: BillingInterval) -> StripeId {
        price(&self.shop, &self.product, minor_units, currency, interval).await
    }

    fn change(&self, price: Option<&StripeId>, quantity: u32, restarts: bool) -> ItemChange {
        ItemChange {
            subscription: self.subscription.clone(),
            item: self.item.clone(),
            price: price.cloned(),
            quantity,
            billing: ChangeBilling::Invoiced { as_of: None, restarts },
        }
    }

    async fn preview(&self, change: &ItemChange) -> PreviewedInvoice {
        self.shop.gateway.previewed_change(&self.shop.account, change).await.unwrap()
    }

    /// Previews a change, makes it some minutes later, and compares the invoice with the preview.
    async fn makes(&self, mut change: ItemChange) -> PreviewedInvoice {
        let preview = self.preview(&change).await;
        let ChangeBilling::Invoiced { as_of, .. } = &mut change.billing else { panic!("{change:?}") };
        assert!(preview.as_of.is_some());
        *as_of = preview.as_of;
        self.passes(10 * 60).await;
        let held = self.preview(&change).await;
        let cost = |of: &PreviewedInvoice| (of.as_of, of.total, of.amount_due);
        assert_eq!(cost(&held), cost(&preview), "it holds as of its moment");

        self.shop.done(&GatewayCommand::ChangePlan(change)).await;

        let invoice = self.latest_invoice().await;
        let invoice = self.shop.gateway.invoice(&self.shop.account, &invoice).await.unwrap().unwrap().details;
        let paid = (invoice.total, invoice.amount_due, invoice.lines.len());
        assert_eq!(paid, (preview.total, preview.amount_due, preview.lines.len()));
        assert_eq!(invoice.status.as_str(), "paid");
        let amounts = |lines: &[billing_domain::InvoiceLine]| -> Vec<_> {
            lines.iter().map(|line| (line.description.clone(), line.amount)).collect()
        };
        assert_eq!(amounts(&invoice.lines), amounts(&preview.lines));
        preview
    }

    async fn passes(&self, seconds: i64) {
        self.shop.control("clock", &json!({ "advanceSeconds": seconds })).await;
    }

    async fn read(&self) -> Value {
        self.shop.get(&format!("/v1/subscriptions/{}", self.subscription)).await
    }

    async fn latest_invoice(&self) -> StripeId {
        id(self.read().await["latest_invoice"].as_str().unwrap())
    }
}

async fn price(
    shop: &Shop,
    product: &StripeId,
    minor_units: i64,
    currency: &str,
    interval: BillingInterval,
) -> StripeId {
    let amount = Money::new(minor_units, Currency::parse(currency).unwrap());
    let terms = PriceTerms::new(amount, interval).unwrap();
    let (price_id, product) = (PriceId::from_uuid(1), product.clone());
    shop.done(&GatewayCommand::CreatePrice { price_id, product, terms }).await
}

async fn pays_with(shop: &Shop, customer: &StripeId, card: &str) {
    let customer = customer.as_str();
    let method = shop.post(&format!("/v1/payment_methods/{card}/attach"), &[("customer", customer)]).await;
    let method = [("invoice_settings[default_payment_method]", method["id"].as_str().unwrap())];
    shop.post(&format!("/v1/customers/{customer}"), &method).await;
}

#[tokio::test]
async fn upgrade_in_mid_period_costs_what_its_preview_says() {
    for (currency, small, large) in CURRENCIES {
        let sold = Subscribed::to(small, currency, 1, &[]).await;
        sold.passes(11 * DAY + 4_321).await;
        let price = sold.price(large, currency, BillingInterval::Month).await;
        let preview = sold.makes(sold.change(Some(&price), 1, false)).await;
        assert!(preview.total.minor_units() > 0 && preview.amount_due == preview.total, "{preview:?}");
        assert_eq!(sold.read().await["items"]["data"][0]["price"]["id"], price.as_str());
    }
}

#[tokio::test]
async fn change_to_yearly_begins_a_new_period_as_previewed() {
    for (currency, small, large) in CURRENCIES {
        let sold = Subscribed::to(small, currency, 1, &[]).await;
        sold.passes(11 * DAY + 4_321).await;
        let price = sold.price(large, currency, BillingInterval::Year).await;
        let preview = sold.makes(sold.change(Some(&price), 1, true)).await;
        let full = preview.lines.iter().find(|line| line.amount.minor_units() > 0).unwrap();
        assert_eq!(full.amount.minor_units(), large, "{preview:?}");
        let days = (full.period_end - full.period_start).num_days();
        assert_eq!(days, 365, "{preview:?}");
    }
}

#[tokio::test]
async fn seats_are_added_and_taken_away_as_previewed() {
    for (currency, small, _) in CURRENCIES {
        let sold = Subscribed::to(small, currency, 5, &[]).await;
        sold.passes(7 * DAY + 1_234).await;
        let more = sold.makes(sold.change(None, 8, false)).await;
        assert!(more.amount_due.minor_units() > 0, "{more:?}");
        sold.passes(5 * DAY).await;

        let fewer = sold.makes(sold.change(None, 3, false)).await;

        assert!(fewer.total.minor_units() < 0, "{fewer:?}");
        assert_eq!(fewer.amount_due.minor_units(), 0);
        let customer = sold.shop.get(&format!("/v1/customers/{}", sold.customer)).await;
        let credit = Money::from_stripe(customer["balance"].as_i64().unwrap(), fewer.total.currency());
        assert_eq!(credit.unwrap(), fewer.total, "the rest is credit for the next invoices");
        assert_eq!(sold.read().await["items"]["data"][0]["quantity"], 3);
        // Which the next change uses up.
        sold.passes(DAY).await;
        let next = sold.makes(sold.change(None, 4, false)).await;
        assert!(next.amount_due.minor_units() < next.total.minor_units(), "{next:?}");
    }
}

#[tokio::test]
async fn declined_card_changes_nothing() {
    let sold = Subscribed::to(1_000, "USD", 1, &[]).await;
    sold.passes(5 * DAY).await;
    pays_with(&sold.shop, &sold.customer, "pm_card_chargeCustomerFail").await;
    let invoice = sold.latest_invoice().await;

    let refused = sold.shop.sent(&GatewayCommand::ChangePlan(sold.change(None, 9, false))).await;

    let SentCall::Refused { reason, .. } = refused else { panic!("{refused:?}") };
    assert!(reason.contains("declined"), "{reason}");
    let after = sold.read().await;
    assert_eq!((&after["items"]["data"][0]["quantity"], &after["status"]), (&json!(1), &json!("active")));
    assert_eq!(sold.latest_invoice().await, invoice);
    assert_eq!(sold.shop.count("/v1/invoices").await, 1, "nothing is left to be paid");
}

#[tokio::test]
async fn change_in_a_trial_bills_nothing() {
    let end = (crate::shop::NEW_YEAR + 14 * DAY).to_string();
    let sold = Subscribed::to(1_000, "USD", 1, &[("trial_end", &end)]).await;
    let before = (sold.latest_invoice().await, sold.shop.count("/v1/invoices").await);
    let price = sold.price(9_000, "USD", BillingInterval::Year).await;
    let change = ItemChange { billing: ChangeBilling::Nothing, ..sold.change(Some(&price), 2, false) };

    sold.shop.done(&GatewayCommand::ChangePlan(change)).await;

    let after = sold.read().await;
    assert_eq!((&after["status"], after["trial_end"].to_string()), (&json!("trialing"), end));
    assert_eq!((sold.latest_invoice().await, sold.shop.count("/v1/invoices").await), before);
}

#[tokio::test]
async fn change_is_known_by_the_call_that_made_it() {
    let sold = Subscribed::to(1_000, "USD", 1, &[("metadata[kl_call_id]", "another")]).await;
    let gateway = &sold.shop.gateway;
    let command = GatewayCommand::ChangePlan(sold.change(None, 2, false));
    let call = sold.shop.prepared(&command);
    assert_eq!(gateway.object_of(&call).await.unwrap(), None);

    for _ in 0..2 {
        assert_eq!(
            gateway.send(&call, true).await.unwrap(),
            SentCall::Done(sold.subscription.clone().into())
        );
    }

    assert_eq!(gateway.object_of(&call).await.unwrap(), Some(sold.subscription.clone().into()));
    assert_eq!(sold.shop.count("/v1/invoices").await, 2, "the first one, and one for the change");
}

#[tokio::test]
async fn subscription_tells_what_a_change_of_plan_needs() {
    let sold = Subscribed::to(1_000, "USD", 3, &[]).await;
    let (gateway, account) = (&sold.shop.gateway, &sold.shop.account);
    let read = async || gateway.changeable_subscription(account, &sold.subscription).await.unwrap().unwrap();
    let found = read().await;
    assert_eq!(found.item_to_change(), Ok(&sold.item));
    assert!(
        found.is_charged_automatically && !found.is_collection_paused && found.mirrored.schedule.is_none()
    );
    assert_eq!(Some(found.mirrored), gateway.subscription(account, &sold.subscription).await.unwrap());

    let path = format!("/v1/subscriptions/{}", sold.subscription);
    sold.shop.post(&path, &[("pause_collection[behavior]", "void")]).await;
    assert!(read().await.is_collection_paused);
    let schedule = [("from_subscription", sold.subscription.as_str())];
    let schedule = sold.shop.post("/v1/subscription_schedules", &schedule).await;
    assert_eq!(read().await.mirrored.schedule.unwrap().id, id(schedule["id"].as_str().unwrap()));
}
