//! Forms are taken from our own pages only.

use stripe_sandbox::{Options, Sandbox};

use super::{assert_page, form::Form, location};
use crate::{client::Client, sandbox};

const LINK: &str =
    "/oauth/authorize?response_type=code&client_id=ca_1&redirect_uri=https%3A%2F%2Fapp.example%2F";

async fn form(client: &Client) -> Form {
    Form::of(&client.get(LINK).await, "/oauth/authorize").with("decision", "allow")
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = form(&client).await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let refused = form.send(&client.with_header(name, value)).await;
        assert_page(&refused, 403);
        assert!(refused.text.contains("a page of another site"), "{}", refused.text);
    }
    location(&form.send(&client).await);
}

#[tokio::test]
async fn a_form_of_our_own_pages_is_taken_also_where_a_proxy_is_between() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let proxied = client.with_header("host", "sandbox.internal");
    location(&form(&client).await.send(&client.with_header("sec-fetch-site", "same-origin")).await);
    location(&form(&client).await.send(&client.with_header("origin", sandbox.url())).await);
    location(&form(&client).await.send(&proxied.with_header("origin", sandbox.url())).await);
    location(&form(&client).await.send(&proxied.with_header("origin", "https://sandbox.internal")).await);
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_told_on_a_page() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    assert_page(&form(&client).await.with("state", &"x".repeat(40_000)).send(&client).await, 413);
    assert_page(&form(&client).await.with("decision", "perhaps").send(&client).await, 400);
    assert_page(&client.post("/oauth/authorize", &[]).await, 400);
    assert_page(&client.post_raw("/oauth/authorize", b"decision=%FF&=&&".to_vec()).await, 400);
}

#[tokio::test]
async fn styles_and_icon_are_served_and_may_be_cached() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (path, kind) in [("sandbox.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")] {
        let asset = client.get(&format!("/_sandbox/assets/{path}")).await;
        assert_eq!((asset.status, asset.header("content-type")), (200, Some(kind)));
        assert_eq!(asset.header("cache-control"), Some("public, max-age=300"));
    }
}

#[tokio::test]
async fn a_site_that_has_given_its_name_this_address_reads_and_turns_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let id = client.post("/v1/customers", &[]).await.id();
    let rebound = client.with_header("host", "evil.example:12111");
    let page = rebound.with_header("accept", "text/html,*/*").get("/").await;
    assert_page(&page, 403);
    assert!(page.text.contains("evil.example:12111") && page.text.contains("--url"), "{}", page.text);
    let refused = rebound.try_control("reset", &serde_json::json!({})).await;
    assert_eq!(refused.status, 403);
    assert!(refused.json()["error"].as_str().unwrap().contains("--url"), "{}", refused.text);
    for path in ["/_sandbox", "/_sandbox/deliveries", "/_sandbox/assets/icon.svg", "/c/pay/cs_1", "/nowhere"]
    {
        assert_eq!(rebound.get(path).await.status, 403, "{path}");
    }
    rebound.get("/v1/customers").await.error(403);
    assert_eq!(client.get(&format!("/v1/customers/{id}")).await.id(), id);
    for known in
        ["localhost:12111", "shop.localhost", "[::1]:12111", "192.168.0.7:12111", "stripe-sandbox:12111"]
    {
        client.with_header("host", known).get("/_sandbox").await.ok();
    }
}

#[tokio::test]
async fn the_name_that_browsers_reach_it_at_is_its_own() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = Options::in_memory().at(address).reached_at("https://pay.example.com:8443");
    let _sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::at(&format!("http://{address}"));
    client.with_header("host", "pay.example.com:8443").get("/_sandbox").await.ok();
    assert_eq!(client.with_header("host", "example.com").get("/_sandbox").await.status, 403);
}
