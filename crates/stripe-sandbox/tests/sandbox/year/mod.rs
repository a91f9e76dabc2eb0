//! A year in the life of one subscriber, to the cent, in currencies with two, no and three decimals.
//! Basic is 20 a month and Pro 50 (6 and 15 in Kuwaiti dinars); every figure is worked out by hand.

mod figures;
mod story;

use figures::{JPY, KWD, USD};

#[tokio::test]
async fn a_year_in_dollars_is_billed_to_the_cent() {
    story::a_year(&USD).await;
}

#[tokio::test]
async fn a_year_in_yen_is_billed_to_the_yen() {
    story::a_year(&JPY).await;
}

#[tokio::test]
async fn a_year_in_dinars_is_billed_in_steps_of_ten_fils() {
    story::a_year(&KWD).await;
}
