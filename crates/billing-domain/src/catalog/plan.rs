use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::stored::stored;
use crate::{
    AppId, Description, DisplayName, FromStored, PlanId, PlanKey, Timestamp, Version, WorkspaceId, wire_time,
};

/// A plan of an app. Its prices and features are in the [`PlanOffer`](crate::PlanOffer).
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The plan's id.
    pub id: PlanId,
    /// The tenant.
    #[serde(deserialize_with = "stored")]
    pub workspace_id: WorkspaceId,
    /// The app that sells the plan.
    #[serde(deserialize_with = "stored")]
    pub app_id: AppId,
    /// The name of the plan in code; unique among the app's plans that are not archived.
    #[serde(deserialize_with = "stored")]
    pub key: PlanKey,
    /// The kind of payer that can subscribe. Never changes.
    pub payer_kind: PayerKind,
    /// The changeable part.
    #[serde(flatten)]
    pub details: PlanDetails,
    /// The end of the sale to new subscribers. An archived plan is never deleted and never sold again.
    #[serde(with = "wire_time::option")]
    pub archived_at: Option<Timestamp>,
    /// Grows with each change of the plan, its prices or its features.
    pub version: Version,
    /// The moment of creation.
    #[serde(with = "wire_time")]
    pub created_at: Timestamp,
}

/// The changeable part of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanDetails {
    /// The displayed name.
    #[serde(deserialize_with = "stored")]
    pub name: DisplayName,
    /// The displayed description.
    #[serde(default, deserialize_with = "stored")]
    pub description: Option<Description>,
    /// The free trial of a new subscriber before the first payment.
    #[serde(deserialize_with = "stored")]
    pub trial_days: TrialDays,
    /// Whether the public catalog lists the plan.
    pub visibility: Visibility,
    /// Whether payers without a subscription have this plan. At most one default plan per app and payer kind, and
    /// a free one.
    pub is_default: bool,
}

impl PlanDetails {
    /// Details with this name and the defaults: public, no description, no trial, not the default plan.
    #[must_use]
    pub fn named(name: DisplayName) -> Self {
        Self {
            name,
            description: None,
            trial_days: TrialDays::NONE,
            visibility: Visibility::default(),
            is_default: false,
        }
    }

    /// Whether a new subscriber gets a free trial.
    #[must_use]
    pub fn has_trial(&self) -> bool {
        self.trial_days != TrialDays::NONE
    }
}

/// The kind of payer that can subscribe to a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayerKind {
    /// An end user.
    #[default]
    User,
    /// An organization of end users.
    Organization,
}

words!(
    PayerKind { User => "user", Organization => "organization" },
    stored or UnknownWord { expected: "user or organization" }
);

/// Whether the public catalog lists a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Listed for everybody.
    #[default]
    Public,
    /// Not listed; sold through a checkout link only.
    Hidden,
}

words!(
    Visibility { Public => "public", Hidden => "hidden" },
    stored or UnknownWord { expected: "public or hidden" }
);

/// The word is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Choose {expected}.")]
pub struct UnknownWord {
    /// The known words.
    pub expected: &'static str,
}

/// The length of a free trial in days; 0 means no trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct TrialDays(u16);

/// The number of days is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a whole number of days from 0 to {}.", TrialDays::LONGEST)]
pub struct InvalidTrial;

impl TrialDays {
    /// The maximum of Stripe: two years.
    pub const LONGEST: u32 = 730;
    /// No trial.
    pub const NONE: Self = Self(0);

    /// A trial of `days` days.
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

    /// Parses a number of days.
    fn from_str(text: &str) -> Result<Self, InvalidTrial> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidTrial);
        }
        text.parse().map_err(|_| InvalidTrial).and_then(Self::new)
    }
}

impl FromStored for TrialDays {
    type Kept = u32;

    fn from_stored(kept: u32) -> Option<Self> {
        u16::try_from(kept).ok().map(Self)
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
    /// Whether the plan is archived.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }
}
