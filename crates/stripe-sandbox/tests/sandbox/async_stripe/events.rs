//! Webhooks, with the signature that async-stripe demands.

use std::collections::BTreeSet;

use stripe_webhook::{EventObject, Webhook};

use super::{shop::Shop, understood};
use crate::{client::Client, receiver::Receiver, sandbox};

const OF_PAGES_AND_CREDIT: &[&str] = &[
    "billing_portal.configuration.created",
    "billing_portal.configuration.updated",
    "billing_portal.session.created",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "credit_note.created",
    "credit_note.voided",
    "customer.source.created",
];

#[tokio::test]
async fn async_stripe_accepts_and_decodes_each_event_that_a_webhook_brings() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    let secret = client.webhook(receiver.url(), &["*"], false).await["secret"].clone();
    let shop = Shop::filled(&client).await;
    client.delete(&format!("/v1/customers/{}", shop.customer)).await.ok();
    let told = client.events().await.len();
    let mut names = BTreeSet::new();
    for delivery in receiver.wait_for(told).await {
        let (body, signature) = (&delivery.body, &delivery.headers["stripe-signature"]);
        let event =
            understood(body, || Webhook::construct_event(body, signature, secret.as_str().unwrap()).ok());
        assert!(!matches!(event.data.object, EventObject::Unknown(_)), "{} is not known", event.type_);
        names.insert(event.type_.as_str().to_owned());
    }
    assert!(names.len() >= 55, "there are more kinds of events than these: {names:#?}");
    for kind in OF_PAGES_AND_CREDIT {
        assert!(names.contains(*kind), "no {kind} in {names:#?}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn async_stripe_refuses_a_webhook_that_another_secret_signed() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    client.webhook(receiver.url(), &["*"], false).await;
    client.customer_with_card().await;
    let delivery = &receiver.wait_for(1).await[0];
    let refused =
        Webhook::construct_event(&delivery.body, &delivery.headers["stripe-signature"], "whsec_other");
    assert!(matches!(refused, Err(stripe_webhook::WebhookError::BadSignature)));
    sandbox.stop().await;
}
