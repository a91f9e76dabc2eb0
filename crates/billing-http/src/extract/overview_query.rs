use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use billing_domain::EnvironmentId;
use utoipa::IntoParams;

use super::query::Query;
use crate::error::ApiError;

/// The environment of an overview: `environmentId`.
pub(crate) struct OverviewQuery(pub Option<EnvironmentId>);

/// Its documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameter is read by itself")]
pub(crate) struct OverviewParameters {
    /// An environment of the app. Without it the one of production, or that of development while nothing was ever sold in
    /// production.
    #[param(
        value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "env_01kapzv5e8f6ws8j4kq1bdx0mf"
    )]
    environment_id: Option<String>,
}

impl FromRequest for OverviewQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Query::of(request, &["environmentId"]);
        ready(query.and_then(|query| Ok(Self(query.id("environmentId")?))))
    }
}
