//! Everything that is known of a payer.

use std::collections::BTreeMap;
use std::convert::Infallible;

use billing_domain::ports::{Counted, Edge, InvoiceFilter, PayerSearch, StoreError, SubscriptionFilter};
use billing_domain::{
    Access, AccessReason, AppId, EnvironmentId, Invoice, InvoiceId, InvoiceStatus, Money, Payer, PlanOffer,
    Subscription, SubscriptionId, SubscriptionStatus, Timestamp, WorkspaceId,
};

use super::Reads;
use crate::refusal::{Absent, Refused};

/// The most subscriptions that are shown, the newest.
const SUBSCRIPTIONS: u32 = 100;
/// The most invoices that are shown, the newest.
const INVOICES: usize = 10;
/// The number of invoices that are summed up, the newest.
const SUMMED: u32 = 1_000;

/// A payer of an app, in one environment or in all.
#[derive(Debug, Clone, PartialEq)]
pub struct PayerFacts {
    /// The payer.
    pub payer: Payer,
    /// The newest subscriptions, live and ended.
    pub subscriptions: Vec<Subscription>,
    /// The number of all of them.
    pub subscription_count: Counted,
    /// The newest invoices.
    pub invoices: Vec<Invoice>,
    /// The number of all of them.
    pub invoice_count: Counted,
    /// What was paid of them, a sum for each currency.
    pub paid: Vec<Money>,
    /// Whether `paid` is of the newest 1,000 invoices only.
    pub is_paid_cut: bool,
    /// The moment of the one trial in the app, whatever the environment.
    pub trial_at: Option<Timestamp>,
    /// The access it has now.
    pub access: PayerAccess,
}

/// The access that a payer has at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PayerAccess {
    /// Why.
    pub reason: AccessReason,
    /// The subscription that gives it.
    pub subscription_id: Option<SubscriptionId>,
    /// The plan whose features the payer has.
    pub offer: Option<PlanOffer>,
    /// Its end, if one is set.
    pub until: Option<Timestamp>,
    /// The moment at which it is so.
    pub as_of: Timestamp,
}

impl Reads {
    /// What a payer has, had and paid in an app, and the access it has now.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn payer(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: Payer,
        environment: Option<&EnvironmentId>,
    ) -> Result<PayerFacts, Refused<Infallible>> {
        self.require_open(workspace).await?;
        self.require_app(workspace, app).await?;
        let search = Some(PayerSearch::Payer(payer.clone()));
        let filter = SubscriptionFilter {
            payer: search.clone(),
            environment_id: environment.cloned(),
            ..SubscriptionFilter::default()
        };
        let store = self.ports.store.subscriptions();
        let part = store.subscriptions(workspace, app, &filter, Edge::Newest, SUBSCRIPTIONS).await?;
        let subscription_count = store.count_subscriptions(workspace, app, &filter, None).await?;
        let trial_at = store.trial_of(workspace, app, &payer).await?;
        let filter =
            InvoiceFilter { payer: search, environment_id: environment.cloned(), ..InvoiceFilter::default() };
        let store = self.ports.store.invoices();
        let mut invoices =
            store.invoices(workspace, app, &filter, Edge::<InvoiceId>::Newest, SUMMED + 1).await?.items;
        let invoice_count = Counted::bounded(0, invoices.len() as u64);
        let is_paid_cut = !invoice_count.is_exact;
        invoices.truncate(SUMMED as usize);
        let paid = paid(&invoices).map_err(|error| StoreError::Unexpected(error.into()))?;
        if part.items.is_empty() && invoices.is_empty() && trial_at.is_none() {
            self.require_sold(workspace, app, &payer, environment).await?;
        }
        let access = self.access(workspace, app, &payer, &part.items).await?;
        invoices.truncate(INVOICES);
        Ok(PayerFacts {
            payer,
            subscriptions: part.items,
            subscription_count,
            invoices,
            invoice_count,
            paid,
            is_paid_cut,
            trial_at,
            access,
        })
    }

    /// Whether something was sold to the payer outside of this environment, in which nothing was.
    async fn require_sold(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
        environment: Option<&EnvironmentId>,
    ) -> Result<(), Refused<Infallible>> {
        if environment.is_none() {
            return Err(Absent::Payer.into());
        }
        let all = SubscriptionFilter {
            payer: Some(PayerSearch::Payer(payer.clone())),
            ..SubscriptionFilter::default()
        };
        let sold =
            self.ports.store.subscriptions().subscriptions(workspace, app, &all, Edge::Newest, 1).await?;
        if sold.items.is_empty() { Err(Absent::Payer.into()) } else { Ok(()) }
    }

    /// The access that the first of these subscriptions gives, or else the default plan.
    async fn access(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
        subscriptions: &[Subscription],
    ) -> Result<PayerAccess, StoreError> {
        let now = self.ports.clock.now();
        let plans = self.ports.store.plans();
        for subscription in subscriptions.iter().filter(|subscription| subscription.is_live()) {
            let grace_end = self.grace_end(workspace, app, subscription).await?;
            let Some(access) = Access::of(subscription, grace_end, now) else { continue };
            let offer = match access.plan_id {
                Some(plan) => plans.plan(workspace, app, plan).await?,
                None => None,
            };
            let subscription_id = Some(subscription.id);
            return Ok(PayerAccess {
                reason: access.reason,
                subscription_id,
                offer,
                until: access.until,
                as_of: now,
            });
        }
        let offer = plans.default_offer(workspace, app, payer.kind()).await?;
        let reason = if offer.is_some() { AccessReason::DefaultPlan } else { AccessReason::NoPlan };
        Ok(PayerAccess { reason, subscription_id: None, offer, until: None, as_of: now })
    }

    /// The end of the grace of a subscription that is past due.
    async fn grace_end(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: &Subscription,
    ) -> Result<Option<Timestamp>, StoreError> {
        if subscription.state.status != SubscriptionStatus::PastDue {
            return Ok(None);
        }
        let unpaid = InvoiceFilter {
            subscription_id: Some(subscription.id),
            status: Some(InvoiceStatus::Open),
            ..InvoiceFilter::default()
        };
        let unpaid = self
            .ports
            .store
            .invoices()
            .invoices(workspace, app, &unpaid, Edge::Newest, SUBSCRIPTIONS)
            .await?;
        Ok(Access::grace_end(subscription, &unpaid.items))
    }
}

/// The sums of what was paid, one for each currency, without those of nothing.
fn paid(invoices: &[Invoice]) -> Result<Vec<Money>, billing_domain::MoneyError> {
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for paid in
        invoices.iter().map(|invoice| invoice.details.amount_paid).filter(|paid| paid.minor_units() != 0)
    {
        let code = paid.currency().code();
        let sum = match sums.get(code) {
            Some(sum) => sum.checked_add(paid)?,
            None => paid,
        };
        sums.insert(code, sum);
    }
    Ok(sums.into_values().collect())
}
