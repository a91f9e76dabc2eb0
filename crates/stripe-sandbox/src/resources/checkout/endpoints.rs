//! `/v1/checkout/sessions`, and `/v1/payment_pages`, by which Stripe's own tools pay.

use serde::Deserialize;

use super::{
    create,
    pay::{self, Payment},
    session::{Session, Status},
    waiting,
};
use crate::{
    resources::customers::Customer,
    store::{Resource, Tx},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, page::list as rendered_list,
        values::merge_metadata,
    },
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/checkout/sessions", list);
    routes.post("/v1/checkout/sessions", create::create);
    routes.get("/v1/checkout/sessions/{session}", retrieve);
    routes.post("/v1/checkout/sessions/{session}", update);
    routes.post("/v1/checkout/sessions/{session}/expire", expire);
    routes.list("/v1/checkout/sessions/{session}/line_items", line_items);
    routes.get("/v1/payment_pages/{session}", retrieve_page);
    routes.post("/v1/payment_pages/{session}/confirm", confirm_page);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfDetails {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListSessions {
    created: Option<Range>,
    customer: Option<String>,
    customer_details: Option<OfDetails>,
    payment_intent: Option<String>,
    /// The sandbox has none, so nothing is of one.
    payment_link: Option<String>,
    status: Option<Status>,
    subscription: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListSessions = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let has_email = |session: &Session, wanted: &str| {
        let details = session.known_details(tx);
        details.and_then(|it| it.email).is_some_and(|email| email.eq_ignore_ascii_case(wanted))
    };
    let wanted = |session: &&Session| {
        params.created.is_none_or(|range| range.holds(session.created))
            && params.payment_link.is_none()
            && params.status.is_none_or(|status| session.status == status)
            && params.payment_intent.as_ref().is_none_or(|id| session.payment_intent.as_ref() == Some(id))
            && params.subscription.as_ref().is_none_or(|id| session.subscription.as_ref() == Some(id))
            && params.customer_details.as_ref().is_none_or(|it| has_email(session, &it.email))
    };
    match &params.customer {
        Some(customer) => call.page_of(tx, tx.of_owner::<Session>(customer).filter(wanted)),
        None => call.page_of(tx, tx.newest_first::<Session>().filter(wanted)),
    }
}

fn known(tx: &Tx<'_>, call: &Call) -> Result<Session, ApiError> {
    tx.get::<Session>(call.id("session")).map_err(|error| error.about("session"))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&known(tx, call)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateSession {
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut session = known(tx, call)?;
    let params: UpdateSession = call.params()?;
    merge_metadata(&mut session.metadata, params.metadata)?;
    tx.put(session.clone());
    Ok(Answer::object(&session))
}

fn expire(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let session = known(tx, call)?;
    if !session.is_open() {
        let status = serde_json::json!(session.status);
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of \
             {}.",
            status.as_str().unwrap_or_default()
        )));
    }
    Ok(Answer::object(&waiting::expire(tx, session)))
}

fn line_items(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let session = known(tx, call)?;
    let lines = session.render_lines(tx);
    let (page, has_more) = call.cut(lines, |(line, _)| &line.id)?;
    let data = page.into_iter().map(|(_, rendered)| rendered).collect();
    Ok(Answer::Json(rendered_list(&call.path, data, has_more)))
}

fn retrieve_page(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let session = known(tx, call)?;
    let mut body = session.render(tx);
    body["line_items"] = session.includable(tx, "line_items").unwrap_or_default();
    Ok(Answer::Json(body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    payment_method: Option<String>,
    expected_amount: Option<i64>,
}

fn confirm_page(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let session = known(tx, call)?;
    let params: Confirm = call.params()?;
    let total = session.sums().total;
    if params.expected_amount.is_some_and(|expected| expected != total) {
        let message = format!("The amount of this Checkout Session is {total}, and not what was expected.");
        return Err(ApiError::invalid(message).about("expected_amount").coded("checkout_amount_mismatch"));
    }
    let payment = Payment { payment_method: params.payment_method, ..Payment::default() };
    let outcome = pay::pay(tx, &session.id, payment)?;
    pay::render(tx, &session.id, &outcome).map(Answer::Json)
}
