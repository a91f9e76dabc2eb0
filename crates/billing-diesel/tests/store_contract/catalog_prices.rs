use std::sync::Arc;
use std::time::Duration;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{BillingInterval, Plan, Price, PriceTerms};
use billing_testing::builders::{app_id, moment, plan, price, price_terms, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{
    add_plan, add_price, assert_conflict, assert_corrupt, assert_refused, locked, transact, with_app,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_price_reads_back_exactly", a_price_reads_back_exactly)
        .on_every_database(
            "a_plan_is_offered_at_one_price_per_currency_and_interval",
            a_plan_is_offered_at_one_price_per_currency_and_interval,
        )
        .on_every_database("archiving_a_price_changes_nothing_else", archiving_a_price_changes_nothing_else)
        .on_every_database("a_price_is_archived_once", a_price_is_archived_once)
        .on_every_database("a_price_needs_its_plan", a_price_needs_its_plan)
        .on_every_database("a_corrupt_price_is_named", a_corrupt_price_is_named)
}

async fn with_plan(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let store = with_app(database).await;
    add_plan(&store, &plan(1)).await;
    store
}

async fn insert(store: &Arc<dyn BillingStore>, price: &Price) -> Result<(), StoreError> {
    let workspace = workspace_id();
    transact(store, |work| work.plans().insert_price(&workspace, price)).await
}

async fn archive(store: &Arc<dyn BillingStore>, price: &Price) -> Result<(), StoreError> {
    let workspace = workspace_id();
    transact(store, |work| work.plans().save_price(&workspace, price)).await
}

async fn prices_of(store: &Arc<dyn BillingStore>, plan: &Plan) -> Vec<Price> {
    store.plans().plan(&workspace_id(), &app_id(), plan.id).await.unwrap().unwrap().prices
}

fn at(number: u32, terms: PriceTerms) -> Price {
    Price { terms, ..price(number, &plan(1)) }
}

fn archived(price: &Price) -> Price {
    Price { archived_at: Some(moment()), ..*price }
}

async fn a_price_reads_back_exactly(database: TestDatabase) {
    let store = with_plan(&database).await;
    let prices = [
        at(1, price_terms(PriceTerms::LARGEST_AMOUNT, "KWD", BillingInterval::Year)),
        archived(&at(2, price_terms(1, "JPY", BillingInterval::Month))),
    ];
    for price in &prices {
        add_price(&store, &plan(1), price).await;
    }

    assert_eq!(prices_of(&store, &plan(1)).await, prices);
    let mut work = locked(&store).await;
    let offer = work.plans().plan_to_change(&workspace_id(), &app_id(), plan(1).id).await.unwrap().unwrap();
    assert_eq!(offer.prices, prices);
}

async fn a_plan_is_offered_at_one_price_per_currency_and_interval(database: TestDatabase) {
    let store = with_plan(&database).await;
    add_plan(&store, &plan(2)).await;
    let monthly = at(1, price_terms(900, "USD", BillingInterval::Month));
    add_price(&store, &plan(1), &monthly).await;
    let dearer = at(2, price_terms(1_000, "USD", BillingInterval::Month));

    assert_conflict(insert(&store, &dearer).await);

    add_price(&store, &plan(1), &at(3, price_terms(900, "USD", BillingInterval::Year))).await;
    add_price(&store, &plan(1), &at(4, price_terms(900, "EUR", BillingInterval::Month))).await;
    add_price(&store, &plan(1), &archived(&at(5, monthly.terms))).await;
    add_price(&store, &plan(2), &Price { terms: monthly.terms, ..price(6, &plan(2)) }).await;
    let mut work = locked(&store).await;
    work.plans().save_price(&workspace_id(), &archived(&monthly)).await.unwrap();
    work.plans().insert_price(&workspace_id(), &dearer).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(prices_of(&store, &plan(1)).await.len(), 5);
}

async fn archiving_a_price_changes_nothing_else(database: TestDatabase) {
    let store = with_plan(&database).await;
    add_price(&store, &plan(1), &price(1, &plan(1))).await;
    add_price(&store, &plan(1), &at(2, price_terms(900, "EUR", BillingInterval::Month))).await;
    let changed = Price {
        terms: price_terms(1, "JPY", BillingInterval::Year),
        created_at: moment() - Duration::from_secs(1),
        ..archived(&price(1, &plan(1)))
    };

    archive(&store, &changed).await.unwrap();

    let expected = [archived(&price(1, &plan(1))), at(2, price_terms(900, "EUR", BillingInterval::Month))];
    assert_eq!(prices_of(&store, &plan(1)).await, expected);
}

async fn a_price_is_archived_once(database: TestDatabase) {
    let store = with_plan(&database).await;
    let first = archived(&price(1, &plan(1)));
    add_price(&store, &plan(1), &first).await;
    let again = Price { archived_at: Some(moment() + Duration::from_secs(1)), ..first.clone() };

    assert_conflict(archive(&store, &again).await);
    let unknown = archived(&price(2, &plan(1)));
    assert_conflict(archive(&store, &unknown).await);

    assert_eq!(prices_of(&store, &plan(1)).await, [first]);
}

async fn a_price_needs_its_plan(database: TestDatabase) {
    let store = with_plan(&database).await;
    let of_nothing = price(1, &plan(2));
    assert_refused(insert(&store, &of_nothing).await);
}

async fn a_corrupt_price_is_named(database: TestDatabase) {
    let store = with_plan(&database).await;
    add_price(&store, &plan(1), &price(1, &plan(1))).await;
    assert!(raw::fails(&database.url, "UPDATE prices SET minor_units = 0").await);
    let id = price(1, &plan(1)).id.to_string();
    for (column, value, right) in [("currency", "XXX", "USD"), ("billing_interval", "week", "month")] {
        raw::execute(&database.url, &format!("UPDATE prices SET {column} = '{value}'")).await;
        let read = store.plans().plan(&workspace_id(), &app_id(), plan(1).id).await;
        assert_corrupt(read, ("prices", column, &id));
        raw::execute(&database.url, &format!("UPDATE prices SET {column} = '{right}'")).await;
    }
}
