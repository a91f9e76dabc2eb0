use billing_domain::{
    Gateway, GatewayEvent, SyncTarget, Timestamp,
    ports::{GatewayEvents, WebhookRefused},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::shop::{HttpGateway, Shop};

/// A webhook as it arrives.
struct Delivery {
    signature: String,
    body: String,
}

/// An address that takes webhooks, and what arrives there.
async fn receiver() -> (String, UnboundedReceiver<Delivery>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/stripe/webhook", listener.local_addr().unwrap());
    let (arrived, deliveries) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let delivery = loop {
                if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                    break None;
                }
                if let Some(delivery) = parsed(&String::from_utf8_lossy(&request)) {
                    break Some(delivery);
                }
            };
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
            if let Some(delivery) = delivery {
                let _ = arrived.send(delivery);
            }
        }
    });
    (url, deliveries)
}

/// A request that has arrived as a whole.
fn parsed(request: &str) -> Option<Delivery> {
    let (head, body) = request.split_once("\r\n\r\n")?;
    let header = |name: &str| {
        let named = |line: &&str| line.to_lowercase().starts_with(&format!("{name}:"));
        Some(head.lines().find(named)?.split_once(':')?.1.trim().to_owned())
    };
    let length: usize = header("content-length")?.parse().ok()?;
    let signature = header("stripe-signature")?;
    (body.len() >= length).then(|| Delivery { signature, body: body.to_owned() })
}

/// The time at which it was signed.
fn signed_at(delivery: &Delivery) -> Timestamp {
    let time = delivery.signature.split(',').find_map(|part| part.strip_prefix("t=")).unwrap();
    Timestamp::from_timestamp(time.parse().unwrap(), 0).unwrap()
}

fn verified(gateway: &HttpGateway, delivery: &Delivery) -> Result<GatewayEvent, WebhookRefused> {
    gateway.verified_event(delivery.body.as_bytes(), &delivery.signature, signed_at(delivery))
}

#[tokio::test]
async fn a_sale_is_told_to_the_registered_endpoint() {
    let shop = Shop::open().await;
    let (url, mut deliveries) = receiver().await;
    shop.gateway.register_webhook(Gateway::StripePlatform, &url).await.unwrap();
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    let event = loop {
        let event = verified(&shop.gateway, &deliveries.recv().await.unwrap()).unwrap();
        if event.kind == "customer.subscription.created" {
            break event;
        }
    };
    assert_eq!(event.account, shop.account);
    let object = event.object.unwrap();
    assert_eq!(object.target, SyncTarget::Subscription(subscription));
    assert_eq!(object.customer, Some(customer));
    assert_eq!(object.workspace_hint.unwrap().as_str(), "ws_a");
}

#[tokio::test]
async fn a_changed_body_is_refused() {
    let shop = Shop::open().await;
    let (url, mut deliveries) = receiver().await;
    shop.gateway.register_webhook(Gateway::StripePlatform, &url).await.unwrap();
    let customer = shop.customer().await;
    shop.sold(&customer).await;
    let mut delivery = deliveries.recv().await.unwrap();
    delivery.body.push(' ');
    let refused = verified(&shop.gateway, &delivery);
    assert!(matches!(refused, Err(WebhookRefused::Signature(_))), "{refused:?}");
}

#[tokio::test]
async fn a_second_registration_takes_the_place_of_the_first() {
    let shop = Shop::open().await;
    let (url, _deliveries) = receiver().await;
    for _ in 0..2 {
        shop.gateway.register_webhook(Gateway::StripePlatform, &url).await.unwrap();
        assert_eq!(shop.count("/v1/webhook_endpoints").await, 1);
    }
    let endpoint = shop.get("/v1/webhook_endpoints").await["data"][0].clone();
    assert_eq!(endpoint["api_version"], billing_stripe::API_VERSION);
}
