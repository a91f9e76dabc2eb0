use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use billing_domain::{Administrator, DashboardSession};

use crate::BillingApi;
use crate::error::ApiError;

/// The caller's session: identity, role and workspace.
pub(crate) struct SignedIn(pub DashboardSession);

/// The caller of a change, who is an owner or admin. A handler extracts it first: for a member, nothing else of the
/// request is read.
pub(crate) struct SignedInAdministrator(pub Administrator);

/// Refuses a request without a valid dashboard token before anything else of it is read.
pub(crate) async fn authenticate(
    api: web::Data<BillingApi>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let verified = match bearer_token(&request) {
        Ok(token) => api.sessions.verify(token).await.map_err(ApiError::from),
        Err(refusal) => Err(refusal),
    };
    match verified {
        Ok(session) => {
            request.extensions_mut().insert(Arc::new(session));
            next.call(request).await
        }
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// Refuses a catalog request while billing is off, before anything else of it is read. The use case checks the switch
/// again, and its answer is final.
pub(crate) async fn while_billing_is_on(
    api: web::Data<BillingApi>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let open = match session(request.request()) {
        Ok(session) => {
            api.read(DashboardSession::clone(&session), |reads, session| async move {
                reads.require_open::<Infallible>(&session.workspace_id).await
            })
            .await
        }
        Err(failure) => Err(failure),
    };
    match open {
        Ok(_) => next.call(request).await,
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

fn bearer_token(request: &ServiceRequest) -> Result<&str, ApiError> {
    let missing = || {
        let message = "This endpoint needs a dashboard token: send `Authorization: Bearer <token>`.";
        ApiError::unauthenticated(message, "Bearer")
    };
    let header = request.headers().get(AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) =
        header.to_str().ok().and_then(|header| header.split_once(' ')).ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(missing()) }
}

fn session(request: &HttpRequest) -> Result<Arc<DashboardSession>, ApiError> {
    let session = request.extensions().get::<Arc<DashboardSession>>().cloned();
    session.ok_or_else(|| ApiError::internal("a dashboard route was mounted without authentication"))
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session(request).map(|session| Self(session.as_ref().clone())))
    }
}

impl FromRequest for SignedInAdministrator {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session(request).and_then(|session| Ok(Self(session.administrator()?))))
    }
}
