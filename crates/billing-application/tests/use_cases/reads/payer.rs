use serde_json::json;

use crate::prelude::*;
use crate::testing::{app_id, enabled, payer, ports_over, pro, shop, whole, workspace_id};

const PRODUCTION: &str = "env_shop";
const DEVELOPMENT: &str = "env_development";

/// The payer's subscriptions and invoices, newest first.
#[derive(Clone, Default)]
struct Sold {
    subscriptions: Vec<Subscription>,
    invoices: Vec<Invoice>,
    trial_at: Option<Timestamp>,
}

fn environment(id: &str) -> EnvironmentId {
    EnvironmentId::parse(id).unwrap()
}

fn subscription(number: u32, environment: &str, status: &str) -> Subscription {
    serde_json::from_value(json!({
        "id": SubscriptionId::from_uuid(number.into()), "workspaceId": workspace_id(), "appId": app_id(),
        "environmentId": environment, "payer": payer(), "gatewayAccountId": "acct_1",
        "stripeId": format!("sub_{number}"), "customer": "cus_1", "intentId": null, "status": status,
        "planId": pro().plan.id, "priceId": null, "quantity": 1, "startedAt": null, "periodStart": null,
        "periodEnd": null, "trialEnd": null, "cancelAt": null, "canceledAt": null, "endedAt": null,
        "syncedAt": "1970-01-01T00:00:00.000Z",
    }))
    .unwrap()
}

/// An open invoice of the subscription 1, of which nothing was paid.
fn invoice(created_at: &str) -> Invoice {
    let usd = |minor_units: i64| json!({ "minorUnits": minor_units, "currency": "USD" });
    serde_json::from_value(json!({
        "id": InvoiceId::from_uuid(1), "workspaceId": workspace_id(), "appId": app_id(),
        "environmentId": DEVELOPMENT, "payer": payer(), "gatewayAccountId": "acct_1", "stripeId": "in_1",
        "subscriptionId": SubscriptionId::from_uuid(1), "status": "open", "number": null, "total": usd(1250),
        "amountPaid": usd(0), "amountDue": usd(1250), "createdAt": created_at, "paidAt": null, "dueAt": null,
        "hostedUrl": null, "pdfUrl": null, "lines": [], "hasMoreLines": false,
        "syncedAt": "1970-01-01T00:00:00.000Z",
    }))
    .unwrap()
}

/// An invoice of which so much was paid, and so much was given back, if that is known.
fn paid(paid: i64, refunded: Option<i64>, currency: &str) -> Invoice {
    let money = |minor_units| Money::new(minor_units, Currency::parse(currency).unwrap());
    let mut invoice = invoice("1970-01-01T00:00:00.000Z");
    invoice.details.status = InvoiceStatus::Paid;
    (invoice.details.total, invoice.details.amount_paid) = (money(paid), money(paid));
    invoice.details.payments = refunded.map(|refunded| {
        let payment = json!({ "payment": "pi_1", "paid": money(paid), "refunds": [{
            "id": "re_1", "amount": money(refunded), "status": "succeeded", "reason": null,
            "createdAt": "1970-01-01T00:00:00.000Z", "callId": null,
        }]});
        vec![serde_json::from_value(payment).unwrap()]
    });
    invoice
}

/// A store in which this was sold.
fn reads(sold: &Sold) -> Reads {
    let mut store = MockBillingStore::default();
    store.switches.expect_billing_switch().returning(|_| Ok(enabled()));
    store.apps.expect_app().returning(|_, app| {
        let development = Environment { id: environment(DEVELOPMENT), kind: EnvironmentKind::Development };
        let environments = [vec![development], shop().environments].concat();
        Ok(Some(App { environments, ..shop() }).filter(|shop| *app == shop.id))
    });
    let is_in = |asked: Option<&EnvironmentId>, id: &EnvironmentId| asked.is_none_or(|asked| asked == id);
    let Sold { subscriptions, invoices, trial_at } = sold.clone();
    let live: Vec<_> = subscriptions.iter().rev().filter(|it| it.is_live()).cloned().collect();
    let unpaid = invoices.clone();
    store.subscriptions.expect_subscriptions().returning(move |_, _, filter, _, limit| {
        let listed =
            subscriptions.iter().filter(|it| is_in(filter.environment_id.as_ref(), &it.environment_id));
        Ok(whole(listed.take(limit as usize).cloned().collect()))
    });
    store.subscriptions.expect_count_subscriptions().returning(|_, _, _, _| Ok(Counted::bounded(0, 1)));
    store.subscriptions.expect_live_subscriptions_of().returning(move |_, _, _| Ok(live.clone()));
    store.subscriptions.expect_trial_of().returning(move |_, _, _| Ok(trial_at));
    store.invoices.expect_invoices().returning(move |_, _, filter, _, _| {
        let listed = invoices.iter().filter(|it| is_in(filter.environment_id.as_ref(), &it.environment_id));
        Ok(whole(listed.cloned().collect()))
    });
    store.attention.expect_unpaid_invoices().returning(move |_, _, _| Ok(unpaid.clone()));
    store.plans.expect_plan().returning(|_, _, _| Ok(Some(pro())));
    store.plans.expect_default_offer().returning(|_, _, _| Ok(None));
    Reads::new(ports_over(store, Vec::new()))
}

async fn facts(sold: &Sold, environment: Option<&str>) -> PayerFacts {
    let environment = environment.map(self::environment);
    reads(sold).payer(&workspace_id(), &app_id(), payer(), environment.as_ref()).await.unwrap()
}

/// The environment of the access, and why the payer has it.
async fn access(sold: &Sold, environment: Option<&str>) -> (String, AccessReason) {
    let access = facts(sold, environment).await.access;
    (access.environment_id.to_string(), access.reason)
}

fn of(subscriptions: Vec<Subscription>) -> Sold {
    Sold { subscriptions, ..Sold::default() }
}

#[tokio::test]
async fn access_is_that_of_production_if_something_was_sold_there() {
    let sold = of(vec![subscription(2, DEVELOPMENT, "active"), subscription(1, PRODUCTION, "canceled")]);
    assert_eq!(access(&sold, None).await, (PRODUCTION.to_owned(), AccessReason::NoPlan));
    assert_eq!(access(&sold, Some(DEVELOPMENT)).await, (DEVELOPMENT.to_owned(), AccessReason::Subscription));

    let facts = facts(&sold, None).await;
    assert_eq!(
        (facts.live, facts.ended),
        (vec![sold.subscriptions[0].clone()], vec![sold.subscriptions[1].clone()])
    );
}

#[tokio::test]
async fn access_is_that_of_where_something_was_sold() {
    let sold = of(vec![subscription(1, DEVELOPMENT, "trialing")]);
    let access_now = facts(&sold, None).await.access;
    assert_eq!(
        (access_now.environment_id, access_now.reason),
        (environment(DEVELOPMENT), AccessReason::Trial)
    );
    assert_eq!(
        (access_now.subscription_id, access_now.offer),
        (Some(SubscriptionId::from_uuid(1)), Some(pro()))
    );
    assert_eq!(access(&sold, Some(PRODUCTION)).await, (PRODUCTION.to_owned(), AccessReason::NoPlan));

    let tried = Sold { trial_at: Some("1970-01-01T00:00:00.000Z".parse().unwrap()), ..Sold::default() };
    assert_eq!(access(&tried, None).await, (PRODUCTION.to_owned(), AccessReason::NoPlan));
}

#[tokio::test]
async fn a_live_subscription_gives_access_however_many_ended_ones_are_newer() {
    let ended = (2..=101).rev().map(|number| subscription(number, PRODUCTION, "canceled"));
    let sold = of(ended.chain([subscription(1, PRODUCTION, "active")]).collect());
    let facts = facts(&sold, None).await;
    assert_eq!(facts.access.reason, AccessReason::Subscription);
    assert_eq!((facts.live.len(), facts.ended.len()), (1, 100));
}

#[tokio::test]
async fn a_subscription_past_due_gives_access_for_the_days_of_grace() {
    let past_due = |created_at: &str| Sold {
        invoices: vec![invoice(created_at)],
        ..of(vec![subscription(1, DEVELOPMENT, "past_due")])
    };
    let within = facts(&past_due("1970-01-01T00:00:10.000Z"), None).await.access;
    assert_eq!(within.reason, AccessReason::Grace);
    assert_eq!(within.until, Some("1970-01-08T00:00:10.000Z".parse().unwrap()));

    // Seven days before now.
    let beyond = access(&past_due("1969-12-25T00:01:40.000Z"), None).await;
    assert_eq!(beyond, (DEVELOPMENT.to_owned(), AccessReason::NoPlan));
}

#[tokio::test]
async fn a_payer_to_whom_nothing_was_sold_is_absent() {
    let nothing = Sold::default();
    for environment in [None, Some(environment(PRODUCTION))] {
        let refused = reads(&nothing).payer(&workspace_id(), &app_id(), payer(), environment.as_ref()).await;
        assert!(matches!(refused, Err(Refused::Absent(Absent::Payer))), "{refused:?}");
    }
    let charged = Sold { invoices: vec![invoice("1970-01-01T00:00:10.000Z")], ..Sold::default() };
    let elsewhere = facts(&charged, Some(PRODUCTION)).await;
    assert_eq!((elsewhere.invoices, elsewhere.access.reason), (Vec::new(), AccessReason::NoPlan));
    let ended = of(vec![subscription(1, DEVELOPMENT, "canceled")]);
    assert_eq!(facts(&ended, Some(PRODUCTION)).await.ended, []);
}

#[tokio::test]
async fn what_was_given_back_is_not_paid() {
    let sold = Sold {
        invoices: vec![
            paid(1_250, Some(500), "USD"),
            paid(1_000, None, "USD"),
            paid(300, Some(300), "EUR"),
            paid(0, Some(0), "JPY"),
        ],
        ..Sold::default()
    };
    let facts = facts(&sold, None).await;
    let sums: Vec<_> = facts.paid.iter().map(ToString::to_string).collect();
    assert_eq!(sums, ["€0.00", "$17.50"]);
    assert!(!facts.is_paid_cut);
}
