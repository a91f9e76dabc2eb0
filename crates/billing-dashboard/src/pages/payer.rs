use actix_web::http::StatusCode;
use billing_application::PayerAccess;
use billing_domain::ports::Counted;
use billing_domain::{AccessReason, App, AppId, EnvironmentId, Payer, PayerKind, Subscription};

use super::sale_filters::typed;
use super::sales::{Offers, environment, payer_kind};
use super::{invoices, subscriptions};
use crate::lists::grouped;
use crate::present::{self, moment};
use crate::views::{PayerAccessFacts, PayerPage, Place, Segment};
use crate::web::{Failure, Reply, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let payer = of_path(&visit)?;
    let path = path(&app.id, &payer);
    let chosen = typed(&visit, "environment");
    let environment: Option<EnvironmentId> = chosen.parse().ok();
    if environment.is_none() && !chosen.is_empty() {
        return Ok(redirect(&path));
    }
    let app_id = app.id.clone();
    let facts = visit
        .read(move |reads, session| async move {
            reads.payer(&session.workspace_id, &app_id, payer, environment.as_ref()).await
        })
        .await?;
    let plans = facts.live.iter().chain(&facts.ended).filter_map(|subscription| subscription.state.plan_id);
    let offers = Offers::of(&visit, &app, plans).await?;
    let rows = |of: &[Subscription]| of.iter().map(|it| subscriptions::row(it, &offers)).collect();
    let page = PayerPage {
        layout: visit.app_layout(&app, Place::Billing)?,
        id: facts.payer.id().to_owned(),
        kind: payer_kind(facts.payer.kind()),
        environments: environments(&app, &path, &chosen),
        live: rows(&facts.live),
        ended: rows(&facts.ended),
        filter: filter(&facts.payer, &chosen),
        subscription_count: number(&facts.subscription_count),
        invoices: facts.invoices.iter().map(invoices::row).collect(),
        invoice_count: number(&facts.invoice_count),
        paid: facts.paid.iter().map(ToString::to_string).collect(),
        is_paid_cut: facts.is_paid_cut,
        trial: facts.trial_at.map(moment),
        access: access(&app, facts.access),
    };
    rendered(StatusCode::OK, &page)
}

/// The payer of the path.
fn of_path(visit: &Visit) -> Result<Payer, Failure> {
    let kind: PayerKind = visit.of_path("payer_kind")?;
    let id: String = visit.of_path("payer_id")?;
    Payer::parse(kind, id).map_err(|_| Failure::not_found())
}

pub(super) fn path(app: &AppId, payer: &Payer) -> String {
    format!("/app/{app}/billing/payers/{}/{}", payer.kind().as_str(), payer.id())
}

fn environments(app: &App, path: &str, chosen: &str) -> Vec<Segment> {
    let segment = |id: &str, label: &str| Segment {
        path: if id.is_empty() { path.to_owned() } else { format!("{path}?environment={id}") },
        label: label.to_owned(),
        count: None,
        is_chosen: id == chosen,
    };
    let all = segment("", "All environments");
    let each = app.environments.iter().map(|of| segment(of.id.as_str(), present::environment(of.kind)));
    std::iter::once(all).chain(each).collect()
}

/// The parameters of the lists that show no other payer.
fn filter(payer: &Payer, environment: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("payerId", payer.id()).append_pair("payerKind", payer.kind().as_str());
    query.extend_pairs(Some(("environment", environment)).filter(|_| !environment.is_empty()));
    query.finish()
}

fn number(count: &Counted) -> String {
    format!("{}{}", grouped(count.total), if count.is_exact { "" } else { "+" })
}

fn access(app: &App, access: PayerAccess) -> PayerAccessFacts {
    let reason = match access.reason {
        AccessReason::Subscription => "By a subscription that is paid.",
        AccessReason::Trial => "By a trial.",
        AccessReason::Grace => "By a subscription that is past due, for the days of grace.",
        AccessReason::DefaultPlan => "By the default plan: no subscription gives access.",
        AccessReason::NoPlan => "No subscription gives access, and there is no default plan.",
    };
    let plan = match (&access.offer, access.reason) {
        (Some(offer), _) => offer.plan.details.name.to_string(),
        (None, AccessReason::NoPlan) => "No plan".to_owned(),
        (None, _) => "Another plan at Stripe".to_owned(),
    };
    let plan_path = access.offer.as_ref().map(|offer| super::plan::path(app, offer.plan.id));
    let features = access.offer.into_iter().flat_map(|offer| offer.features);
    PayerAccessFacts {
        environment: environment(app, &access.environment_id),
        plan,
        plan_path,
        reason,
        until: access.until.map(moment),
        features: features.map(|feature| feature.details.name.to_string()).collect(),
    }
}
