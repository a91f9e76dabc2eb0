//! The lists of subscriptions and invoices by each combination of their filters, and their kept numbers.

use std::sync::Arc;

use billing_domain::SubscriptionStatus::{Active, Canceled, PastDue};
use billing_domain::ports::{BillingStore, Counted, Edge, InvoiceFilter, PayerSearch, SubscriptionFilter};
use billing_domain::{
    EnvironmentId, Invoice, InvoiceId, InvoiceStatus, OrganizationId, Payer, PlanId, Subscription,
    SubscriptionId, SubscriptionState, SubscriptionTimes, UserId,
};
use billing_testing::builders::{app_id, invoice, moment, subscription, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("subscriptions_are_found_by_every_filter", subscriptions_are_found_by_every_filter)
        .on_every_database("invoices_are_found_by_every_filter", invoices_are_found_by_every_filter)
        .on_every_database(
            "the_beginning_of_an_id_is_found_among_all_if_few_have_it",
            the_beginning_of_an_id_is_found_among_all,
        )
}

const ITEMS: u32 = 36;
const LIMIT: u32 = 5;

fn environment(number: u32) -> EnvironmentId {
    EnvironmentId::parse(format!("env_{number}")).unwrap()
}

fn payer(id: &str) -> Payer {
    Payer::Organization(OrganizationId::parse(id).unwrap())
}

fn of_user(id: &str) -> Payer {
    Payer::User(UserId::parse(id).unwrap())
}

/// An underscore and a letter's case are no wildcards.
const PAYERS: [&str; 5] = ["acme", "acme_1", "ACME", "acmeX1", "b"];

fn searches() -> Vec<Option<PayerSearch>> {
    let begins = |text: &str| Some(PayerSearch::Begins(text.to_owned()));
    let is = |id: &str| Some(PayerSearch::Is(id.to_owned()));
    vec![
        None,
        Some(PayerSearch::Payer(payer("acme"))),
        Some(PayerSearch::Payer(of_user("acme"))),
        is("acme"),
        is("acm"),
        begins("acme"),
        begins("acme_"),
        begins("acme_12"),
        begins("\u{131}"),
    ]
}

fn is_of(payer: &Payer, search: Option<&PayerSearch>) -> bool {
    match search {
        None => true,
        Some(PayerSearch::Payer(known)) => payer == known,
        Some(PayerSearch::Is(id)) => payer.id() == id,
        Some(PayerSearch::Begins(text)) => payer.id().starts_with(text.as_str()),
    }
}

fn sold(number: u32) -> Subscription {
    let status = [Active, Canceled, PastDue][number as usize % 3].clone();
    let base = subscription(number, status);
    let cancel_at = (number % 4 < 2).then(moment);
    let times = SubscriptionTimes { cancel_at, ..base.state.times.clone() };
    let plan_id = [Some(PlanId::from_uuid(1)), Some(PlanId::from_uuid(2)), None][number as usize / 3 % 3];
    Subscription {
        environment_id: environment(number / 5 % 2),
        payer: if number.is_multiple_of(7) { of_user("acme") } else { payer(PAYERS[number as usize % 5]) },
        state: SubscriptionState { plan_id, times, ..base.state },
        ..base
    }
}

async fn subscriptions_are_found_by_every_filter(database: TestDatabase) {
    let store = with_app(&database).await;
    let all: Vec<_> = (0..ITEMS).rev().map(sold).collect();
    for saved in &all {
        transact(&store, |work| work.subscriptions().save_subscription(saved)).await.unwrap();
    }
    let mut found = 0;
    for (status, is_ending) in [(None, false), (Some(Active), false), (None, true), (Some(PastDue), true)] {
        for plan_id in [None, Some(PlanId::from_uuid(1)), Some(PlanId::from_uuid(9))] {
            for environment_id in [None, Some(environment(1))] {
                for payer in searches() {
                    let environment_id = environment_id.clone();
                    let filter = SubscriptionFilter {
                        status: status.clone(),
                        is_ending,
                        plan_id,
                        environment_id,
                        payer,
                    };
                    let expected =
                        all.iter().filter(|it| has(it, &filter)).map(|it| it.id).collect::<Vec<_>>();
                    assert_eq!(listed(&store, &filter).await, expected, "{filter:?}");
                    found += expected.len();
                }
            }
        }
    }
    assert!(found > 200, "{found}");
}

fn has(subscription: &Subscription, filter: &SubscriptionFilter) -> bool {
    let state = &subscription.state;
    filter.status.as_ref().is_none_or(|status| state.status == *status)
        && (!filter.is_ending || subscription.is_ending())
        && filter.plan_id.is_none_or(|plan| state.plan_id == Some(plan))
        && filter.environment_id.as_ref().is_none_or(|id| subscription.environment_id == *id)
        && is_of(&subscription.payer, filter.payer.as_ref())
}

/// All pages of the list, whose numbers and pages back are checked.
async fn listed(store: &Arc<dyn BillingStore>, filter: &SubscriptionFilter) -> Vec<SubscriptionId> {
    let reader = store.subscriptions();
    let (workspace, app) = (workspace_id(), app_id());
    let part = async |edge| {
        let part = reader.subscriptions(&workspace, &app, filter, edge, LIMIT).await.unwrap();
        assert!(!part.is_cut);
        part.items.into_iter().map(|subscription| subscription.id).collect::<Vec<_>>()
    };
    let mut ids = part(Edge::Newest).await;
    while let Some(last) = ids.last().copied() {
        let next = part(Edge::OlderThan(last)).await;
        if next.is_empty() {
            break;
        }
        let back = part(Edge::NewerThan(next[0])).await;
        assert!(ids.ends_with(&back), "{filter:?}");
        ids.extend(next);
    }
    let total = ids.len() as u64;
    for (newer, than) in [(0, None), (total / 2, ids.get(ids.len() / 2).copied())] {
        let counted = reader.count_subscriptions(&workspace, &app, filter, than).await.unwrap();
        assert_eq!(counted, Counted { newer, total, is_exact: true }, "{filter:?}");
    }
    ids
}

fn charged(number: u32) -> Invoice {
    let status =
        [InvoiceStatus::Paid, InvoiceStatus::Open, InvoiceStatus::Draft][number as usize % 3].clone();
    Invoice {
        environment_id: environment(number / 5 % 2),
        payer: if number.is_multiple_of(7) { of_user("acme") } else { payer(PAYERS[number as usize % 5]) },
        subscription_id: (!number.is_multiple_of(4)).then(|| SubscriptionId::from_uuid((number % 4).into())),
        ..invoice(number, status)
    }
}

async fn invoices_are_found_by_every_filter(database: TestDatabase) {
    let store = with_app(&database).await;
    let all: Vec<_> = (0..ITEMS).rev().map(charged).collect();
    for saved in &all {
        transact(&store, |work| work.invoices().save_invoice(saved)).await.unwrap();
    }
    let mut found = 0;
    for status in [None, Some(InvoiceStatus::Open), Some(InvoiceStatus::Void)] {
        for subscription_id in [None, Some(SubscriptionId::from_uuid(1))] {
            for environment_id in [None, Some(environment(1))] {
                for payer in searches() {
                    let environment_id = environment_id.clone();
                    let filter =
                        InvoiceFilter { status: status.clone(), subscription_id, environment_id, payer };
                    let is_listed = |invoice: &&Invoice| {
                        filter.status.as_ref().is_none_or(|status| invoice.details.status == *status)
                            && subscription_id.is_none_or(|id| invoice.subscription_id == Some(id))
                            && filter.environment_id.as_ref().is_none_or(|id| invoice.environment_id == *id)
                            && is_of(&invoice.payer, filter.payer.as_ref())
                    };
                    let expected = all.iter().filter(is_listed).map(|it| it.id).collect::<Vec<_>>();
                    assert_eq!(charged_listed(&store, &filter).await, expected, "{filter:?}");
                    found += expected.len();
                }
            }
        }
    }
    assert!(found > 100, "{found}");
}

async fn charged_listed(store: &Arc<dyn BillingStore>, filter: &InvoiceFilter) -> Vec<InvoiceId> {
    let reader = store.invoices();
    let (workspace, app) = (workspace_id(), app_id());
    let list = reader.invoices(&workspace, &app, filter, Edge::Newest, ITEMS).await.unwrap();
    let ids: Vec<_> = list.items.into_iter().map(|invoice| invoice.id).collect();
    let total = ids.len() as u64;
    for (newer, than) in [(0, None), (total / 2, ids.get(ids.len() / 2).copied())] {
        let counted = reader.count_invoices(&workspace, &app, filter, than).await.unwrap();
        assert_eq!(counted, Counted { newer, total, is_exact: true }, "{filter:?}");
    }
    ids
}

async fn the_beginning_of_an_id_is_found_among_all(database: TestDatabase) {
    let store = with_app(&database).await;
    let old = Invoice { payer: payer("a_old"), ..invoice(0, InvoiceStatus::Paid) };
    transact(&store, |work| work.invoices().save_invoice(&old)).await.unwrap();
    let columns =
        "workspace_id, app_id, environment_id, payer_kind, gateway_account_id, status, details, synced_at";
    let id = if database.url.starts_with("sqlite") {
        "substr(invoice_id, 1, 26) || substr('000' || copy, -4)"
    } else {
        "left(invoice_id, 26) || lpad(copy::text, 4, '0')"
    };
    let copies = format!(
        "INSERT INTO invoices ({columns}, invoice_id, stripe_invoice_id, payer_id)
        WITH RECURSIVE copies (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {})
        SELECT {columns}, {id}, stripe_invoice_id || copy, 'a_new' FROM invoices, copies",
        PayerSearch::SCANNED - 1
    );
    raw::execute(&database.url, &copies).await;
    let found = async |text: &str, status: Option<InvoiceStatus>| {
        let payer = Some(PayerSearch::Begins(text.to_owned()));
        let filter = InvoiceFilter { status, payer, ..InvoiceFilter::default() };
        let (workspace, app) = (workspace_id(), app_id());
        let edge = Edge::NewerThan(InvoiceId::from_uuid(0));
        let oldest = store.invoices().invoices(&workspace, &app, &filter, Edge::Newest, 1).await.unwrap();
        let newer = store.invoices().invoices(&workspace, &app, &filter, edge, 1).await.unwrap();
        let counted = store.invoices().count_invoices(&workspace, &app, &filter, None).await.unwrap();
        (oldest.items.len() + newer.items.len(), oldest.is_cut, counted.total)
    };
    // As many as are looked at: all of them are.
    assert_eq!(found("a", None).await, (2, false, 1_000));
    assert_eq!(found("a_old", None).await, (1, false, 1));

    let newest = Invoice { payer: payer("a_new"), ..invoice(1_000_000, InvoiceStatus::Open) };
    transact(&store, |work| work.invoices().save_invoice(&newest)).await.unwrap();
    let other = Invoice { payer: payer("b"), ..invoice(1_000_001, InvoiceStatus::Open) };
    transact(&store, |work| work.invoices().save_invoice(&other)).await.unwrap();

    // More have the beginning: the newest of the list are looked at.
    assert_eq!(found("a", None).await, (2, true, 1_000));
    assert_eq!(found("a", Some(InvoiceStatus::Open)).await, (2, false, 1));
    assert_eq!(found("a_old", None).await, (1, false, 1));
    assert_eq!(found("a_ol", Some(InvoiceStatus::Open)).await, (0, false, 0));
}
