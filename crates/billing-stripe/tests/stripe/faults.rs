use billing_domain::ports::{GatewayCalls, GatewayError, GatewayReads, SentCall};
use serde_json::json;

use crate::shop::{Shop, new_customer, new_product};
use billing_domain::GatewayCommand;

/// The faults that leave nothing under the key, or the answer of a success.
const PASSING: [&str; 6] =
    ["timeout_before", "timeout_after", "reset", "rate_limit", "lock_timeout", "conflict"];

#[tokio::test]
async fn a_passing_fault_is_outlived_with_one_object() {
    for fault in PASSING {
        let shop = Shop::open().await;
        shop.control("faults", &json!({ "fault": fault, "method": "POST", "holdMs": 50 })).await;
        shop.customer().await;
        assert_eq!(shop.count("/v1/customers").await, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_lasting_fault_is_unknown_and_its_repeat_makes_one_object() {
    for fault in PASSING {
        let shop = Shop::open().await;
        let lasting = json!({ "fault": fault, "method": "POST", "holdMs": 20, "times": 4 });
        shop.control("faults", &lasting).await;
        let call = shop.prepared(&new_customer());
        let unknown = shop.gateway.send(&call, true).await;
        assert!(matches!(unknown, Err(GatewayError::Unknown(_))), "{fault}: {unknown:?}");
        shop.mend().await;
        let sent = shop.gateway.send(&call, false).await.unwrap();
        assert!(matches!(sent, SentCall::Done(_)), "{fault}");
        assert_eq!(shop.count("/v1/customers").await, 1, "{fault}");
    }
}

/// Stripe repeats a stored 500 under the key for a day, whether it made something or not.
#[tokio::test]
async fn a_stored_failure_is_known_by_what_the_call_made() {
    for (fault, made) in [("error_500", 0), ("error_500_executed", 1)] {
        let shop = Shop::open().await;
        shop.control("faults", &json!({ "fault": fault, "method": "POST" })).await;
        let call = shop.prepared(&new_customer());
        for _ in 0..2 {
            let sent = shop.gateway.send(&call, true).await;
            let is_unknown = matches!(sent, Err(GatewayError::Unknown(_)));
            assert_eq!(is_unknown, made == 0, "{fault}: {sent:?}");
        }
        let found = shop.gateway.object_of(&call).await.unwrap();
        assert_eq!((found.into_iter().count(), shop.count("/v1/customers").await), (made, made), "{fault}");
    }
}

/// A lost answer changes no key: the fault is of one request.
#[tokio::test]
async fn a_change_goes_on_to_another_key_after_a_stored_failure() {
    let shop = Shop::open().await;
    let product = shop.done(&new_product()).await;
    shop.control("faults", &json!({ "fault": "error_500", "method": "POST" })).await;
    let rename =
        GatewayCommand::UpdateProduct { product: product.clone(), name: "Plus".to_owned(), active: true };
    let call = shop.prepared(&rename);
    assert!(matches!(shop.gateway.send(&call, true).await, Err(GatewayError::Unknown(_))));
    // The second time Stripe repeats the success under the second key.
    for _ in 0..2 {
        let sent = shop.gateway.send(&call, true).await.unwrap();
        assert_eq!(sent, SentCall::Done(product.clone()));
        assert_eq!(shop.get(&format!("/v1/products/{product}")).await["name"], "Plus");
        shop.post(&format!("/v1/products/{product}"), &[("name", "Plus")]).await;
    }
}

#[tokio::test]
async fn a_read_outlives_faults_and_unknown_words() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let session = shop.session(&customer).await;
    for fault in ["timeout_before", "reset", "error_500", "rate_limit", "unknown_enum", "unknown_field"] {
        shop.control("faults", &json!({ "fault": fault, "method": "GET", "holdMs": 50 })).await;
        let read = shop.gateway.checkout_session(&shop.account, &session).await.unwrap();
        assert!(read.is_some(), "{fault}");
    }
}

#[tokio::test]
async fn a_lasting_fault_of_a_read_is_unknown() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let session = shop.session(&customer).await;
    shop.control("faults", &json!({ "fault": "error_500", "method": "GET", "times": 4 })).await;
    let read = shop.gateway.checkout_session(&shop.account, &session).await;
    assert!(matches!(read, Err(GatewayError::Unknown(_))), "{read:?}");
}
