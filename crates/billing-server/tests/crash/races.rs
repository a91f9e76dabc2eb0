//! Payments that meet a disable of billing.

use std::time::{Duration, Instant};

use billing_testing::{Suite, TestDatabase, setting};
use futures_util::{StreamExt, stream};

use crate::auditor::Auditor;
use crate::deployment::Deployment;
use crate::shop::Shop;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database(
        "a_race_of_payment_and_disable_has_one_winner",
        a_race_of_payment_and_disable_has_one_winner,
    )
}

/// The number of races on each database, unless this setting says otherwise.
const RACES: u32 = 100;
const RACES_SETTING: &str = "KL_TEST_RACES";

/// The number of races that run at the same time.
const AT_ONCE: usize = 4;

/// A payment begins at most so long before its disable does, or after it would have ended alone.
const AHEAD: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Winner {
    Payment,
    Disable,
}

async fn a_race_of_payment_and_disable_has_one_winner(database: TestDatabase) {
    let races = setting(RACES_SETTING).map_or(RACES, |races| races.parse().unwrap());
    assert!(races >= RACES, "{RACES_SETTING} must be at least {RACES}, or one of the two may never win");
    let deployment = Deployment::start(database, 1).await;
    let alone = disable_alone(&deployment).await;
    let running = stream::iter(0..races).map(|number| race(&deployment, number, alone));

    let winners: Vec<_> = running.buffer_unordered(AT_ONCE).collect().await;

    let quiet_after = Auditor::of(&deployment).heal().await;
    let paid = winners.iter().filter(|winner| **winner == Winner::Payment).count();
    let disabled = winners.len() - paid;
    println!("{races} races: {paid} paid first, {disabled} disabled first; quiet after {quiet_after:?}");
    assert!(paid > 0 && disabled > 0, "one of the two never won");
}

/// The time that a disable takes which nobody races.
async fn disable_alone(deployment: &Deployment) -> Duration {
    let shop = Shop::open(deployment, "ws_alone").await;
    shop.done(deployment, &shop.sell("user_1", "link_alone".to_owned())).await;
    let begun = Instant::now();
    shop.done(deployment, &shop.disable()).await;
    begun.elapsed()
}

/// A payment and a disable of a workspace of their own. The number decides when the payment begins.
async fn race(deployment: &Deployment, number: u32, alone: Duration) -> Winner {
    let shop = Shop::open(deployment, &format!("ws_{number}")).await;
    let link = shop.done(deployment, &shop.sell("user_1", format!("link_{number}"))).await.json();
    let page = link["url"].as_str().unwrap();
    let payment = (2 * AHEAD + alone).mul_f64(fastrand::Rng::with_seed(number.into()).f64());

    // Not waits for something: the distance of the two is the thing under test.
    let paid = async {
        tokio::time::sleep(payment).await;
        deployment.stripe.pay(page).await
    };
    let answer = async {
        tokio::time::sleep(AHEAD).await;
        deployment.ask(0, &shop.disable()).await.unwrap()
    };
    let (paid, answer) = tokio::join!(paid, answer);

    let outcome = (paid, answer.status.as_u16());
    match outcome {
        (true, 400) => {
            assert_eq!(answer.error(), "billing_has_active_end_user_subscriptions");
            Winner::Payment
        }
        (false, 200) => {
            // At once, before anything could repair it.
            Auditor::of(deployment).assert_nothing_chargeable(page).await;
            Winner::Disable
        }
        _ => panic!("race {number}: {outcome:?}, {}", answer.text),
    }
}
