use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use billing_application::{InvalidLimit, PageLimit, PageRequest};
use billing_domain::InvalidId;
use billing_domain::ports::{AuditFilter, PlanFilter};
use serde_json::json;
use utoipa::IntoParams;

use crate::error::ApiError;

/// The requested page of a list: `limit` and `cursor`.
pub(crate) struct PageQuery(pub PageRequest);

/// The requested plans: `archived`, `limit` and `cursor`.
pub(crate) struct PlansQuery {
    pub filter: PlanFilter,
    pub page: PageRequest,
}

/// The requested entries of the audit log: `appId`, `actorId`, `limit` and `cursor`.
pub(crate) struct AuditLogQuery {
    pub filter: AuditFilter,
    pub page: PageRequest,
}

/// How the two are documented.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct PageParameters {
    /// How many items at most.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before; the newest items without it.
    #[param(value_type = String, required = false, min_length = 1)]
    cursor: Option<String>,
}

/// How the third one of a list of plans is documented.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct ArchivedParameter {
    /// The archived plans instead of those that are sold.
    #[param(value_type = bool, required = false, default = false)]
    archived: Option<bool>,
}

/// How the first two of the audit log are documented.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; the parameters are read one by one")]
pub(crate) struct AuditLogParameters {
    /// Only changes of this app and its catalog. An unknown app has none.
    #[param(
        value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "app_01kapzv5e8f6ws8j4kq1bdx0mj"
    )]
    app_id: Option<String>,
    /// Only changes by this person. An unknown person has made none.
    #[param(
        value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{1,128}$", example = "dashboard_user_1"
    )]
    actor_id: Option<String>,
}

impl FromRequest for PageQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Query::of(request, &["limit", "cursor"]).and_then(|query| query.page().map(Self)))
    }
}

impl FromRequest for PlansQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Query::of(request, &["archived", "limit", "cursor"]).and_then(|query| {
            let archived = match query.get("archived") {
                None | Some("false") => false,
                Some("true") => true,
                Some(_) => return Err(invalid("archived", "`archived` must be `true` or `false`")),
            };
            Ok(Self { filter: PlanFilter { archived, ..PlanFilter::default() }, page: query.page()? })
        }))
    }
}

impl FromRequest for AuditLogQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Query::of(request, &["appId", "actorId", "limit", "cursor"]).and_then(|query| {
            let (app, person) = (query.id("appId")?, query.id("actorId")?);
            let filter = AuditFilter { app, person, subscription: None };
            Ok(Self { filter, page: query.page()? })
        }))
    }
}

pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The query with these parameters only, each at most once.
    pub(super) fn of(request: &HttpRequest, known: &[&str]) -> Result<Self, ApiError> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let pairs = pairs.map_err(|_| ApiError::invalid_request("The query cannot be read."))?.into_inner();
        for (position, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                return Err(invalid(
                    name,
                    format!("`{name}` is not a parameter of this list, which takes {known}"),
                ));
            }
            if pairs[..position].iter().any(|(earlier, _)| earlier == name) {
                return Err(invalid(name, format!("`{name}` is there more than once")));
            }
        }
        Ok(Self(pairs))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn id<T: FromStr<Err = InvalidId>>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let id = self.get(name).map(str::parse).transpose();
        id.map_err(|error: InvalidId| invalid(name, format!("`{name}` must be {}", error.rule)))
    }

    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        let limit = match self.get("limit") {
            None => PageLimit::default(),
            Some(limit) => limit
                .parse()
                .map_err(|_| InvalidLimit)
                .and_then(PageLimit::new)
                .map_err(|error| invalid("limit", error))?,
        };
        let cursor = self.get("cursor").map(str::to_owned);
        Ok(PageRequest { limit, cursor, ..PageRequest::default() })
    }
}

pub(super) fn invalid(parameter: &str, problem: impl fmt::Display) -> ApiError {
    ApiError::invalid_request(format!("{problem}.")).with_details(json!({ "parameter": parameter }))
}
