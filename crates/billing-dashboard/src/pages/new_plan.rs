use std::array;

use actix_web::http::StatusCode;
use billing_application::CreatePlan;
use billing_domain::{App, BillingInterval, Currency, Money, PayerKind, PlanDetails, PriceTerms, Visibility};

use crate::views::{Checkbox, Field, FormError, FormState, NewPlanForm, NewPlanPage, PriceFields, Section};
use crate::web::{Fields, Flash, Reply, Submission, Visit, parsed, rendered};

/// The preselected currency of a new price.
pub(super) const USUAL_CURRENCY: &str = "USD";

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    // Refuses while billing is off.
    let app_id = app.id.clone();
    let nothing = billing_application::PageRequest::default();
    visit
        .read(move |reads, session| async move {
            reads.plans(&session.workspace_id, &app_id, false, &nothing).await
        })
        .await?;
    let form = NewPlanForm {
        state: visit.creating(),
        name: Field::default(),
        key: Field::default(),
        description: Field::default(),
        payer_kind: Field::new(PayerKind::default().as_str()),
        trial_days: Field::new("0"),
        visibility: Field::new(Visibility::default().as_str()),
        is_default: Checkbox::default(),
        prices: array::from_fn(|_| empty_price()),
    };
    page(&visit, StatusCode::OK, &app, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let mut errors = Vec::new();
    let Some(change) = read(fields, &app, &mut errors) else {
        return page(visit, StatusCode::BAD_REQUEST, &app, typed(fields, submission.again(errors)));
    };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(offer) => {
            visit.done(Flash::PlanCreated, &format!("/app/{}/billing/plans/{}", app.id, offer.plan.id))
        }
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, typed(fields, state))
        }
    }
}

fn read(fields: &Fields, app: &App, errors: &mut Vec<FormError>) -> Option<CreatePlan> {
    let name = fields.parse("name", errors);
    let key = fields.parse("key", errors);
    let description = fields.parse_optional("description", errors);
    let payer_kind = fields.parse("payer_kind", errors);
    let trial_days = fields.parse("trial_days", errors);
    let visibility = fields.parse("visibility", errors);
    let prices: Vec<_> = (1..=3).map(|row| read_price_row(fields, row, errors)).collect();
    if !errors.is_empty() {
        return None;
    }
    Some(CreatePlan {
        app_id: app.id.clone(),
        key: key?,
        payer_kind: payer_kind?,
        details: PlanDetails {
            name: name?,
            description,
            trial_days: trial_days?,
            visibility: visibility?,
            is_default: fields.is_ticked("is_default"),
        },
        prices: prices.into_iter().flatten().collect(),
    })
}

/// An untouched row is no price.
fn read_price_row(fields: &Fields, row: usize, errors: &mut Vec<FormError>) -> Option<PriceTerms> {
    let name = |part: &str| format!("price_{part}_{row}");
    let is_untouched = |part: &str, untouched: &str| {
        let text = fields.text(&name(part)).trim();
        text.is_empty() || text.eq_ignore_ascii_case(untouched)
    };
    if is_untouched("amount", "")
        && is_untouched("currency", USUAL_CURRENCY)
        && is_untouched("interval", BillingInterval::Month.as_str())
    {
        return None;
    }
    read_price(fields, &name("amount"), &name("currency"), &name("interval"), errors)
}

/// A price with its amount in major units.
pub(super) fn read_price(
    fields: &Fields,
    amount: &str,
    currency: &str,
    interval: &str,
    errors: &mut Vec<FormError>,
) -> Option<PriceTerms> {
    let code: Option<Currency> = parsed(Currency::parse(fields.text(currency).trim()), currency, errors);
    let every: Option<BillingInterval> = fields.parse(interval, errors);
    let money = parsed(Money::parse(fields.text(amount), code?), amount, errors)?;
    parsed(PriceTerms::new(money, every?), amount, errors)
}

fn empty_price() -> PriceFields {
    PriceFields {
        amount: Field::default(),
        currency: Field::new(USUAL_CURRENCY),
        interval: Field::new(BillingInterval::Month.as_str()),
    }
}

/// The form as submitted.
fn typed(fields: &Fields, state: FormState) -> NewPlanForm {
    let field = |name: &str| Field::new(fields.text(name));
    NewPlanForm {
        state,
        name: field("name"),
        key: field("key"),
        description: field("description"),
        payer_kind: field("payer_kind"),
        trial_days: field("trial_days"),
        visibility: field("visibility"),
        is_default: Checkbox::new(fields.is_ticked("is_default")),
        prices: array::from_fn(|index| {
            let part = |part: &str| field(&format!("price_{part}_{}", index + 1));
            PriceFields { amount: part("amount"), currency: part("currency"), interval: part("interval") }
        }),
    }
}

fn page(visit: &Visit, status: StatusCode, app: &App, form: NewPlanForm) -> Reply {
    let layout = visit.app_layout(app, Section::AppBilling)?;
    rendered(status, &NewPlanPage { layout, app_id: app.id.to_string(), form })
}
