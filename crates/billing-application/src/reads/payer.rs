//! Everything that is known of a payer.

use std::collections::BTreeMap;
use std::convert::Infallible;

use billing_domain::ports::{Counted, Edge, InvoiceFilter, PayerSearch, StoreError, SubscriptionFilter};
use billing_domain::{
    Access, AccessReason, App, AppId, EnvironmentId, EnvironmentKind, Invoice, InvoiceId, Money, MoneyError,
    Payer, PlanOffer, Subscription, SubscriptionId, SubscriptionStatus, Timestamp, WorkspaceId,
};

use super::Reads;
use crate::refusal::{Absent, Refused};

/// The number of subscriptions among which the ended ones are, the newest.
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
    /// The live subscriptions, newest first.
    pub live: Vec<Subscription>,
    /// Those of the newest 100 subscriptions that have ended.
    pub ended: Vec<Subscription>,
    /// The number of all subscriptions.
    pub subscription_count: Counted,
    /// The newest invoices.
    pub invoices: Vec<Invoice>,
    /// The number of all of them.
    pub invoice_count: Counted,
    /// What was paid of them and not given back, a sum for each currency in which something was paid.
    pub paid: Vec<Money>,
    /// Whether `paid` is of the newest 1,000 invoices only.
    pub is_paid_cut: bool,
    /// The moment of the one trial in the app, whatever the environment.
    pub trial_at: Option<Timestamp>,
    /// The access it has now.
    pub access: PayerAccess,
}

/// The access that a payer has in an environment at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PayerAccess {
    /// The environment.
    pub environment_id: EnvironmentId,
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
    /// What a payer has, had and paid in an app, and the access it has now: in the environment, or without one in production
    /// if it has something there, or else where it has something.
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
        let shop = self.app(workspace, app).await?;
        let search = Some(PayerSearch::Payer(payer.clone()));
        let filter = SubscriptionFilter {
            payer: search.clone(),
            environment_id: environment.cloned(),
            ..SubscriptionFilter::default()
        };
        let store = self.ports.store.subscriptions();
        let mut newest =
            store.subscriptions(workspace, app, &filter, Edge::Newest, SUBSCRIPTIONS).await?.items;
        let subscription_count = store.count_subscriptions(workspace, app, &filter, None).await?;
        let mut live = store.live_subscriptions_of(workspace, app, &payer).await?;
        let trial_at = store.trial_of(workspace, app, &payer).await?;
        let filter =
            InvoiceFilter { payer: search, environment_id: environment.cloned(), ..InvoiceFilter::default() };
        let store = self.ports.store.invoices();
        let mut invoices =
            store.invoices(workspace, app, &filter, Edge::<InvoiceId>::Newest, SUMMED + 1).await?.items;
        let invoice_count = Counted::bounded(0, invoices.len() as u64);
        invoices.truncate(SUMMED as usize);
        let paid = paid(&invoices).map_err(|error| StoreError::Unexpected(error.into()))?;
        if newest.is_empty() && live.is_empty() && invoices.is_empty() && trial_at.is_none() {
            self.require_sold(workspace, app, &payer, environment).await?;
        }
        let sold_in = live.iter().chain(&newest).map(|subscription| &subscription.environment_id);
        let sold_in: Vec<_> = sold_in.chain(invoices.iter().map(|invoice| &invoice.environment_id)).collect();
        let of_access = environment.or_else(|| environment_of(&shop, &sold_in)).ok_or_else(no_environment)?;
        let access = self.access(workspace, app, &payer, of_access, &live).await?;
        live.retain(|subscription| environment.is_none_or(|id| subscription.environment_id == *id));
        live.reverse();
        newest.retain(|subscription| !subscription.is_live());
        invoices.truncate(INVOICES);
        Ok(PayerFacts {
            payer,
            live,
            ended: newest,
            subscription_count,
            invoices,
            is_paid_cut: !invoice_count.is_exact,
            invoice_count,
            paid,
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
        let payer = Some(PayerSearch::Payer(payer.clone()));
        let filter = SubscriptionFilter { payer: payer.clone(), ..SubscriptionFilter::default() };
        let store = self.ports.store.subscriptions();
        if !store.subscriptions(workspace, app, &filter, Edge::Newest, 1).await?.items.is_empty() {
            return Ok(());
        }
        let filter = InvoiceFilter { payer, ..InvoiceFilter::default() };
        let charged = self.ports.store.invoices().invoices(workspace, app, &filter, Edge::Newest, 1).await?;
        if charged.items.is_empty() { Err(Absent::Payer.into()) } else { Ok(()) }
    }

    /// The access that the first of these live subscriptions gives in the environment, or else the default plan.
    async fn access(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
        environment: &EnvironmentId,
        live: &[Subscription],
    ) -> Result<PayerAccess, StoreError> {
        let (now, environment_id) = (self.ports.clock.now(), environment.clone());
        let plans = self.ports.store.plans();
        for subscription in live.iter().filter(|it| it.environment_id == *environment) {
            let grace_end = self.grace_end(workspace, app, subscription).await?;
            let Some(access) = Access::of(subscription, grace_end, now) else { continue };
            let offer = match access.plan_id {
                Some(plan) => plans.plan(workspace, app, plan).await?,
                None => None,
            };
            return Ok(PayerAccess {
                environment_id,
                reason: access.reason,
                subscription_id: Some(subscription.id),
                offer,
                until: access.until,
                as_of: now,
            });
        }
        let offer = plans.default_offer(workspace, app, payer.kind()).await?;
        let reason = if offer.is_some() { AccessReason::DefaultPlan } else { AccessReason::NoPlan };
        Ok(PayerAccess { environment_id, reason, subscription_id: None, offer, until: None, as_of: now })
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
        let unpaid = self.ports.store.attention().unpaid_invoices(workspace, app, &[subscription.id]).await?;
        Ok(subscription.grace_end(&unpaid, self.ports.grace))
    }
}

/// The environment of which the access is told: production, if something was sold there or nothing anywhere.
fn environment_of<'a>(app: &'a App, sold_in: &[&'a EnvironmentId]) -> Option<&'a EnvironmentId> {
    let production = app.environments.iter().find(|it| it.kind == EnvironmentKind::Production);
    let production = production.map(|it| &it.id).filter(|id| sold_in.contains(id));
    let sold_in = production.or_else(|| sold_in.first().copied());
    sold_in.or_else(|| app.environments.iter().max_by_key(|it| it.kind).map(|it| &it.id))
}

fn no_environment() -> StoreError {
    StoreError::Unexpected("the app has no environment".into())
}

/// The sums of what was paid and not given back, one for each currency in which something was paid.
fn paid(invoices: &[Invoice]) -> Result<Vec<Money>, MoneyError> {
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for invoice in invoices.iter().filter(|invoice| invoice.details.amount_paid.minor_units() != 0) {
        let mut kept = invoice.details.amount_paid;
        if let Some(state) = invoice.refund_state() {
            kept = kept.checked_sub(state.refunded)?;
        }
        let code = kept.currency().code();
        let sum = match sums.get(code) {
            Some(sum) => sum.checked_add(kept)?,
            None => kept,
        };
        sums.insert(code, sum);
    }
    Ok(sums.into_values().collect())
}
