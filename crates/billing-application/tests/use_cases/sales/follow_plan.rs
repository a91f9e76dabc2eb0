//! Products and prices at Stripe follow the catalog.

use crate::prelude::*;
use crate::testing::{Reply, Sales, app_id, monthly_price, pro, workspace_id};

/// The work after a change of the plan, or of one of its prices.
fn following(price: Option<PriceId>) -> WorkId {
    let of_plan = format!("{}/{}", app_id(), pro().plan.id);
    let (kind, key) = match price {
        None => (WorkKind::FollowPlan, of_plan),
        Some(price) => (WorkKind::FollowPrice, format!("{of_plan}/{price}")),
    };
    WorkId { workspace_id: workspace_id(), kind, key }
}

async fn follows(sales: &Sales, price: Option<PriceId>) {
    sales.lock().work.insert(0, (following(price), 0));
    assert_eq!(sales.works().await, Outcome::Synced);
}

fn renamed(sales: &Sales) {
    sales.lock().plan.plan.details.name = DisplayName::parse("Renamed").unwrap();
}

fn last_body(sales: &Sales) -> String {
    sales.lock().calls.last().unwrap().request.body.clone()
}

#[tokio::test]
async fn a_renamed_plan_renames_its_product() {
    let sales = Sales::known_at_stripe();
    renamed(&sales);

    follows(&sales, None).await;

    assert_eq!(sales.sent(), ["update_product"]);
    assert!(last_body(&sales).contains("Renamed"));
}

#[tokio::test]
async fn a_product_that_is_being_made_gets_the_present_name() {
    let sales = Sales::open().replying("create_product", Reply::Unknown);
    sales.checkout().await.unwrap_err();
    renamed(&sales);

    follows(&sales, None).await;

    assert_eq!(sales.sent()[1..], ["create_product", "create_product", "update_product"]);
    assert!(last_body(&sales).contains("Renamed"));
}

#[tokio::test]
async fn a_price_that_was_archived_is_archived_at_stripe() {
    let sales = Sales::known_at_stripe();

    follows(&sales, Some(monthly_price().id)).await;

    assert_eq!(sales.sent(), ["archive_price"]);
    assert!(last_body(&sales).contains("price_1"));
}

#[tokio::test]
async fn a_price_that_was_never_sold_needs_no_call() {
    let sales = Sales::known_at_stripe();

    follows(&sales, Some(PriceId::from_uuid(77))).await;

    assert!(sales.sent().is_empty());
}
