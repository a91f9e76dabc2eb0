use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use billing_application::PageRequest;
use billing_domain::ports::{InvoiceFilter, SubscriptionFilter};
use billing_domain::{InvoiceStatus, SubscriptionStatus, UserId};
use utoipa::IntoParams;

use super::query::{Query, invalid};
use crate::error::ApiError;

/// The requested subscriptions: `status`, `plan`, `payer`, `limit` and `cursor`.
pub(crate) struct SubscriptionsQuery {
    pub filter: SubscriptionFilter,
    pub page: PageRequest,
}

/// The requested invoices: `status`, `payer`, `subscriptionId`, `limit` and `cursor`.
pub(crate) struct InvoicesQuery {
    pub filter: InvoiceFilter,
    pub page: PageRequest,
}

/// The documentation of a subscription list's filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct SubscriptionParameters {
    /// Only subscriptions of this status.
    #[param(
        value_type = String, required = false, example = "active",
        pattern = "^(incomplete|incomplete_expired|trialing|active|past_due|canceled|unpaid|paused)$"
    )]
    status: Option<String>,
    /// Only subscriptions to the plan of this id, among the newest 10,000.
    #[param(
        value_type = String, required = false, pattern = "^plan_[0-9a-z]{26}$", example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh"
    )]
    plan: Option<String>,
    /// Only subscriptions of this user or organization, among the newest 10,000.
    #[param(value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "user_1")]
    payer: Option<String>,
}

/// The documentation of an invoice list's filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct InvoiceParameters {
    /// Only invoices of this status.
    #[param(
        value_type = String, required = false, example = "paid", pattern = "^(draft|open|paid|void|uncollectible)$"
    )]
    status: Option<String>,
    /// Only invoices to this user or organization, among the newest 10,000.
    #[param(value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "user_1")]
    payer: Option<String>,
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
        let query = Query::of(request, &["status", "plan", "payer", "limit", "cursor"]);
        ready(query.and_then(|query| {
            let filter = SubscriptionFilter {
                status: query.get("status").map(subscription_status).transpose()?,
                plan_id: query.id("plan")?,
                payer_id: payer_id(&query)?,
            };
            Ok(Self { filter, page: query.page()? })
        }))
    }
}

impl FromRequest for InvoicesQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &["status", "payer", "subscriptionId", "limit", "cursor"]);
        ready(query.and_then(|query| {
            let filter = InvoiceFilter {
                status: query.get("status").map(invoice_status).transpose()?,
                subscription_id: query.id("subscriptionId")?,
                payer_id: payer_id(&query)?,
            };
            Ok(Self { filter, page: query.page()? })
        }))
    }
}

fn subscription_status(word: &str) -> Result<SubscriptionStatus, ApiError> {
    match SubscriptionStatus::from_stripe(word) {
        SubscriptionStatus::Unrecognized(_) => Err(invalid(
            "status",
            "`status` must be `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `canceled`, `unpaid` or `paused`",
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

/// The id of a user or an organization, which have one form.
fn payer_id(query: &Query) -> Result<Option<String>, ApiError> {
    Ok(query.id::<UserId>("payer")?.map(String::from))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn subscriptions_are_filtered_by_the_id_of_their_plan() {
        let plan = "plan_01kapzv5e8f6ws8j4kq1bdx0mh";
        let request = TestRequest::with_uri(&format!("/?plan={plan}")).to_http_request();
        let query = SubscriptionsQuery::from_request(&request, &mut Payload::None).into_inner();
        let filtered = query.ok().and_then(|query| query.filter.plan_id);
        assert_eq!(filtered, Some(plan.parse().unwrap()));
    }
}
