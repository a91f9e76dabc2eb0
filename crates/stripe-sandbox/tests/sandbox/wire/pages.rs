use serde_json::json;

use crate::{
    client::{Client, ids},
    sandbox,
};

/// The ids of so many customers, the newest first, as lists have them.
async fn customers(client: &Client, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for number in 0..count {
        made.push(client.post("/v1/customers", &[("name", &format!("Customer {number}"))]).await.id());
    }
    made.reverse();
    made
}

#[tokio::test]
async fn a_list_is_read_forwards_in_pages_without_a_gap() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let all = customers(&client, 25).await;
    let first = client.get("/v1/customers").await.ok();
    assert_eq!((&first["object"], &first["url"]), (&json!("list"), &json!("/v1/customers")));
    assert_eq!((ids(&first), &first["has_more"]), (all[..10].to_vec(), &json!(true)));
    let second = client.get(&format!("/v1/customers?limit=14&starting_after={}", all[9])).await.ok();
    assert_eq!((ids(&second), &second["has_more"]), (all[10..24].to_vec(), &json!(true)));
    let third = client.get(&format!("/v1/customers?limit=14&starting_after={}", all[23])).await.ok();
    assert_eq!((ids(&third), &third["has_more"]), (all[24..].to_vec(), &json!(false)));
    let last = client.get(&format!("/v1/customers?starting_after={}", all[24])).await.ok();
    assert_eq!((&last["data"], &last["has_more"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn a_page_that_holds_exactly_the_rest_says_that_there_is_no_more() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let all = customers(&client, 3).await;
    let page = client.get("/v1/customers?limit=3").await.ok();
    assert_eq!((ids(&page), &page["has_more"]), (all, &json!(false)));
}

#[tokio::test]
async fn a_list_is_read_backwards_with_the_pages_next_to_the_cursor() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let all = customers(&client, 8).await;
    let page = client.get(&format!("/v1/customers?limit=3&ending_before={}", all[5])).await.ok();
    assert_eq!((ids(&page), &page["has_more"]), (all[2..5].to_vec(), &json!(true)));
    let page = client.get(&format!("/v1/customers?limit=3&ending_before={}", all[2])).await.ok();
    assert_eq!((ids(&page), &page["has_more"]), (all[..2].to_vec(), &json!(false)));
}

#[tokio::test]
async fn an_object_that_comes_while_a_list_is_read_moves_no_page() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let all = customers(&client, 4).await;
    client.post("/v1/customers", &[]).await.ok();
    let page = client.get(&format!("/v1/customers?limit=2&starting_after={}", all[1])).await.ok();
    assert_eq!(ids(&page), all[2..]);
}

#[tokio::test]
async fn a_limit_must_be_from_1_to_100() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for limit in ["1", "100"] {
        client.get(&format!("/v1/customers?limit={limit}")).await.ok();
    }
    for limit in ["0", "101", "-1", "ten", "1.5", "9223372036854775808"] {
        let error = client.get(&format!("/v1/customers?limit={limit}")).await.error(400);
        assert_eq!((&error["code"], &error["param"]), (&json!("parameter_invalid_integer"), &json!("limit")));
    }
}

#[tokio::test]
async fn a_cursor_must_be_an_object_of_the_list_and_the_only_one() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let all = customers(&client, 2).await;
    for param in ["starting_after", "ending_before"] {
        let error = client.get(&format!("/v1/customers?{param}=cus_none")).await.error(400);
        assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!(param)));
    }
    let both = format!("/v1/customers?starting_after={}&ending_before={}", all[1], all[0]);
    client.get(&both).await.error(400);
}

#[tokio::test]
async fn lists_are_filtered() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let first = client.post("/v1/customers", &[("email", "a@example.com")]).await.id();
    client.advance_by(60).await;
    let second = client.post("/v1/customers", &[("email", "b@example.com")]).await.ok();
    let created = second["created"].as_i64().unwrap();
    let found = |path: String| {
        let client = client.clone();
        async move { ids(&client.get(&path).await.ok()) }
    };
    assert_eq!(found("/v1/customers?email=a@example.com".to_owned()).await, [first.as_str()]);
    assert_eq!(found(format!("/v1/customers?created[lt]={created}")).await, [first.as_str()]);
    assert_eq!(
        found(format!("/v1/customers?created[gte]={created}")).await,
        [second["id"].as_str().unwrap()]
    );
    assert_eq!(found(format!("/v1/customers?created={created}")).await, [second["id"].as_str().unwrap()]);
    assert!(found("/v1/customers?email=nobody@example.com".to_owned()).await.is_empty());
}

#[tokio::test]
async fn a_canceled_subscription_is_listed_only_when_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let gone = client.subscribe(&customer, &price, &[]).await;
    let kept = client.subscribe(&customer, &price, &[]).await;
    client.delete(&format!("/v1/subscriptions/{gone}")).await.ok();
    let of = |status: &str| format!("/v1/subscriptions?customer={customer}{status}");
    assert_eq!(ids(&client.get(&of("")).await.ok()), [kept.as_str()]);
    assert_eq!(ids(&client.get(&of("&status=canceled")).await.ok()), [gone.as_str()]);
    assert_eq!(ids(&client.get(&of("&status=all")).await.ok()), [kept.as_str(), gone.as_str()]);
    client.get(&of("&status=happy")).await.error(400);
}

#[tokio::test]
async fn events_of_one_type_are_read_in_pages_from_a_cursor_of_that_type() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for number in 0..5 {
        client.post("/v1/customers", &[("name", &number.to_string())]).await.ok();
        client.post("/v1/products", &[("name", "A")]).await.ok();
    }
    let list = async |query: String| client.get(&format!("/v1/events?{query}")).await;
    let all = ids(&list("type=customer.created".to_owned()).await.ok());
    assert_eq!(all.len(), 5);
    let page = list(format!("type=customer.created&limit=2&starting_after={}", all[1])).await.ok();
    assert_eq!((ids(&page), &page["has_more"]), (all[2..4].to_vec(), &json!(true)));
    let page = list(format!("type=customer.created&limit=2&ending_before={}", all[4])).await.ok();
    assert_eq!((ids(&page), &page["has_more"]), (all[2..4].to_vec(), &json!(true)));
    for cursor in [all[1].as_str(), "evt_none"] {
        list(format!("type=product.created&starting_after={cursor}")).await.error(400);
    }
}
