//! The amounts of the year, in minor units.

pub struct Figures {
    pub currency: &'static str,
    pub basic: i64,
    pub pro: i64,
    pub upgrade_credit: i64,
    pub upgrade_charge: i64,
    /// The renewal that bills the upgrade: both prorations and a month of Pro.
    pub after_upgrade: i64,
    pub downgrade_credit: i64,
    pub downgrade_charge: i64,
    /// The total of the downgrade's own invoice, and the balance it leaves.
    pub downgrade: i64,
    /// The balance after a month of Basic is taken from it.
    pub balance_after_may: i64,
    /// What June's Basic costs when the rest of the balance is used up.
    pub june: i64,
    /// All that the card was charged with in the year.
    pub year: i64,
}

// Upgrade on 15 March, 17:03:21, in the period from 28 February to 31 March, 9:30:00 each:
// 15 days, 16 hours, 26 minutes and 39 seconds are left, 1355199 of 31 × 86400 = 2678400 seconds.
// Downgrade on 9 May, 6:00:00, in the period from 30 April to 31 May, 9:30:00 each:
// 22 days, 3 hours and 30 minutes are left, 1913400 of 2678400 seconds.

pub const USD: Figures = Figures {
    currency: "usd",
    basic: 2000,
    pro: 5000,
    // 2000 × 1355199 / 2678400 = 1011.95
    upgrade_credit: -1012,
    // 5000 × 1355199 / 2678400 = 2529.87
    upgrade_charge: 2530,
    // 5000 + 2530 − 1012
    after_upgrade: 6518,
    // 5000 × 1913400 / 2678400 = 3571.91
    downgrade_credit: -3572,
    // 2000 × 1913400 / 2678400 = 1428.76
    downgrade_charge: 1429,
    // 1429 − 3572
    downgrade: -2143,
    // 2000 − 2143
    balance_after_may: -143,
    // 2000 − 143
    june: 1857,
    // January 2000, February 2000, March 6518, April 5000, May 0, June 1857, July 2000, then 3 × 5000
    year: 34_375,
};

// The same numbers as in dollars, but whole yen: a yen has no minor unit, so nothing is a hundredth here.
pub const JPY: Figures = Figures {
    currency: "jpy",
    basic: 2000,
    pro: 5000,
    // 1011.95 and 2529.87, as above
    upgrade_credit: -1012,
    upgrade_charge: 2530,
    after_upgrade: 6518,
    // 3571.91 and 1428.76, as above
    downgrade_credit: -3572,
    downgrade_charge: 1429,
    downgrade: -2143,
    balance_after_may: -143,
    june: 1857,
    year: 34_375,
};

// A dinar has 1000 fils, and cards are charged in steps of ten, so each line is rounded to the nearest ten.
pub const KWD: Figures = Figures {
    currency: "kwd",
    basic: 6000,
    pro: 15_000,
    // 6000 × 1355199 / 2678400 = 3035.84
    upgrade_credit: -3040,
    // 15000 × 1355199 / 2678400 = 7589.60
    upgrade_charge: 7590,
    // 15000 + 7590 − 3040
    after_upgrade: 19_550,
    // 15000 × 1913400 / 2678400 = 10715.73
    downgrade_credit: -10_720,
    // 6000 × 1913400 / 2678400 = 4286.29
    downgrade_charge: 4290,
    // 4290 − 10720
    downgrade: -6430,
    // 6000 − 6430
    balance_after_may: -430,
    // 6000 − 430
    june: 5570,
    // January 6000, February 6000, March 19550, April 15000, May 0, June 5570, July 6000, then 3 × 15000
    year: 103_120,
};
