use actix_web::http::StatusCode;
use billing_application::{AddPrice, Facts, PageLimit};
use billing_domain::{App, Feature, PlanId, PlanOffer};

use super::feature::features;
use super::price_form::read_price;
use crate::present::{clipped, feature_row, moment, optional, payers, price_row, trial, visibility};
use crate::views::{
    AttachForm, ConfirmPage, Confirmation, FeatureChoice, FeatureRow, FormState, Place, PlanFacts, PlanPage,
    PriceFields, PriceForm, Status,
};
use crate::web::{Failure, Fields, Flash, Reply, Submission, Visit, refusal, rendered};

/// The maximum number of archived prices, the latest ones.
const ARCHIVED_SHOWN: usize = 20;
/// The maximum number of characters of a feature's description.
const DESCRIPTION_SHOWN: usize = 120;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    let mut forms = Forms::empty(&visit, &offer);
    if visit.of_query("panel").as_deref() == Some("new-feature") {
        (forms.feature.is_open, forms.feature.is_new) = (true, true);
    }
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

/// The forms of a plan's page.
pub(super) struct Forms {
    price: PriceForm,
    feature: AttachForm,
}

impl Forms {
    fn empty(visit: &Visit, offer: &PlanOffer) -> Self {
        Self {
            price: PriceForm { state: fresh(visit, offer), price: PriceFields::untouched() },
            feature: AttachForm { is_open: false, ..AttachForm::typed(&Fields::default(), visit.creating()) },
        }
    }

    fn with_price(visit: &Visit, offer: &PlanOffer, price: PriceForm) -> Self {
        Self { price, ..Self::empty(visit, offer) }
    }

    pub(super) fn with_feature(visit: &Visit, offer: &PlanOffer, feature: AttachForm) -> Self {
        Self { feature, ..Self::empty(visit, offer) }
    }
}

impl AttachForm {
    /// The form as submitted, open.
    pub(super) fn typed(fields: &Fields, state: FormState) -> Self {
        let [key, name, description] = ["key", "name", "description"].map(|name| fields.typed(name));
        let key = if key.value.is_empty() { fields.typed("feature") } else { key };
        let is_new = fields.has("key") || state.error_of("name").is_some();
        Self {
            state,
            is_open: true,
            is_new,
            choices: Vec::new(),
            more: String::new(),
            key,
            name,
            description,
        }
    }

    fn choosing(mut self, features: &[Feature], offer: &PlanOffer) -> Self {
        let others = features.iter().filter(|feature| offer.feature(&feature.key).is_none());
        self.choices = others.map(FeatureChoice::of).collect();
        self.is_new |= self.choices.is_empty();
        self
    }
}

impl FeatureChoice {
    pub(super) fn of(feature: &Feature) -> Self {
        Self { key: feature.key.to_string(), name: feature.details.name.to_string(), is_chosen: false }
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
    (question, consequences, button): (String, &str, &'static str),
) -> Reply {
    let back = path(app, offer.plan.id);
    let asked = Confirmation {
        question,
        consequences: consequences.to_owned(),
        button,
        leave: "Cancel",
        action: format!("{back}/{change}"),
        back,
        back_label: offer.plan.details.name.to_string(),
    };
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(StatusCode::OK, &ConfirmPage { layout, asked, form: visit.confirming(), refusal: None })
}

pub(super) async fn page(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    offer: &PlanOffer,
    forms: Forms,
) -> Reply {
    let archived = || offer.prices.iter().rev().filter(|price| !price.is_offered());
    let layout = visit.app_layout(app, Place::Billing)?;
    let limit = PageLimit::LARGEST;
    let (known, more) =
        if layout.can_change { features(visit, app, limit).await? } else { (Vec::new(), String::new()) };
    let page = PlanPage {
        layout,
        path: path(app, offer.plan.id),
        plan: facts(offer),
        prices: offer.offered_prices().map(price_row).collect(),
        archived_prices: archived().take(ARCHIVED_SHOWN).map(price_row).collect(),
        archived_count: archived().count(),
        features: offer.features.iter().map(clipped_row).collect(),
        price_form: forms.price,
        feature_form: AttachForm { more, ..forms.feature.choosing(&known, offer) },
    };
    rendered(status, &page)
}

fn facts(offer: &PlanOffer) -> PlanFacts {
    let plan = &offer.plan;
    PlanFacts {
        id: plan.id.to_string(),
        name: plan.details.name.to_string(),
        key: plan.key.to_string(),
        status: Status::plan(offer),
        description: optional(plan.details.description.as_ref()),
        payers: payers(plan.payer_kind),
        trial: trial(plan.details.trial_days),
        visibility: visibility(plan.details.visibility),
        created: moment(plan.created_at),
        is_default: plan.details.is_default,
        archived: plan.archived_at.map(moment),
        is_sold: offer.is_editable(),
        takes_prices: offer.takes_prices(),
    }
}

fn clipped_row(feature: &Feature) -> FeatureRow {
    let row = feature_row(feature);
    FeatureRow { description: clipped(&row.description, DESCRIPTION_SHOWN), ..row }
}
