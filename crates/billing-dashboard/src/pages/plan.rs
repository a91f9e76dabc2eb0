use actix_web::http::StatusCode;
use billing_application::{AddPrice, Facts, PageLimit, PageRequest};
use billing_domain::{App, Feature, PlanId, PlanOffer, Visibility};

use super::features::features;
use super::price_form::read_price;
use crate::present::{clipped, feature_row, moment, optional, payers, price_row, trial, visibility};
use crate::views::{
    ConfirmChangePage, Confirmation, FeatureForm, FeatureRow, FormState, KnownFeature, PlanDetails, PlanPage,
    PriceFields, PriceForm, Sale, Section,
};
use crate::web::{Failure, Fields, Flash, Reply, Submission, Visit, refusal, rendered};

/// The maximum number of archived prices, the latest ones.
const ARCHIVED_SHOWN: usize = 20;
/// The maximum number of characters of a feature's description.
const DESCRIPTION_SHOWN: usize = 120;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    let forms = Forms::empty(&visit, &offer);
    page(&visit, StatusCode::OK, &app, &offer, forms).await
}

pub(crate) async fn take_price(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let offer = offer(visit, &app).await?;
    let mut errors = Vec::new();
    let Some(terms) = read_price(fields, str::to_owned, &mut errors) else {
        let forms = Forms::with_price(visit, &offer, typed(&submission, submission.again(errors)));
        return page(visit, StatusCode::BAD_REQUEST, &app, &offer, forms).await;
    };
    let change = AddPrice {
        app_id: app.id.clone(),
        plan_id: offer.plan.id,
        terms,
        expected_version: Some(submission.version()),
    };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(made) => {
            let flash = if made.is_new { Flash::PriceAdded } else { Flash::PriceOfferedAlready };
            visit.done(flash, &path(&app, offer.plan.id))
        }
        Err(refused) => {
            let offer = match refused.told().facts {
                Facts::Plan(current) => current.clone(),
                _ => offer,
            };
            let (status, error) = refusal(refused)?;
            // Shown with the present state and a new version, so that sending it again is deliberate.
            let state = FormState { errors: vec![error], ..fresh(visit, &offer) };
            let forms = Forms::with_price(visit, &offer, typed(&submission, state));
            page(visit, status, &app, &offer, forms).await
        }
    }
}

/// The forms at the bottom of a plan's page.
pub(super) struct Forms {
    price: PriceForm,
    feature: FeatureForm,
}

impl Forms {
    fn empty(visit: &Visit, offer: &PlanOffer) -> Self {
        Self {
            price: PriceForm { state: fresh(visit, offer), price: PriceFields::untouched() },
            feature: FeatureForm::typed(&Fields::default(), visit.creating()),
        }
    }

    fn with_price(visit: &Visit, offer: &PlanOffer, price: PriceForm) -> Self {
        Self { price, ..Self::empty(visit, offer) }
    }

    pub(super) fn with_feature(visit: &Visit, offer: &PlanOffer, feature: FeatureForm) -> Self {
        Self { feature, ..Self::empty(visit, offer) }
    }
}

/// A form that creates, based on the plan's present version.
fn fresh(visit: &Visit, offer: &PlanOffer) -> FormState {
    FormState { version: visit.editing(offer.plan.version).version, ..visit.creating() }
}

fn typed(submission: &Submission, state: FormState) -> PriceForm {
    PriceForm { state, price: PriceFields::typed(&submission.fields, str::to_owned) }
}

/// The plan of the path.
pub(super) async fn offer(visit: &Visit, app: &App) -> Result<PlanOffer, Failure> {
    let (app_id, plan_id): (_, PlanId) = (app.id.clone(), visit.of_path("plan_id")?);
    visit
        .read(move |reads, session| async move { reads.plan(&session.workspace_id, &app_id, plan_id).await })
        .await
}

pub(super) fn path(app: &App, plan: PlanId) -> String {
    format!("/app/{}/billing/plans/{plan}", app.id)
}

/// Asks before a change that is sent to this path under the plan's.
pub(super) fn confirm(
    visit: &Visit,
    app: &App,
    offer: &PlanOffer,
    change: &str,
    asked: Confirmation,
) -> Reply {
    let plan = path(app, offer.plan.id);
    let page = ConfirmChangePage {
        layout: visit.app_layout(app, Section::AppBilling)?,
        asked,
        action: format!("{plan}/{change}"),
        cancel: plan,
        form: visit.confirming(),
    };
    rendered(StatusCode::OK, &page)
}

pub(super) async fn page(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    offer: &PlanOffer,
    forms: Forms,
) -> Reply {
    let archived = || offer.prices.iter().rev().filter(|price| !price.is_offered());
    let page = PlanPage {
        layout: visit.app_layout(app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        plan: details(offer),
        prices: offer.offered_prices().map(price_row).collect(),
        archived_prices: archived().take(ARCHIVED_SHOWN).map(price_row).collect(),
        archived_count: archived().count(),
        features: offer.features.iter().map(clipped_row).collect(),
        price_form: forms.price,
        feature_form: forms.feature,
        known_features: known_features(visit, app, offer).await?,
    };
    rendered(status, &page)
}

fn details(offer: &PlanOffer) -> PlanDetails {
    let plan = &offer.plan;
    PlanDetails {
        id: plan.id.to_string(),
        name: plan.details.name.to_string(),
        key: plan.key.to_string(),
        description: optional(plan.details.description.as_ref()),
        payers: payers(plan.payer_kind).to_owned(),
        trial: trial(&plan.details),
        visibility: visibility(plan.details.visibility).to_owned(),
        created: moment(plan.created_at),
        is_default: plan.details.is_default,
        is_hidden: plan.details.visibility == Visibility::Hidden,
        archived: plan.archived_at.map(moment),
        sale: sale(offer),
    }
}

fn sale(offer: &PlanOffer) -> Sale {
    match (offer.is_editable(), offer.takes_prices()) {
        (false, _) => Sale::Ended,
        (true, false) => Sale::Free,
        (true, true) => Sale::Priced,
    }
}

fn clipped_row(feature: &Feature) -> FeatureRow {
    let row = feature_row(feature);
    FeatureRow { description: clipped(&row.description, DESCRIPTION_SHOWN), ..row }
}

/// The latest features that are not attached.
async fn known_features(visit: &Visit, app: &App, offer: &PlanOffer) -> Result<Vec<KnownFeature>, Failure> {
    if !visit.session()?.role.may_change_billing() {
        return Ok(Vec::new());
    }
    let limit = PageLimit::new(PageLimit::LARGEST).map_err(Failure::internal)?;
    let features = features(visit, app, PageRequest { limit, cursor: None }).await?;
    let known = |feature: Feature| KnownFeature {
        key: feature.key.to_string(),
        name: feature.details.name.to_string(),
    };
    Ok(features
        .items
        .into_iter()
        .filter(|feature| offer.feature(&feature.key).is_none())
        .map(known)
        .collect())
}
