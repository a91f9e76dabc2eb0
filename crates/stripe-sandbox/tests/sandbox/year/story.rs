//! What happens in the year, and what must be billed for it.

use serde_json::Value;

use super::figures::Figures;
use crate::{
    client::Client,
    sandbox,
    subscriber::{Invoice, Subscriber, line, proration},
};

// Ends of periods, each at 9:30:00 UTC. The trial's end on the 31st is the anchor.
const JAN_17: i64 = 1_768_642_200;
const JAN_31: i64 = 1_769_851_800;
const FEB_28: i64 = 1_772_271_000;
const MAR_31: i64 = 1_774_949_400;
const APR_30: i64 = 1_777_541_400;
const MAY_31: i64 = 1_780_219_800;
const JUN_30: i64 = 1_782_811_800;
const JUL_31: i64 = 1_785_490_200;
const AUG_31: i64 = 1_788_168_600;

/// 15 March, 17:03:21.
const UPGRADE: i64 = 1_773_594_201;
/// 9 May, 6:00:00.
const DOWNGRADE: i64 = 1_778_306_400;
/// 10 August, 0:00:00.
const CANCEL: i64 = 1_786_320_000;

// The return, at 14:00:00 each.
const OCT_5: i64 = 1_791_208_800;
const NOV_5: i64 = 1_793_887_200;
const DEC_5: i64 = 1_796_479_200;
const JAN_5: i64 = 1_799_157_600;
/// 31 December, 0:00:00.
const NEW_YEARS_EVE: i64 = 1_798_675_200;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

const CREATED: &str = "subscription_create";
const CYCLE: &str = "subscription_cycle";
const UPDATED: &str = "subscription_update";

const PAID: &[&str] = &["invoice.finalized", "invoice.paid"];
const CHARGED: &[&str] = &["charge.succeeded", "invoice.payment_succeeded"];

pub async fn a_year(figures: &Figures) {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", figures.currency, figures.basic).await;
    let pro = client.monthly_price("Pro", figures.currency, figures.pro).await;
    client.advance_to(JAN_17).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.emitted(&[]).await;

    trial(&mut subscriber, &basic).await;
    first_payment(&mut subscriber, figures).await;
    upgrade(&mut subscriber, figures, &pro).await;
    failed_renewal(&mut subscriber, figures).await;
    recovery(&mut subscriber, figures).await;
    downgrade(&mut subscriber, figures, &basic).await;
    balance_is_used_up(&mut subscriber, figures).await;
    cancel_at_period_end(&mut subscriber, figures).await;
    comes_back(&mut subscriber, figures, &pro).await;
    assert_eq!(charged(&subscriber).await, figures.year);
    sandbox.stop().await;
}

async fn trial(subscriber: &mut Subscriber, basic: &str) {
    subscriber.subscribe(basic, &[("trial_period_days", "14")]).await;
    subscriber.is("trialing", JAN_17, JAN_31).await;
    let subscription = subscriber.read().await;
    assert_eq!((&subscription["trial_start"], &subscription["trial_end"]), (&JAN_17.into(), &JAN_31.into()));
    subscriber.has_invoices(1, &Invoice::paid(CREATED, 0, vec![line(0, JAN_17, JAN_31)])).await;
    let started =
        [&["customer.subscription.created"][..], &["invoice.created", "invoice.finalized", "invoice.paid"]];
    refuse_kind(&subscriber.emitted(&started).await, "charge.succeeded");

    subscriber.client.advance_to(JAN_31 - 3 * DAY - 1).await;
    refuse_kind(&subscriber.emitted(&[]).await, "customer.subscription.trial_will_end");
    subscriber.client.advance_to(JAN_31 - 3 * DAY).await;
    subscriber.emitted(&[&["customer.subscription.trial_will_end"]]).await;
}

async fn first_payment(subscriber: &mut Subscriber, figures: &Figures) {
    let january = || vec![line(figures.basic, JAN_31, FEB_28)];
    subscriber.client.advance_to(JAN_31).await;
    // The anchor's day 31 does not exist in February.
    subscriber.is("active", JAN_31, FEB_28).await;
    subscriber.has_invoices(2, &Invoice::draft(CYCLE, figures.basic, january())).await;
    let events = subscriber.emitted(&[&["customer.subscription.updated"], &["invoice.created"]]).await;
    assert_eq!(previous_status(&events), "trialing");
    refuse_kind(&events, "invoice.finalized");

    subscriber.client.advance_to(JAN_31 + HOUR - 1).await;
    subscriber.has_invoices(2, &Invoice::draft(CYCLE, figures.basic, january())).await;
    subscriber.client.advance_to(JAN_31 + HOUR).await;
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, figures.basic, january())).await;
    subscriber.emitted(&[PAID, CHARGED]).await;

    subscriber.client.advance_to(FEB_28 + HOUR).await;
    // Back on the anchor's day 31.
    subscriber.is("active", FEB_28, MAR_31).await;
    let february = vec![line(figures.basic, FEB_28, MAR_31)];
    subscriber.has_invoices(3, &Invoice::paid(CYCLE, figures.basic, february)).await;
    subscriber
        .emitted(&[
            &["customer.subscription.updated"],
            &["invoice.created", "invoice.finalized", "invoice.paid"],
        ])
        .await;
}

async fn upgrade(subscriber: &mut Subscriber, figures: &Figures, pro: &str) {
    subscriber.client.advance_to(UPGRADE).await;
    subscriber.change_price(pro, "create_prorations").await;
    subscriber.is("active", FEB_28, MAR_31).await;
    assert_eq!(subscriber.invoices().await.len(), 3, "prorations wait for the next invoice");
    let changed: [&[&str]; 2] =
        [&["invoiceitem.created", "invoiceitem.created"], &["customer.subscription.updated"]];
    subscriber.emitted(&changed).await;

    subscriber.client.advance_to(MAR_31 + HOUR).await;
    subscriber.is("active", MAR_31, APR_30).await;
    let lines = vec![
        proration(figures.upgrade_credit, UPGRADE, MAR_31),
        proration(figures.upgrade_charge, UPGRADE, MAR_31),
        line(figures.pro, MAR_31, APR_30),
    ];
    subscriber.has_invoices(4, &Invoice::paid(CYCLE, figures.after_upgrade, lines)).await;
    subscriber.emitted(&[&["invoice.created", "invoice.finalized", "invoice.paid"], CHARGED]).await;
}

async fn failed_renewal(subscriber: &mut Subscriber, figures: &Figures) {
    let unpaid = || Invoice::open(CYCLE, figures.pro, vec![line(figures.pro, APR_30, MAY_31)]);
    subscriber.client.replace_card(&subscriber.customer, "pm_card_chargeCustomerFail").await;
    subscriber.client.advance_to(APR_30).await;
    // Nobody has tried to pay yet.
    subscriber.is("active", APR_30, MAY_31).await;
    subscriber.emitted(&[&["invoice.created"]]).await;

    subscriber.client.advance_to(APR_30 + HOUR).await;
    subscriber.is("past_due", APR_30, MAY_31).await;
    let first = subscriber.has_invoices(5, &unpaid()).await;
    assert_attempts(&first, 1, APR_30 + HOUR + 3 * DAY);
    let failed: [&[&str]; 2] = [
        &["invoice.finalized", "charge.failed", "invoice.payment_failed"],
        &["invoice.finalized", "customer.subscription.updated"],
    ];
    let events = subscriber.emitted(&failed).await;
    assert_eq!(previous_status(&events), "active");
    refuse_kind(&events, "invoice.paid");

    subscriber.client.advance_to(APR_30 + HOUR + 3 * DAY).await;
    let second = subscriber.has_invoices(5, &unpaid()).await;
    assert_attempts(&second, 2, APR_30 + HOUR + 8 * DAY);
    subscriber.is("past_due", APR_30, MAY_31).await;
    subscriber.emitted(&[&["charge.failed", "invoice.payment_failed"]]).await;
}

async fn recovery(subscriber: &mut Subscriber, figures: &Figures) {
    subscriber.client.replace_card(&subscriber.customer, "pm_card_visa").await;
    subscriber.client.advance_to(APR_30 + HOUR + 8 * DAY - 1).await;
    subscriber.is("past_due", APR_30, MAY_31).await;
    subscriber.client.advance_to(APR_30 + HOUR + 8 * DAY).await;
    subscriber.is("active", APR_30, MAY_31).await;
    let april = Invoice::paid(CYCLE, figures.pro, vec![line(figures.pro, APR_30, MAY_31)]);
    let invoice = subscriber.has_invoices(5, &april).await;
    assert_eq!((&invoice["attempt_count"], &invoice["next_payment_attempt"]), (&3.into(), &Value::Null));
    let events = subscriber
        .emitted(&[&["charge.succeeded", "invoice.paid"], &["customer.subscription.updated"]])
        .await;
    assert_eq!(previous_status(&events), "past_due");
}

async fn downgrade(subscriber: &mut Subscriber, figures: &Figures, basic: &str) {
    subscriber.client.advance_to(DOWNGRADE).await;
    subscriber.change_price(basic, "always_invoice").await;
    subscriber.is("active", APR_30, MAY_31).await;
    let lines = vec![
        proration(figures.downgrade_credit, DOWNGRADE, MAY_31),
        proration(figures.downgrade_charge, DOWNGRADE, MAY_31),
    ];
    // Nothing is due or paid: the credit goes to the balance.
    let credit = Invoice {
        due: 0,
        paid: 0,
        ending_balance: Some(figures.downgrade),
        ..Invoice::paid(UPDATED, figures.downgrade, lines)
    };
    subscriber.has_invoices(6, &credit).await;
    assert_eq!(subscriber.balance().await, figures.downgrade);
    let events = subscriber.emitted(&[&["invoice.created", "invoice.finalized", "invoice.paid"]]).await;
    refuse_kind(&events, "charge.succeeded");
}

async fn balance_is_used_up(subscriber: &mut Subscriber, figures: &Figures) {
    subscriber.client.advance_to(MAY_31 + HOUR).await;
    subscriber.is("active", MAY_31, JUN_30).await;
    let may = Invoice {
        due: 0,
        paid: 0,
        starting_balance: figures.downgrade,
        ending_balance: Some(figures.balance_after_may),
        ..Invoice::paid(CYCLE, figures.basic, vec![line(figures.basic, MAY_31, JUN_30)])
    };
    subscriber.has_invoices(7, &may).await;
    assert_eq!(subscriber.balance().await, figures.balance_after_may);
    refuse_kind(&subscriber.emitted(&[PAID]).await, "charge.succeeded");

    subscriber.client.advance_to(JUN_30 + HOUR).await;
    subscriber.is("active", JUN_30, JUL_31).await;
    let june = Invoice {
        due: figures.june,
        paid: figures.june,
        starting_balance: figures.balance_after_may,
        ..Invoice::paid(CYCLE, figures.basic, vec![line(figures.basic, JUN_30, JUL_31)])
    };
    subscriber.has_invoices(8, &june).await;
    assert_eq!(subscriber.balance().await, 0);
    subscriber.emitted(&[PAID, CHARGED]).await;
}

async fn cancel_at_period_end(subscriber: &mut Subscriber, figures: &Figures) {
    subscriber.client.advance_to(CANCEL).await;
    let july = Invoice::paid(CYCLE, figures.basic, vec![line(figures.basic, JUL_31, AUG_31)]);
    subscriber.has_invoices(9, &july).await;
    subscriber.emitted(&[]).await;
    let leaving = subscriber.update(&[("cancel_at_period_end", "true")]).await;
    assert_eq!((&leaving["cancel_at"], &leaving["canceled_at"]), (&AUG_31.into(), &CANCEL.into()));
    subscriber.is("active", JUL_31, AUG_31).await;
    subscriber.emitted(&[&["customer.subscription.updated"]]).await;

    subscriber.client.advance_to(AUG_31 - 1).await;
    subscriber.is("active", JUL_31, AUG_31).await;
    subscriber.client.advance_to(AUG_31 + 2 * DAY).await;
    let left = subscriber.read().await;
    assert_eq!((&left["status"], &left["ended_at"]), (&"canceled".into(), &AUG_31.into()));
    assert_eq!(left["canceled_at"], CANCEL);
    let events = subscriber.emitted(&[&["customer.subscription.deleted"]]).await;
    refuse_kind(&events, "invoice.created");
    subscriber.has_invoices(9, &july).await;
}

async fn comes_back(subscriber: &mut Subscriber, figures: &Figures, pro: &str) {
    subscriber.client.advance_to(OCT_5).await;
    subscriber.subscribe(pro, &[]).await;
    subscriber.is("active", OCT_5, NOV_5).await;
    let october = Invoice::paid(CREATED, figures.pro, vec![line(figures.pro, OCT_5, NOV_5)]);
    subscriber.has_invoices(10, &october).await;
    let paid: [&[&str]; 3] = [
        &["customer.subscription.created"],
        &["invoice.created", "invoice.finalized", "invoice.paid"],
        CHARGED,
    ];
    subscriber.emitted(&paid).await;

    subscriber.client.advance_to(NEW_YEARS_EVE).await;
    subscriber.is("active", DEC_5, JAN_5).await;
    let invoices = subscriber.invoices().await;
    assert_eq!((invoices[10]["lines"]["data"][0]["period"]["start"]).as_i64(), Some(NOV_5));
    let december = Invoice::paid(CYCLE, figures.pro, vec![line(figures.pro, DEC_5, JAN_5)]);
    subscriber.has_invoices(12, &december).await;
}

async fn charged(subscriber: &Subscriber) -> i64 {
    let path = format!("/v1/charges?limit=100&customer={}", subscriber.customer);
    let charges = subscriber.client.get(&path).await.ok()["data"].as_array().unwrap().clone();
    let failed = charges.iter().filter(|charge| charge["status"] == "failed").count();
    assert_eq!(failed, 2, "the renewal of 30 April was refused twice");
    let succeeded = charges.iter().filter(|charge| charge["status"] == "succeeded");
    succeeded.map(|charge| charge["amount"].as_i64().unwrap()).sum()
}

fn assert_attempts(invoice: &Value, count: i64, next: i64) {
    let found = (&invoice["attempt_count"], &invoice["next_payment_attempt"]);
    assert_eq!(found, (&count.into(), &next.into()));
    assert_eq!(invoice["attempted"], true);
}

/// The status before the last event that changed it.
fn previous_status(events: &[Value]) -> &str {
    let changes = events.iter().filter(|event| event["type"] == "customer.subscription.updated");
    let mut statuses = changes.filter_map(|event| event["data"]["previous_attributes"]["status"].as_str());
    statuses.next_back().expect("the status of the subscription changed")
}

fn refuse_kind(events: &[Value], kind: &str) {
    assert!(events.iter().all(|event| event["type"] != kind), "{kind} has no place here");
}
