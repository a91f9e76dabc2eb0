use std::sync::Arc;

use async_trait::async_trait;
use billing_domain::{
    Gateway, GatewayAccountId,
    ports::{BoxError, FixedMode, GatewayAccounts, GatewayCalls, GatewayError, GatewayReads, GatewayScope},
};
use billing_stripe::{ApiAnswer, ApiRequest, StripePaymentGateway, StripeSettings, StripeTransport};

use crate::shop::{Shop, connected, id, new_customer, sandbox, settings, source};

#[tokio::test]
async fn each_gateway_has_the_account_of_its_key() {
    let sandbox = sandbox().await;
    let gateway = connected(&StripeSettings {
        managed: Some(source("sk_test_managed")),
        platform: Some(source("sk_test_platform")),
        connect: Some(source("sk_test_platform")),
        ..settings(&sandbox)
    });
    let managed = gateway.account_of(Gateway::Managed).await.unwrap();
    let platform = gateway.account_of(Gateway::StripePlatform).await.unwrap();
    assert_ne!(managed, platform);
    assert!(!gateway.serves_one_workspace(&managed) && gateway.serves_one_workspace(&platform));
    let connect = gateway.account_of(Gateway::StripeConnect).await;
    assert!(matches!(connect, Err(GatewayError::NotLinked)), "{connect:?}");
    sandbox.stop().await;
    assert_eq!(gateway.account_of(Gateway::Managed).await.unwrap(), managed, "it is remembered");
}

#[tokio::test]
async fn a_gateway_without_a_key_is_not_linked() {
    let sandbox = sandbox().await;
    let gateway = connected(&settings(&sandbox));
    let account = gateway.account_of(Gateway::Managed).await;
    assert!(matches!(account, Err(GatewayError::NotLinked)), "{account:?}");
}

#[tokio::test]
async fn a_call_goes_to_the_account_it_is_pinned_to() {
    let shop = Shop::open().await;
    // Started anew, it knows no account yet.
    let gateway = connected(&StripeSettings {
        managed: Some(source("sk_test_managed")),
        platform: Some(source(crate::shop::KEY)),
        ..settings(&shop.sandbox)
    });
    gateway.send(&shop.prepared(&new_customer()), true).await.unwrap();
    assert_eq!(shop.count("/v1/customers").await, 1);
}

#[tokio::test]
async fn an_account_without_a_key_gets_no_request() {
    let shop = Shop::open().await;
    let mut call = shop.prepared(&new_customer());
    call.account = GatewayAccountId::parse("acct_other").unwrap();
    let sent = shop.gateway.send(&call, true).await;
    assert!(matches!(sent, Err(GatewayError::NoAccess(account)) if account == call.account));
}

#[tokio::test]
async fn a_connected_account_is_reached_with_the_platforms_key() {
    let shop = Shop::open().await;
    let connected_account = shop.post("/v1/accounts", &[("type", "standard")]).await;
    let account = GatewayAccountId::parse(connected_account["id"].as_str().unwrap()).unwrap();
    let gateway =
        connected(&StripeSettings { connect: Some(source(crate::shop::KEY)), ..settings(&shop.sandbox) });
    let mut call = shop.prepared(&new_customer());
    call.account = account.clone();
    gateway.send(&call, true).await.unwrap();
    assert!(gateway.object_of(&call).await.unwrap().is_some());
    assert!(gateway.serves_one_workspace(&account));
    assert_eq!(shop.count("/v1/customers").await, 0, "the platform has none");

    call.account = GatewayAccountId::parse("acct_stranger").unwrap();
    let sent = gateway.send(&call, true).await;
    assert!(matches!(sent, Err(GatewayError::Unknown(_))), "{sent:?}");
    let read = gateway.invoice(&call.account, &id("in_a")).await;
    assert!(matches!(read, Err(GatewayError::Refused(_))), "{read:?}");
}

#[tokio::test]
async fn the_shared_account_is_never_listed_as_a_whole() {
    let sandbox = sandbox().await;
    let settings = StripeSettings { managed: Some(source("sk_test_managed")), ..settings(&sandbox) };
    let account = connected(&settings).account_of(Gateway::Managed).await.unwrap();
    // Started anew, it does not know that the account is the shared one.
    let gateway = connected(&settings);
    assert!(gateway.serves_one_workspace(&account));
    let all = gateway.chargeable(&account, &GatewayScope::Account).await;
    assert!(matches!(all, Err(GatewayError::Unknown(_))), "{all:?}");
    assert!(!gateway.serves_one_workspace(&account), "it knows now");
    assert!(gateway.objects(&account, &GatewayScope::Account, None).await.is_err());
    assert_eq!(gateway.chargeable(&account, &GatewayScope::Customers(Vec::new())).await.unwrap(), []);
}

#[tokio::test]
async fn a_refused_key_is_told_to_the_operator() {
    let sandbox = sandbox().await;
    let gateway =
        connected(&StripeSettings { managed: Some(source("sk_live_refused")), ..settings(&sandbox) });
    let account = gateway.account_of(Gateway::Managed).await;
    assert!(matches!(account, Err(GatewayError::Refused(_))), "{account:?}");
}

/// A Stripe at which every key is of one account.
struct OneAccount;

#[async_trait]
impl StripeTransport for OneAccount {
    async fn send(&self, _: &ApiRequest) -> Result<ApiAnswer, BoxError> {
        Ok(ApiAnswer {
            is_replayed: false,
            status: 200,
            body: br#"{"id":"acct_one","object":"account"}"#.to_vec(),
        })
    }
}

#[tokio::test]
async fn keys_of_one_account_in_two_modes_are_refused() {
    let of = |platform: &str| {
        let settings = StripeSettings {
            managed: Some(source("sk_test_one")),
            platform: Some(source(platform)),
            ..StripeSettings::new(StripeSettings::STRIPE)
        };
        StripePaymentGateway::over(OneAccount, &settings, Arc::new(FixedMode(None)))
    };
    for gateway in [Gateway::Managed, Gateway::StripePlatform] {
        let in_two_modes = of("sk_live_one").account_of(gateway).await;
        assert!(
            matches!(&in_two_modes, Err(GatewayError::MixedModes(reason)) if reason.contains("acct_one")),
            "{in_two_modes:?}"
        );
        assert_eq!(of("sk_test_other").account_of(gateway).await.unwrap().as_str(), "acct_one");
    }
}
