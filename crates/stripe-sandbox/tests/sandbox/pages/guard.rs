//! Forms are taken from our own pages only.

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
