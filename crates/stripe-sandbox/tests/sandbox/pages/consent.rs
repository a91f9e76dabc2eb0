//! A person connects an account to a platform.

use serde_json::json;

use super::{assert_page, form::Form, location};
use crate::{
    client::{Answer, Client},
    sandbox,
};

const LINK: &str = "/oauth/authorize?response_type=code&client_id=ca_1&scope=read_write&state=s+%26+t\
                    &redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fa%3Db";

fn parameter(address: &str, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(address).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

async fn exchanged(client: &Client, address: &str) -> Answer {
    let code = parameter(address, "code").unwrap();
    client.post("/oauth/token", &[("grant_type", "authorization_code"), ("code", &code)]).await
}

#[tokio::test]
async fn who_connects_goes_back_with_a_code_for_a_new_account_and_with_the_state() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let page = client.get(LINK).await;
    assert_page(&page, 200);
    let back = location(&Form::of(&page, "/oauth/authorize").with("decision", "allow").send(&client).await);
    assert!(back.starts_with("https://app.example/back?a=b&"), "{back}");
    assert_eq!(parameter(&back, "state").as_deref(), Some("s & t"));
    let token = exchanged(&client, &back).await.ok();
    let account = token["stripe_user_id"].as_str().unwrap();
    assert_eq!(client.for_account(account).get("/v1/account").await.id(), account);
}

#[tokio::test]
async fn who_cancels_goes_back_without_a_code() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = Form::of(&client.get(LINK).await, "/oauth/authorize");
    let back = location(&form.with("decision", "deny").send(&client).await);
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "state").as_deref(), Some("s & t"));
    assert_eq!(parameter(&back, "code"), None);
}

#[tokio::test]
async fn a_double_click_connects_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = Form::of(&client.get(LINK).await, "/oauth/authorize").with("decision", "allow");
    let first = location(&form.send(&client).await);
    assert_eq!(location(&form.send(&client).await), first);
    let later = Form::of(&client.get(LINK).await, "/oauth/authorize").with("decision", "allow");
    assert_ne!(location(&later.send(&client).await), first);
}

#[tokio::test]
async fn an_account_that_is_there_can_be_connected_but_not_to_itself() {
    let sandbox = sandbox().await;
    let (platform, shop) = (Client::new(&sandbox), Client::new(&sandbox).with_key("sk_test_shop"));
    let account = shop.get("/v1/account").await.id();
    let form = Form::of(&platform.get(LINK).await, "/oauth/authorize").with("decision", "allow");
    let back = location(&form.with("account", &account).send(&platform).await);
    let own = exchanged(&shop, &back).await;
    assert_eq!((own.status, &own.json()["error"]), (400, &json!("invalid_grant")));
    let page = platform.get(LINK).await;
    let form = Form::of(&page, "/oauth/authorize").with("decision", "allow");
    let back = location(&form.with("account", &account).send(&platform).await);
    assert_eq!(exchanged(&platform, &back).await.ok()["stripe_user_id"], account);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_asked_for_again() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = Form::of(&client.get(LINK).await, "/oauth/authorize").with("decision", "allow");
    let again = form.with("account", "acct_none").send(&client).await;
    assert_page(&again, 422);
    assert!(again.text.contains("This account is gone"), "{}", again.text);
    location(&Form::of(&again, "/oauth/authorize").with("decision", "allow").send(&client).await);
}

#[tokio::test]
async fn a_link_that_is_wrong_shows_why_and_sends_nobody_anywhere() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let wrong = [
        (LINK.replace("ca_1", "%3Cscript%3E"), "&#60;script&#62;"),
        (LINK.replace("response_type=code", "response_type=token"), "response_type must be code"),
        (LINK.replace("read_write", "everything"), "scope must be"),
        (LINK.replace("https%3A", "javascript%3A"), "redirect_uri must start with"),
        ("/oauth/authorize?response_type=code&client_id=ca_1".to_owned(), "redirect_uri is missing"),
        (format!("{LINK}&state=twice"), "Its parameters cannot be read"),
    ];
    for (link, said) in wrong {
        let page = client.get(&link).await;
        assert_page(&page, 400);
        assert!(page.text.contains(said), "{said} is not in {}", page.text);
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_code_is_good_for_the_platform_of_its_application_only() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let other = client.with_key("sk_test_other");
    let allowed = |link: String| {
        let client = client.clone();
        async move {
            let form = Form::of(&client.get(&link).await, "/oauth/authorize").with("decision", "allow");
            location(&form.send(&client).await)
        }
    };
    let refused = async |platform: &Client, code: &str| {
        let answer = exchanged(platform, code).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!("invalid_grant")),
            "{}",
            answer.text
        );
        assert!(answer.text.contains("does not belong to you"), "{}", answer.text);
    };
    let own = client.get("/v1/account").await.id().replace("acct_", "ca_");
    let code = allowed(LINK.replace("ca_1", &own)).await;
    refused(&other, &code).await;
    exchanged(&client, &code).await.ok();
    // One that is named freely is of who first connects an account through it.
    exchanged(&client, &allowed(LINK.to_owned()).await).await.ok();
    let code = allowed(LINK.to_owned()).await;
    refused(&other, &code).await;
    exchanged(&client, &code).await.ok();
    exchanged(&other, &allowed(LINK.replace("ca_1", "ca_2")).await).await.ok();
}

/// As the home page tells a person, from its link to the exchange.
#[tokio::test]
async fn home_page_leads_to_a_linked_account() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_key("sk_test_sandbox");
    let home = client.get("/").await;
    let (_, after) = home.text.split_once("href=\"/oauth/authorize?").unwrap();
    let link = after.split('"').next().unwrap().replace("&amp;", "&");
    let form = Form::of(&client.get(&format!("/oauth/authorize?{link}")).await, "/oauth/authorize");

    let back = location(&form.with("decision", "allow").send(&client).await);

    assert!(back.starts_with(&format!("{}/?", sandbox.url())), "{back}");
    let path = back.strip_prefix(sandbox.url()).unwrap();
    assert_page(&client.get(path).await, 200);
    let token = exchanged(&client, &back).await.ok();
    let account = token["stripe_user_id"].as_str().unwrap();
    assert_eq!(client.for_account(account).get("/v1/account").await.id(), account);
}
