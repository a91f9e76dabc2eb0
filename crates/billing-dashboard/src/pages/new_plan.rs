use actix_web::http::StatusCode;
use billing_application::CreatePlan;
use billing_domain::{App, FeatureKey, PayerKind, PlanOffer, PriceTerms, Visibility};

use super::feature::features;
use super::plan_form::read_details;
use super::price_form::read_price;
use crate::views::{
    FeatureChoice, Field, FormError, FormState, NewPlanForm, NewPlanPage, Place, PlanFields, PriceFields,
};
use crate::web::{Fields, Flash, Reply, Submission, Visit, parsed, rendered};

/// The fields in the order of the page; a price's are numbered.
const ORDER: [&str; 9] = [
    "name",
    "key",
    "description",
    "price_",
    "trial_days",
    "feature",
    "payer_kind",
    "visibility",
    "is_default",
];
/// The number of rows up to which the form offers another one. More prices can be added on the plan's page.
const PRICE_ROWS: usize = 12;
/// The maximum number of features of the form. Others can be attached on the plan's page.
const FEATURES_SHOWN: u32 = 40;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let form = NewPlanForm {
        plan: PlanFields::untouched(),
        payer_kind: Field::new(PayerKind::default().as_str()),
        ..typed(&Fields::default(), visit.creating(), 1)
    };
    page(&visit, StatusCode::OK, &app, form, &Fields::default()).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let rows = price_rows(fields);
    if fields.text("do") == "add-price" {
        return page(
            visit,
            StatusCode::OK,
            &app,
            typed(fields, submission.again(Vec::new()), rows + 1),
            fields,
        )
        .await;
    }
    let mut errors = Vec::new();
    let Some(change) = read(fields, &app, &mut errors) else {
        return page(
            visit,
            StatusCode::BAD_REQUEST,
            &app,
            typed(fields, submission.again(errors), rows),
            fields,
        )
        .await;
    };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(offer) => {
            visit.done(Flash::PlanCreated, &format!("/app/{}/billing/plans/{}", app.id, offer.plan.id))
        }
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, typed(fields, state, rows), fields).await
        }
    }
}

fn read(fields: &Fields, app: &App, errors: &mut Vec<FormError>) -> Option<CreatePlan> {
    let details = read_details(fields, errors);
    let key = fields.parse("key", errors);
    let payer_kind = fields.parse("payer_kind", errors);
    let prices: Vec<_> =
        (1..=PlanOffer::MOST_PRICES).filter_map(|row| read_price_row(fields, row, errors)).collect();
    let features: Vec<FeatureKey> =
        fields.each("feature").filter_map(|key| parsed(key.parse(), "feature", errors)).collect();
    errors.sort_by_key(|error| {
        let field = error.field.as_deref().unwrap_or_default();
        ORDER.iter().position(|name| field.starts_with(name)).unwrap_or(ORDER.len())
    });
    if !errors.is_empty() {
        return None;
    }
    let (app_id, key, payer_kind, details) = (app.id.clone(), key?, payer_kind?, details?);
    Some(CreatePlan { app_id, key, payer_kind, details, prices, features })
}

/// An untouched row is no price.
fn read_price_row(fields: &Fields, row: usize, errors: &mut Vec<FormError>) -> Option<PriceTerms> {
    let name = |part: &str| price_name(part, row);
    if PriceFields::typed(fields, name).is_untouched() { None } else { read_price(fields, name, errors) }
}

/// The number of rows up to the last one of the form; at least one.
fn price_rows(fields: &Fields) -> usize {
    (1..=PlanOffer::MOST_PRICES).rev().find(|row| fields.has(&price_name("amount", *row))).unwrap_or(1)
}

fn price_name(part: &str, row: usize) -> String {
    format!("price_{part}_{row}")
}

/// The form as submitted, with this many rows of prices.
fn typed(fields: &Fields, state: FormState, rows: usize) -> NewPlanForm {
    let plan = PlanFields::typed(fields);
    let payer_kind = fields.typed("payer_kind");
    let is_advanced =
        ["payer_kind", "visibility", "is_default"].iter().any(|name| state.error_of(name).is_some())
            || plan.is_default.checked
            || fields.has("payer_kind")
                && (payer_kind.value != PayerKind::default().as_str()
                    || plan.visibility.value != Visibility::default().as_str());
    let row = |row: usize| {
        let is_sent = fields.has(&price_name("amount", row));
        if is_sent {
            PriceFields::typed(fields, |part| price_name(part, row))
        } else {
            PriceFields::untouched()
        }
    };
    NewPlanForm {
        state,
        plan,
        key: fields.typed("key"),
        payer_kind,
        prices: (1..=rows).map(row).collect(),
        takes_more_prices: rows < PRICE_ROWS,
        features: Vec::new(),
        more_features: String::new(),
        is_advanced_open: is_advanced,
    }
}

async fn page(visit: &Visit, status: StatusCode, app: &App, mut form: NewPlanForm, fields: &Fields) -> Reply {
    // Refuses while billing is off.
    let (features, more) = features(visit, app, FEATURES_SHOWN).await?;
    form.features = features.iter().map(FeatureChoice::of).collect();
    form.more_features = more;
    for key in fields.each("feature") {
        match form.features.iter_mut().find(|feature| feature.key == key) {
            Some(feature) => feature.is_chosen = true,
            None => form.features.push(FeatureChoice {
                key: key.to_owned(),
                name: key.to_owned(),
                is_chosen: true,
            }),
        }
    }
    rendered(status, &NewPlanPage { layout: visit.app_layout(app, Place::Billing)?, form })
}
