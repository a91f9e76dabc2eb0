use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{AppId, Description, DisplayName, PlanId, PlanKey, Timestamp, Version, WorkspaceId};

/// What is sold. Its prices and features are in the [`PlanOffer`](crate::PlanOffer).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The app it belongs to.
    pub app_id: AppId,
    /// By which code knows it; unique among the app's plans that are not archived.
    pub key: PlanKey,
    /// Who can subscribe to it. It never changes.
    pub payer_kind: PayerKind,
    /// What may be changed.
    #[serde(flatten)]
    pub details: PlanDetails,
    /// Since when nobody new can subscribe to it. An archived plan is never deleted and never sold again.
    pub archived_at: Option<Timestamp>,
    /// Grows with each change of the plan, its prices or its features.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What people may change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanDetails {
    /// What people call it.
    pub name: DisplayName,
    /// What people say of it.
    pub description: Option<Description>,
    /// How long a new subscriber tries it before the first payment.
    pub trial_days: TrialDays,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it is what everyone has who has not subscribed. At most one such plan per app and payer kind, and
    /// a free one.
    pub is_default: bool,
}

/// Who subscribes to a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayerKind {
    /// An end user, for themself.
    #[default]
    User,
    /// An organization, for its members.
    Organization,
}

/// Who sees a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody: it is in the public catalog.
    #[default]
    Public,
    /// Only who is told of it.
    Hidden,
}

/// The word is none of those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be {expected}")]
pub struct UnknownWord {
    /// The words that are known.
    pub expected: &'static str,
}

macro_rules! words {
    ($name:ident, $expected:literal, $($variant:ident => $word:literal),+) => {
        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it on the wire and in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == word)
                    .ok_or(UnknownWord { expected: $expected })
            }
        }
    };
}
pub(super) use words;

words!(PayerKind, "`user` or `organization`", User => "user", Organization => "organization");
words!(Visibility, "`public` or `hidden`", Public => "public", Hidden => "hidden");

/// How many days a new subscriber tries a plan; none when zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct TrialDays(u16);

/// The number is no length a trial can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a trial must have 0 to {} whole days; 0 means no trial", TrialDays::LONGEST)]
pub struct InvalidTrial;

impl TrialDays {
    /// Stripe: a trial ends at most two years after it begins.
    pub const LONGEST: u32 = 730;
    /// No trial.
    pub const NONE: Self = Self(0);

    /// A trial of that many days.
    ///
    /// # Errors
    /// [`InvalidTrial`].
    pub fn new(days: u32) -> Result<Self, InvalidTrial> {
        if days > Self::LONGEST {
            return Err(InvalidTrial);
        }
        u16::try_from(days).map(Self).map_err(|_| InvalidTrial)
    }

    /// The number of days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.0.into()
    }
}

impl FromStr for TrialDays {
    type Err = InvalidTrial;

    /// Reads what a person typed.
    fn from_str(text: &str) -> Result<Self, InvalidTrial> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidTrial);
        }
        text.parse().map_err(|_| InvalidTrial).and_then(Self::new)
    }
}

impl TryFrom<u32> for TrialDays {
    type Error = InvalidTrial;

    fn try_from(days: u32) -> Result<Self, InvalidTrial> {
        Self::new(days)
    }
}

impl From<TrialDays> for u32 {
    fn from(trial: TrialDays) -> Self {
        trial.days()
    }
}

impl Plan {
    /// Whether nobody new can subscribe to it.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }
}
