//! Objects that Stripe does not have any more.

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, create_checkout_link};

async fn checkout_anew(sales: &Sales) -> Result<CheckoutLink, Refused<CheckoutError>> {
    sales.executor().create_checkout_link(&administrator(), &create_checkout_link(), None).await
}

#[tokio::test]
async fn a_deleted_customer_is_replaced_at_the_next_sale() {
    let sales = Sales::known_at_stripe().replying("create_checkout_session", Reply::Missing("cus_1"));

    let refused = sales.checkout().await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(CheckoutError::GatewayRefused(_))), "{refused:?}");
    assert!(sales.audited().contains(&("stripe_object", "lost")), "{:?}", sales.audited());
    assert_eq!(sales.lock().links.len(), 2);

    checkout_anew(&sales).await.unwrap();

    assert_eq!(sales.sent(), ["create_checkout_session", "create_customer", "create_checkout_session"]);
}

#[tokio::test]
async fn a_deleted_price_and_product_are_replaced_one_after_the_other() {
    let sales = Sales::known_at_stripe()
        .replying("create_checkout_session", Reply::Missing("price_1"))
        .replying("create_price", Reply::Missing("prod_1"));

    sales.checkout().await.unwrap_err();
    checkout_anew(&sales).await.unwrap_err();
    checkout_anew(&sales).await.unwrap();

    let expected = [
        "create_checkout_session",
        "create_price",
        "create_product",
        "create_price",
        "create_checkout_session",
    ];
    assert_eq!(sales.sent(), expected);
}

#[tokio::test]
async fn a_customer_is_kept_while_the_outcome_is_unknown_or_refused_otherwise() {
    for reply in [Reply::Unknown, Reply::Refused, Reply::Missing("cus_replaced_before")] {
        let sales = Sales::known_at_stripe().replying("create_checkout_session", reply);

        sales.checkout().await.unwrap_err();

        assert_eq!(sales.lock().links.len(), 3);
    }
}
