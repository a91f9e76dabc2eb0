use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use billing_application::PageRequest;
use billing_domain::ports::{InvoiceFilter, PayerSearch, SubscriptionFilter};
use billing_domain::{EnvironmentId, InvalidId, InvoiceStatus, SubscriptionStatus, UserId};
use utoipa::IntoParams;

use super::query::{Query, invalid};
use crate::error::ApiError;

/// The word for subscriptions that are live and to end, beside the words of Stripe for a status.
const ENDING: &str = "ending";

const SUBSCRIPTION_FILTERS: [&str; 4] = ["status", "plan", "environmentId", "payer"];
const INVOICE_FILTERS: [&str; 4] = ["status", "subscriptionId", "environmentId", "payer"];
const PAGE: [&str; 2] = ["limit", "cursor"];

/// The requested subscriptions: `status`, `plan`, `environmentId`, `payer`, `limit` and `cursor`.
pub(crate) struct SubscriptionsQuery {
    pub filter: SubscriptionFilter,
    pub page: PageRequest,
}

/// The requested invoices: `status`, `subscriptionId`, `environmentId`, `payer`, `limit` and `cursor`.
pub(crate) struct InvoicesQuery {
    pub filter: InvoiceFilter,
    pub page: PageRequest,
}

/// The environment whose subscriptions, invoices or revenue are counted.
pub(crate) struct EnvironmentQuery(pub Option<EnvironmentId>);

/// The documentation of the filter by environment.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct EnvironmentParameter {
    /// Only those of this environment. An unknown one has none.
    #[param(
        value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "env_01kapzv5e8f6ws8j4kq1bdx0mf"
    )]
    environment_id: Option<String>,
}

/// The documentation of the environment of an overview.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct OverviewParameter {
    /// An environment of the app. Without it the one of production, or that of development while nothing was ever sold in
    /// production.
    #[param(
        value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "env_01kapzv5e8f6ws8j4kq1bdx0mf"
    )]
    environment: Option<String>,
}

/// The documentation of the filter by payer.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct PayerParameter {
    /// Only those of the user or organization of this id; with `*` at its end, of those whose ids begin so. A beginning that
    /// more than 5,000 match is looked for among the newest 5,000.
    #[param(value_type = String, required = false, pattern = r"^[A-Za-z0-9_-]{1,128}\*?$", example = "user_1")]
    payer: Option<String>,
}

/// The documentation of a subscription list's other filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct SubscriptionParameters {
    /// Only subscriptions of this status. `ending` are those that are live and to end, whatever their status.
    #[param(
        value_type = String, required = false, example = "active",
        pattern = "^(incomplete|incomplete_expired|trialing|active|past_due|canceled|unpaid|paused|ending)$"
    )]
    status: Option<String>,
    /// Only subscriptions to the plan of this id.
    #[param(
        value_type = String, required = false, pattern = "^plan_[0-9a-z]{26}$", example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh"
    )]
    plan: Option<String>,
}

/// The documentation of an invoice list's other filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct InvoiceParameters {
    /// Only invoices of this status.
    #[param(
        value_type = String, required = false, example = "paid", pattern = "^(draft|open|paid|void|uncollectible)$"
    )]
    status: Option<String>,
    /// Only invoices of this subscription.
    #[param(
        value_type = String, required = false, pattern = "^sub_[0-9a-z]{26}$", example = "sub_01kapzv5e8f6ws8j4kq1bdx0mk"
    )]
    subscription_id: Option<String>,
}

impl FromRequest for SubscriptionsQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &[&SUBSCRIPTION_FILTERS[..], &PAGE].concat());
        ready(query.and_then(|query| Ok(Self { filter: subscriptions(&query)?, page: query.page()? })))
    }
}

impl FromRequest for InvoicesQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &[&INVOICE_FILTERS[..], &PAGE].concat());
        ready(query.and_then(|query| Ok(Self { filter: invoices(&query)?, page: query.page()? })))
    }
}

/// The requested subscriptions, all of them.
pub(crate) struct SubscriptionsExportQuery(pub SubscriptionFilter);

impl FromRequest for SubscriptionsExportQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &SUBSCRIPTION_FILTERS);
        ready(query.and_then(|query| subscriptions(&query).map(Self)))
    }
}

/// The requested invoices, all of them.
pub(crate) struct InvoicesExportQuery(pub InvoiceFilter);

impl FromRequest for InvoicesExportQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &INVOICE_FILTERS);
        ready(query.and_then(|query| invoices(&query).map(Self)))
    }
}

impl FromRequest for EnvironmentQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &["environmentId"]);
        ready(query.and_then(|query| query.id("environmentId").map(Self)))
    }
}

fn subscriptions(query: &Query) -> Result<SubscriptionFilter, ApiError> {
    let status = query.get("status");
    Ok(SubscriptionFilter {
        status: status.filter(|word| *word != ENDING).map(subscription_status).transpose()?,
        is_ending: status == Some(ENDING),
        plan_id: query.id("plan")?,
        environment_id: query.id("environmentId")?,
        payer: payers(query)?,
    })
}

fn invoices(query: &Query) -> Result<InvoiceFilter, ApiError> {
    Ok(InvoiceFilter {
        status: query.get("status").map(invoice_status).transpose()?,
        subscription_id: query.id("subscriptionId")?,
        environment_id: query.id("environmentId")?,
        payer: payers(query)?,
    })
}

fn subscription_status(word: &str) -> Result<SubscriptionStatus, ApiError> {
    match SubscriptionStatus::from_stripe(word) {
        SubscriptionStatus::Unrecognized(_) => Err(invalid(
            "status",
            "`status` must be `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `canceled`, `unpaid`, `paused` or `ending`",
        )),
        status => Ok(status),
    }
}

fn invoice_status(word: &str) -> Result<InvoiceStatus, ApiError> {
    match InvoiceStatus::from_stripe(word) {
        InvoiceStatus::Unrecognized(_) => {
            Err(invalid("status", "`status` must be `draft`, `open`, `paid`, `void` or `uncollectible`"))
        }
        status => Ok(status),
    }
}

/// An id of a user or an organization, which have one form, or the beginning of one before `*`.
fn payers(query: &Query) -> Result<Option<PayerSearch>, ApiError> {
    let Some(text) = query.get("payer") else { return Ok(None) };
    let beginning = text.strip_suffix('*');
    let id: Result<UserId, InvalidId> = beginning.unwrap_or(text).parse();
    let id = id.map_err(|error| {
        invalid("payer", format!("`payer` must be {}, with or without `*` at its end", error.rule))
    })?;
    let search = if beginning.is_some() { PayerSearch::Begins } else { PayerSearch::Is };
    Ok(Some(search(id.into())))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(query: &str) -> Option<SubscriptionFilter> {
        let request = TestRequest::with_uri(&format!("/?{query}")).to_http_request();
        let query = SubscriptionsQuery::from_request(&request, &mut Payload::None).into_inner();
        query.ok().map(|query| query.filter)
    }

    #[test]
    fn subscriptions_are_filtered_by_plan_and_environment() {
        let plan = "plan_01kapzv5e8f6ws8j4kq1bdx0mh";
        let filter = read(&format!("plan={plan}&environmentId=env_1")).unwrap();
        assert_eq!(filter.plan_id, Some(plan.parse().unwrap()));
        assert_eq!(filter.environment_id, Some(EnvironmentId::parse("env_1").unwrap()));
    }

    #[test]
    fn a_payer_is_an_id_or_the_beginning_of_one() {
        let payer = |text: &str| read(&format!("payer={text}")).map(|filter| filter.payer);
        assert_eq!(payer("user_1"), Some(Some(PayerSearch::Is("user_1".to_owned()))));
        assert_eq!(payer("user_*"), Some(Some(PayerSearch::Begins("user_".to_owned()))));
        for wrong in ["*", "us*er", "user_**", "%25", ""] {
            assert_eq!(payer(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_status_is_one_of_stripes_or_that_the_subscription_is_to_end() {
        let status = |word: &str| read(&format!("status={word}")).map(|it| (it.status, it.is_ending));
        assert_eq!(status("active"), Some((Some(SubscriptionStatus::Active), false)));
        assert_eq!(status("ending"), Some((None, true)));
        assert_eq!(status("ended"), None);
    }
}
