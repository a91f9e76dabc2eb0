//! Refunds of one invoice by two people at once, each at a process of their own.

use std::time::Duration;

use billing_testing::{Answer, Suite, TestDatabase, setting};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::shop::Shop;
use crate::stripe::PRICE;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database(
        "refunds_of_two_people_never_give_back_more_than_was_paid",
        refunds_of_two_people_never_give_back_more_than_was_paid,
    )
}

/// The number of races on each database, unless this setting says otherwise.
const RACES: u32 = 12;
const RACES_SETTING: &str = "KL_TEST_REFUND_RACES";
/// The number of races that run at the same time.
const AT_ONCE: usize = 4;
/// The time within which a payment is mirrored.
const MIRRORED_WITHIN: Duration = Duration::from_secs(20);

async fn refunds_of_two_people_never_give_back_more_than_was_paid(database: TestDatabase) {
    let races = setting(RACES_SETTING).map_or(RACES, |races| races.parse().unwrap());
    let deployment = Deployment::start(database, 2).await;
    let shop = Shop::open(&deployment, "ws_refunds").await;
    let running = stream::iter(0..races).map(|number| race(&deployment, &shop, number));

    let winners: Vec<usize> = running.buffer_unordered(AT_ONCE).collect().await;

    let both = winners.iter().filter(|winners| **winners == 2).count();
    println!("{races} races: both were refunded in {both}");
    assert!(0 < both && both < winners.len(), "no amounts fitted, or all did");
}

/// Two refunds of one invoice, and their repeats. Gives the number of those that were made.
async fn race(deployment: &Deployment, shop: &Shop, number: u32) -> usize {
    let invoice = paid_invoice(deployment, shop, &format!("user_{number}")).await;
    let mut random = fastrand::Rng::with_seed(number.into());
    let mut amount = || if random.u8(..4) == 0 { None } else { Some(random.u32(1..=PRICE)) };
    let amounts = [amount(), amount()];
    let asked = [0, 1].map(|person| shop.refund(&invoice, amounts[person], format!("{number}_{person}")));

    let (first, second) = tokio::join!(deployment.ask(0, &asked[0]), deployment.ask(1, &asked[1]));

    let answers = [first.unwrap(), second.unwrap()];
    let statuses = answers.each_ref().map(|answer| answer.status.as_u16());
    for (answer, amount) in answers.iter().zip(amounts) {
        assert_answered(number, answer, amount);
    }
    for (request, status) in asked.iter().zip(statuses) {
        let repeat = deployment.ask(0, request).await.unwrap();
        assert_eq!(repeat.status.as_u16(), status, "race {number}: {}", repeat.text);
    }
    let refunded = refunded_at_stripe(deployment, shop, number).await;
    let won = statuses.iter().zip(amounts).filter(|(status, _)| **status == 200).map(|(_, amount)| amount);
    let (mut exact, mut all) = (0, false);
    for amount in won.clone() {
        exact += amount.unwrap_or(0);
        all |= amount.is_none();
    }
    assert_eq!(refunded, if all { PRICE } else { exact }, "race {number}: {amounts:?} {statuses:?}");
    let fits = exact <= PRICE && !amounts.contains(&None);
    let winners = won.count();
    assert!(winners >= 1, "race {number}: nobody won, {} {}", answers[0].text, answers[1].text);
    let both_fit = amounts.iter().map(|amount| amount.unwrap_or(PRICE)).sum::<u32>() <= PRICE;
    assert!(!fits || (winners == 2) == both_fit, "race {number}: {amounts:?} {statuses:?}");
    winners
}

fn assert_answered(number: u32, answer: &Answer, amount: Option<u32>) {
    match answer.status.as_u16() {
        200 => {}
        409 => {
            assert_eq!(answer.error(), "refund_conflict", "race {number}");
            let details = &answer.json()["details"];
            let asked = amount.map(|amount| json!({ "minorUnits": amount, "currency": "USD" }));
            assert_eq!(details["asked"], asked.unwrap_or(Value::Null), "race {number}");
            let sum = |name: &str| details[name]["minorUnits"].as_u64().unwrap();
            assert_eq!(sum("refunded") + sum("underWay") + sum("left"), u64::from(PRICE), "{}", answer.text);
            assert!(u64::from(amount.unwrap_or(u32::MAX)) > sum("left"), "race {number}: {}", answer.text);
        }
        other => panic!("race {number}: {other} {}", answer.text),
    }
}

/// The id of an invoice that the user has paid.
async fn paid_invoice(deployment: &Deployment, shop: &Shop, user: &str) -> String {
    let link = shop.done(deployment, &shop.sell(user, format!("link_{user}"))).await.json();
    assert!(deployment.stripe.pay(link["url"].as_str().unwrap()).await);
    let found = async {
        loop {
            let listed = shop.done(deployment, &shop.invoices_of(user)).await.json();
            if let Some(id) = listed["items"][0]["id"].as_str() {
                return id.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(MIRRORED_WITHIN, found).await.expect("the invoice is mirrored")
}

/// What the charge of the race's payer gave back, by Stripe's ledger.
async fn refunded_at_stripe(deployment: &Deployment, shop: &Shop, number: u32) -> u32 {
    let listed = shop.done(deployment, &shop.invoices_of(&format!("user_{number}"))).await.json();
    let invoice = listed["items"][0]["stripeId"].as_str().unwrap();
    let payments = deployment.stripe.get(&format!("/v1/invoice_payments?invoice={invoice}")).await;
    let intent = payments["data"][0]["payment"]["payment_intent"].as_str().unwrap();
    let charges = deployment.stripe.get(&format!("/v1/charges?payment_intent={intent}")).await;
    let charge = &charges["data"][0];
    assert!(charge["amount_refunded"].as_u64() <= charge["amount"].as_u64());
    charge["amount_refunded"].as_u64().unwrap().try_into().unwrap()
}
