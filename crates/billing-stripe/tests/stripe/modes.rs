//! An account is never asked with a key of the other mode than it is used in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use billing_domain::{
    Gateway, GatewayAccountId, StripeSubscriptionId,
    ports::{
        AccountModes, FixedMode, GatewayAccounts, GatewayCalls, GatewayError, GatewayReads, GatewayScope,
        MockAccountModes, StoreError,
    },
};
use billing_stripe::{StripePaymentGateway, StripeSettings};

use crate::shop::{HttpGateway, KEY, Shop, id, new_customer, settings, source};

/// The shop's gateway with its test key, where accounts are used in these modes.
fn gateway(shop: &Shop, modes: impl AccountModes + 'static) -> HttpGateway {
    let settings = StripeSettings { platform: Some(source(KEY)), ..settings(&shop.sandbox) };
    StripePaymentGateway::connect(&settings, Arc::new(modes)).unwrap()
}

fn is_mixed<T>(answer: &Result<T, GatewayError>) -> bool {
    matches!(answer, Err(GatewayError::MixedModes(_)))
}

/// Whether everything that is asked of the account is refused.
async fn refuses_all(gateway: &HttpGateway, shop: &Shop, account: &GatewayAccountId) -> bool {
    let mut call = shop.prepared(&new_customer());
    call.account = account.clone();
    let subscription = StripeSubscriptionId::parse("sub_a").unwrap();
    let scopes = [GatewayScope::Account, GatewayScope::Customers(vec![id("cus_a")])];
    let mut refused = vec![
        is_mixed(&gateway.send(&call, true).await),
        is_mixed(&gateway.object_of(&call).await),
        is_mixed(&gateway.checkout_session(account, &id("cs_a")).await),
        is_mixed(&gateway.subscription(account, &subscription).await),
        is_mixed(&gateway.invoice(account, &id("in_a")).await),
    ];
    for scope in scopes {
        refused.push(is_mixed(&gateway.chargeable(account, &scope).await));
        refused.push(is_mixed(&gateway.objects(account, &scope, None).await));
    }
    assert!(refused.iter().all(|one| *one == refused[0]), "{refused:?}");
    refused[0]
}

#[tokio::test]
async fn a_key_of_the_other_mode_is_refused() {
    let shop = Shop::open().await;
    let gateway = gateway(&shop, FixedMode(Some(true)));

    let account = gateway.account_of(Gateway::StripePlatform).await;

    let Err(GatewayError::MixedModes(told)) = account else { panic!("{account:?}") };
    for fact in [shop.account.as_str(), "used in live mode", "of test mode", "put the live key back"] {
        assert!(told.contains(fact), "{told}");
    }
    assert!(refuses_all(&gateway, &shop, &shop.account).await);
    assert_eq!(shop.count("/v1/customers").await, 0);
}

#[tokio::test]
async fn a_key_fits_an_account_of_its_mode_or_without_a_use() {
    let shop = Shop::open().await;
    for used in [None, Some(false)] {
        let gateway = gateway(&shop, FixedMode(used));
        assert_eq!(gateway.account_of(Gateway::StripePlatform).await.unwrap(), shop.account);
        gateway.send(&shop.prepared(&new_customer()), true).await.unwrap();
    }
}

#[tokio::test]
async fn a_connected_account_of_the_other_mode_is_refused() {
    let shop = Shop::open().await;
    let connected = shop.post("/v1/accounts", &[("type", "standard")]).await;
    let connected = GatewayAccountId::parse(connected["id"].as_str().unwrap()).unwrap();
    for (live, is_refused) in
        [(None, false), (Some(connected.clone()), true), (Some(shop.account.clone()), true)]
    {
        let mut modes = MockAccountModes::new();
        modes
            .expect_mode_of_account()
            .returning(move |account, _| Ok(live.as_ref().map(|live| live == account)));
        let settings = StripeSettings { connect: Some(source(KEY)), ..settings(&shop.sandbox) };
        let gateway = StripePaymentGateway::connect(&settings, Arc::new(modes)).unwrap();

        let read = gateway.invoice(&connected, &id("in_a")).await;

        assert_eq!(is_mixed(&read), is_refused);
    }
}

/// An account that another process begins to use in live mode.
struct BegunElsewhere(Arc<AtomicBool>);

#[async_trait]
impl AccountModes for BegunElsewhere {
    async fn mode_of_account(&self, _: &GatewayAccountId, _: bool) -> Result<Option<bool>, StoreError> {
        Ok(self.0.load(Ordering::SeqCst).then_some(true))
    }
}

#[tokio::test]
async fn a_use_that_begins_elsewhere_in_the_other_mode_is_seen() {
    let shop = Shop::open().await;
    let begun = Arc::new(AtomicBool::new(false));
    let gateway = gateway(&shop, BegunElsewhere(Arc::clone(&begun)));
    assert!(!refuses_all(&gateway, &shop, &shop.account).await);

    begun.store(true, Ordering::SeqCst);

    assert!(refuses_all(&gateway, &shop, &shop.account).await);
    assert!(is_mixed(&gateway.account_of(Gateway::StripePlatform).await));
}

#[tokio::test]
async fn a_mode_that_cannot_be_read_is_asked_for_again() {
    let shop = Shop::open().await;
    let mut modes = MockAccountModes::new();
    let down = |_: &GatewayAccountId, _| Err(StoreError::Unavailable("down".into()));
    modes.expect_mode_of_account().once().returning(down);
    modes.expect_mode_of_account().once().returning(|_, _| Ok(Some(false)));
    let gateway = gateway(&shop, modes);

    let unknown = gateway.account_of(Gateway::StripePlatform).await;

    assert!(matches!(unknown, Err(GatewayError::Unknown(_))), "{unknown:?}");
    for _ in 0..2 {
        assert_eq!(gateway.account_of(Gateway::StripePlatform).await.unwrap(), shop.account);
    }
}
