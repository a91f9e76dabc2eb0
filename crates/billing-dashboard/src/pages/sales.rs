//! The parts that pages of sales share.

use actix_web::http::StatusCode;
use billing_application::{PageLimit, PageRequest};
use billing_domain::ports::PlanFilter;
use billing_domain::{
    App, EnvironmentId, GatewayAccountId, Money, PayerKind, PlanId, PlanOffer, PriceId, StripeId,
};

use crate::present;
use crate::stripe_pages::{StripeKind, stripe_page};
use crate::views::{Choice, SeatsAtPrice, StripeObject};
use crate::web::{Failure, Visit};

/// The maximum number of plans to choose from besides those of the page. The page of any plan links to its
/// subscriptions.
const PLANS_TO_CHOOSE: u32 = 10;

/// The plans of an app, for choices, names and prices.
pub(super) struct Offers(Vec<PlanOffer>);

impl Offers {
    /// The plans with these ids.
    pub(super) async fn of(
        visit: &Visit,
        app: &App,
        ids: impl IntoIterator<Item = PlanId>,
    ) -> Result<Self, Failure> {
        Self(Vec::new()).and(visit, app, ids).await
    }

    /// The newest plans on sale, and those with these ids.
    pub(super) async fn known(
        visit: &Visit,
        app: &App,
        ids: impl IntoIterator<Item = PlanId>,
    ) -> Result<Self, Failure> {
        Self::listed(visit, app, PlanFilter::default(), PLANS_TO_CHOOSE, ids).await
    }

    /// The newest plans of a filter, and those with these ids.
    pub(super) async fn listed(
        visit: &Visit,
        app: &App,
        filter: PlanFilter,
        most: u32,
        ids: impl IntoIterator<Item = PlanId>,
    ) -> Result<Self, Failure> {
        let limit = PageLimit::new(most).map_err(Failure::internal)?;
        let request = PageRequest { limit, ..PageRequest::default() };
        let app_id = app.id.clone();
        let plans = visit.read(move |reads, session| async move {
            reads.plans(&session.workspace_id, &app_id, &filter, &request).await
        });
        Self(plans.await?.page.items).and(visit, app, ids).await
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &PlanOffer> {
        self.0.iter()
    }

    async fn and(
        mut self,
        visit: &Visit,
        app: &App,
        ids: impl IntoIterator<Item = PlanId>,
    ) -> Result<Self, Failure> {
        for id in ids {
            if self.plan(id).is_some() {
                continue;
            }
            let app_id = app.id.clone();
            let plan = visit.read(move |reads, session| async move {
                reads.plan(&session.workspace_id, &app_id, id).await
            });
            match plan.await {
                Ok(plan) => self.0.push(plan),
                // A price at Stripe can be one of another app's.
                Err(Failure::Status { status: StatusCode::NOT_FOUND, .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(self)
    }

    /// The names, by id.
    pub(super) fn choices(&self) -> Vec<Choice> {
        self.0
            .iter()
            .map(|offer| Choice::new(offer.plan.id.to_string(), offer.plan.details.name.as_str()))
            .collect()
    }

    pub(super) fn name(&self, id: Option<PlanId>) -> String {
        let plan = id.and_then(|id| self.plan(id));
        plan.map_or_else(|| "Another plan at Stripe".to_owned(), |offer| offer.plan.details.name.to_string())
    }

    /// The price with its seats, if it is one of a plan.
    pub(super) fn price(&self, id: Option<PriceId>, seats: u32) -> Option<SeatsAtPrice> {
        let terms = self.0.iter().find_map(|offer| offer.price(id?))?.terms;
        let amount = terms.amount();
        let amount = if seats == 1 { amount.to_string() } else { format!("{seats} × {amount}") };
        Some(SeatsAtPrice { amount, interval: terms.interval().as_str() })
    }

    pub(super) fn plan(&self, id: PlanId) -> Option<&PlanOffer> {
        self.0.iter().find(|offer| offer.plan.id == id)
    }
}

/// "User" or "Organization".
pub(super) fn payer_kind(kind: PayerKind) -> &'static str {
    match kind {
        PayerKind::User => "User",
        PayerKind::Organization => "Organization",
    }
}

/// The environment's kind, or else its id.
pub(super) fn environment(app: &App, id: &EnvironmentId) -> String {
    let known = app.environments.iter().find(|environment| environment.id == *id);
    known.map_or_else(|| id.to_string(), |known| present::environment(known.kind).to_owned())
}

pub(super) fn at_stripe(
    visit: &Visit,
    kind: StripeKind,
    account: &GatewayAccountId,
    id: &StripeId,
) -> StripeObject {
    StripeObject {
        id: id.to_string(),
        account: account.to_string(),
        address: Some(stripe_page(&visit.dashboard, kind, Some(account), id)),
    }
}

/// The amount, unless it is nothing.
pub(super) fn unless_zero(amount: Money) -> Option<Money> {
    (amount.minor_units() != 0).then_some(amount)
}
