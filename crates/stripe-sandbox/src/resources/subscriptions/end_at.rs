//! When a subscription is to end.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use crate::{clock::Timestamp, resources::invoices::Period};

/// A time, or the end of the period. All items have the same period here: the first of their ends and the last are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndAt {
    Time(Timestamp),
    PeriodEnd,
}

impl EndAt {
    pub fn time(self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(time),
            Self::PeriodEnd => None,
        }
    }

    pub fn of(self, period: Period) -> Timestamp {
        self.time().unwrap_or(period.end)
    }
}

impl FromStr for EndAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "min_period_end" | "max_period_end" => Ok(Self::PeriodEnd),
            _ => text.parse().map(Self::Time).map_err(|_| format!("Invalid integer: {text}")),
        }
    }
}

impl<'de> Deserialize<'de> for EndAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
