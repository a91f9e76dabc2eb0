use async_trait::async_trait;

use super::StoreError;
use crate::{GatewayAccountId, GatewayEvent, StripeId, Timestamp};

/// The inbox of webhooks.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait EventInbox: Send + Sync {
    /// Stores the events and schedules the fetch of their objects, all in one transaction (contract, section 5, I3 and
    /// I4). An event that was stored before changes nothing but schedules its fetch again.
    ///
    /// The workspace of an event is that of its customer in the directory; or the one that pays the platform; or the
    /// hinted one, if it uses the event's account; or the only workspace of the account, if one workspace alone uses it.
    /// An event without a workspace that speaks of an object is set aside; one that speaks of none is not kept.
    ///
    /// Waits for no [locked](super::SwitchRepository::lock_workspace) workspace. Work that is being done meanwhile is
    /// marked: its completion is [`MoreArrived`](crate::Completion::MoreArrived).
    async fn accept(&self, events: Vec<GatewayEvent>, now: Timestamp) -> Result<(), StoreError>;

    /// Up to `limit` events that were set aside, latest first, and the total number.
    async fn unplaced_events(&self, limit: u32) -> Result<(Vec<UnplacedEvent>, u64), StoreError>;

    /// A page of up to `limit` events that were set aside and have a workspace now, in the order of their ids after the
    /// `last` of the page before, to be [accepted](Self::accept) again, which ends their being set aside. One that cannot
    /// be read is logged and left out: a page may have none, and is not the end.
    async fn unplaced_to_accept(&self, after: Option<String>, limit: u32)
    -> Result<UnplacedPage, StoreError>;
}

/// A page of events that were set aside and have a workspace now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnplacedPage {
    /// The events that can be read.
    pub events: Vec<GatewayEvent>,
    /// The id of the last row of the page, as it is stored; `None` after the end.
    pub last: Option<String>,
}

/// An event whose workspace is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnplacedEvent {
    /// Stripe's id.
    pub id: StripeId,
    /// The account the event is of.
    pub account: GatewayAccountId,
    /// The type.
    pub kind: String,
    /// The moment of receipt.
    pub received_at: Timestamp,
}
