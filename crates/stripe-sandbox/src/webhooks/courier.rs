//! Carries deliveries to their endpoints, again and again until they are taken.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect::Policy};
use tokio::sync::Semaphore;

use super::{
    Delivery,
    delivery::{Attempt, Outcome},
    signature,
};
use crate::{
    clock::real_now,
    http::Shared,
    store::{Origin, World},
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 32;

/// Runs for as long as the sandbox does.
pub async fn run(shared: Arc<Shared>) {
    // A redirect is a failure, as with Stripe.
    let client = Client::builder().timeout(ANSWER_WITHIN).redirect(Policy::none()).no_proxy().build();
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "webhooks cannot be sent");
            return;
        }
    };
    let doors = Arc::new(Semaphore::new(AT_ONCE));
    shared.with(take_up);
    loop {
        for (account, id) in shared.with(|world| std::mem::take(&mut world.undelivered)) {
            tokio::spawn(carry(shared.clone(), client.clone(), doors.clone(), account, id));
        }
        shared.news.notified().await;
    }
}

/// What an earlier run left undelivered.
fn take_up(world: &mut World) {
    let accounts: Vec<_> = world.accounts().map(|(account, _)| account.to_owned()).collect();
    for account in accounts {
        let pending: Vec<_> = {
            let tx = world.begin(&account, Origin::default());
            let pending = tx.newest_first::<Delivery>().rev().filter(|it| it.outcome == Outcome::Pending);
            pending.map(|it| (account.clone(), it.id.clone())).collect()
        };
        world.undelivered.retain(|known| !pending.contains(known));
        world.undelivered.extend(pending);
    }
}

async fn carry(shared: Arc<Shared>, client: Client, doors: Arc<Semaphore>, account: String, id: String) {
    let find = |world: &mut World| world.begin(&account, Origin::default()).find::<Delivery>(&id).cloned();
    let Some(delivery) = shared.with(find).filter(|it| it.outcome == Outcome::Pending) else { return };
    tokio::time::sleep(Duration::from_millis(delivery.delay_ms)).await;
    loop {
        let parcel = shared.with(|world| {
            let mut tx = world.begin(&account, Origin::default());
            tx.find::<Delivery>(&id).cloned()?.parcel(&mut tx)
        });
        let Some(parcel) = parcel else { return };
        let attempt = {
            let Ok(_door) = doors.acquire().await else { return };
            send(&client, parcel).await
        };
        let delivery = shared.with(|world| {
            let mut tx = world.begin(&account, Origin::default());
            let delivery = Delivery::attempted(&mut tx, &id, attempt);
            tx.commit();
            delivery
        });
        let Some(delivery) = delivery.filter(|it| it.outcome == Outcome::Pending) else { return };
        let Some(wait) = delivery.backoff() else { return };
        tokio::time::sleep(wait).await;
    }
}

async fn send(client: &Client, parcel: super::delivery::Parcel) -> Attempt {
    let at = real_now();
    let request = client
        .post(&parcel.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", signature::header(&parcel.secrets, at, &parcel.body))
        .body(parcel.body);
    match request.send().await {
        Ok(response) => Attempt { at, status: Some(response.status().as_u16()), error: None },
        Err(error) => Attempt { at, status: None, error: Some(error.without_url().to_string()) },
    }
}
