use std::convert::Infallible;

use billing_domain::ports::AuditFilter;
use billing_domain::{
    AppId, AuditRecord, Invoice, Money, Subscription, SubscriptionId, Timestamp, Upcoming, UpcomingKind,
    WorkspaceId,
};

use super::{InvalidCursor, Listed, Page, PageRequest, Reads};
use crate::refusal::Refused;

/// What happened to a subscription, and what is to happen to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The upcoming events, soonest first.
    pub upcoming: Vec<Upcoming>,
    /// The entries of the audit log about it, the last committed first.
    pub page: Page<AuditRecord>,
}

/// A subscription that somebody has to look after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// The subscription, which is past due, unpaid, incomplete or paused.
    pub subscription: Subscription,
    /// The moment since which it is so.
    pub since: Option<Timestamp>,
    /// The end of the access that it keeps, if it is past due.
    pub grace_end: Option<Timestamp>,
    /// Its final and unpaid invoices, the oldest first.
    pub unpaid: Vec<Invoice>,
}

impl Attention {
    /// The sum that is due; `None` if nothing is, or in several currencies.
    #[must_use]
    pub fn due(&self) -> Option<Money> {
        let mut amounts = self.unpaid.iter().map(|invoice| invoice.details.left());
        let first = amounts.next()??;
        amounts.try_fold(first, |sum, amount| sum.checked_add(amount?).ok())
    }

    /// The moment at which Stripe next tries to charge for one of the invoices.
    #[must_use]
    pub fn next_attempt_at(&self) -> Option<Timestamp> {
        self.unpaid.iter().filter_map(|invoice| invoice.details.next_attempt_at).min()
    }
}

impl Reads {
    /// The timeline of a subscription.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn timeline(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        id: SubscriptionId,
        page: &PageRequest,
    ) -> Result<Timeline, Refused<InvalidCursor>> {
        let subscription = self.subscription(workspace, app, id).await.map_err(Refused::widened)?;
        let filter = AuditFilter { subscription: Some(id), ..AuditFilter::default() };
        let page = self.audit_log(workspace, &filter, page).await?;
        let unpaid = self.ports.store.attention().unpaid_invoices(workspace, app, &[id]).await?;
        let charge = self.charge(workspace, app, &subscription).await?;
        let mut upcoming = subscription.upcoming(charge, &unpaid, self.ports.grace);
        let now = self.ports.clock.now();
        upcoming.retain(|it| it.kind != UpcomingKind::GraceEnd || now < it.at);
        Ok(Timeline { upcoming, page })
    }

    /// The amount of a period at the subscription's price, if that is ours.
    async fn charge(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: &Subscription,
    ) -> Result<Option<Money>, Refused<InvalidCursor>> {
        let state = &subscription.state;
        let Some(plan) = state.plan_id else { return Ok(None) };
        let offer = self.ports.store.plans().plan(workspace, app, plan).await?;
        let price = offer.as_ref().and_then(|offer| offer.price(state.price_id?));
        Ok(price.and_then(|price| price.terms.amount().checked_mul(state.quantity.into()).ok()))
    }

    /// The subscriptions of an app that are past due, unpaid, incomplete or paused, newest first.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn attention(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        page: &PageRequest,
    ) -> Result<Listed<Attention>, Refused<InvalidCursor>> {
        let switch = self.require_open(workspace).await?;
        let attention = self.ports.store.attention();
        let page = Page::load(
            page,
            |subscription: &Subscription| subscription.id,
            |edge, limit| attention.unhealthy_subscriptions(workspace, app, edge, limit),
            |than| attention.count_unhealthy_subscriptions(workspace, app, than),
        );
        let page = page.await?;
        if page.items.is_empty() {
            self.require_app(workspace, app).await?;
        }
        let ids: Vec<_> = page.items.iter().map(|subscription| subscription.id).collect();
        let unpaid = attention.unpaid_invoices(workspace, app, &ids).await?;
        Ok(Listed { switch, page: page.map(|subscription| self.looked_after(subscription, &unpaid)) })
    }

    /// What has to be known of one subscription; `None` if it needs no attention.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn attention_to(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<Attention>, Refused<Infallible>> {
        if subscription.unpaid_since(&[]).is_none() {
            return Ok(None);
        }
        let Subscription { workspace_id, app_id, id, .. } = subscription;
        let unpaid = self.ports.store.attention().unpaid_invoices(workspace_id, app_id, &[*id]).await?;
        Ok(Some(self.looked_after(subscription.clone(), &unpaid)))
    }

    fn looked_after(&self, subscription: Subscription, unpaid: &[Invoice]) -> Attention {
        let mut of_it: Vec<_> = subscription.unpaid(unpaid).cloned().collect();
        of_it.sort_by_key(|invoice| (invoice.details.created_at, invoice.id));
        Attention {
            since: subscription.unpaid_since(unpaid),
            grace_end: subscription.grace_end(unpaid, self.ports.grace),
            unpaid: of_it,
            subscription,
        }
    }
}
