//! Lists for many customers of a shared account.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use billing_domain::{
    StripeId,
    ports::{BoxError, FixedMode, GatewayReads, GatewayScope},
};
use billing_stripe::{
    ApiAnswer, ApiRequest, HttpTransport, RateLimit, StripePaymentGateway, StripeTransport,
};

use crate::chargeable::one_of_each;
use crate::shop::{KEY, Shop, settings, source};

/// A transport that keeps the path of each request, and how many were under way at a time.
struct Watched {
    http: HttpTransport,
    paths: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl StripeTransport for &'static Watched {
    async fn send(&self, request: &ApiRequest) -> Result<ApiAnswer, BoxError> {
        self.paths.lock().unwrap().push(request.path.clone());
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        let answer = self.http.send(request).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

impl Watched {
    fn requests(&self, path: &str) -> usize {
        self.paths.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }
}

/// The shop's gateway over a transport that is watched.
fn watched(shop: &Shop) -> (&'static Watched, StripePaymentGateway<&'static Watched>) {
    let http = HttpTransport::new(shop.sandbox.url(), RateLimit::PerSecond(1_000)).unwrap();
    let watched = Box::leak(Box::new(Watched {
        http,
        paths: Mutex::default(),
        under_way: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    }));
    let settings = billing_stripe::StripeSettings { platform: Some(source(KEY)), ..settings(&shop.sandbox) };
    (watched, StripePaymentGateway::over(&*watched, &settings, Arc::new(FixedMode(None))))
}

async fn customers(shop: &Shop, number: usize) -> Vec<StripeId> {
    let mut customers = Vec::new();
    for _ in 0..number {
        customers.push(shop.customer().await);
    }
    customers
}

#[tokio::test]
async fn few_requests_find_what_many_customers_have_open() {
    let shop = Shop::open().await;
    let mut ours = customers(&shop, 60).await;
    ours.push(one_of_each(&shop).await);
    let theirs = one_of_each(&shop).await;
    let (watched, gateway) = watched(&shop);

    let scope = GatewayScope::Customers(ours);
    let found = gateway.chargeable(&shop.account, &scope).await.unwrap();

    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|object| object.customer.as_ref() != Some(&theirs)));
    let lists = watched.paths.lock().unwrap().iter().filter(|path| *path != "/v1/account").count();
    assert_eq!(lists, 6);
}

#[tokio::test]
async fn each_customer_is_asked_for_where_others_have_much_open() {
    let shop = Shop::open().await;
    let ours = [customers(&shop, 2).await, vec![one_of_each(&shop).await]].concat();
    let theirs = shop.customer().await;
    for amount in 1..=101 {
        let amount = amount.to_string();
        let form = [("customer", theirs.as_str()), ("amount", amount.as_str()), ("currency", "usd")];
        shop.post("/v1/invoiceitems", &form).await;
    }
    let (watched, gateway) = watched(&shop);

    let found = gateway.chargeable(&shop.account, &GatewayScope::Customers(ours)).await.unwrap();

    assert_eq!(found.len(), 6);
    assert_eq!(watched.requests("/v1/invoiceitems"), 1 + 3);
    assert_eq!(watched.requests("/v1/subscriptions"), 1);
}

#[tokio::test]
async fn a_bounded_number_of_customers_is_asked_for_at_a_time() {
    let shop = Shop::open().await;
    let ours = GatewayScope::Customers(customers(&shop, 20).await);
    let (watched, gateway) = watched(&shop);

    let page = gateway.objects(&shop.account, &ours, None).await.unwrap();

    assert!(page.ids.is_empty() && page.next.is_none());
    assert_eq!((watched.requests("/v1/invoices"), watched.most.load(Ordering::SeqCst)), (20, 4));
}
