use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use billing_domain::{Actor, DashboardUserId, WorkspaceId};
use serde::Deserialize;

use crate::BillingApi;
use crate::error::{ApiError, ErrorCode};

/// Who asks, in which workspace. Everything a handler does is in that workspace: no other id of a tenant is
/// ever read from a request (invariant I7).
#[derive(Debug, Clone)]
pub(crate) struct DashboardSession {
    pub user_id: DashboardUserId,
    pub workspace_id: WorkspaceId,
    pub role: Role,
}

/// What a person may do in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Owner,
    Admin,
    Member,
}

impl Role {
    fn may_change_billing(self) -> bool {
        match self {
            Self::Owner | Self::Admin => true,
            Self::Member => false,
        }
    }
}

/// A session that may change billing: an owner's or an admin's.
pub(crate) struct BillingAdministrator {
    pub workspace_id: WorkspaceId,
    pub actor: Actor,
}

/// Lets a request pass only with a valid dashboard token, before anything else of it is looked at.
pub(crate) async fn authenticate(
    api: web::Data<BillingApi>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let verified = match bearer_token(&request) {
        Ok(token) => api.tokens.verify(token).await,
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

impl FromRequest for DashboardSession {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session(request).map(|session| session.as_ref().clone()))
    }
}

impl FromRequest for BillingAdministrator {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session(request).and_then(|session| {
            if !session.role.may_change_billing() {
                return Err(ApiError::new(
                    ErrorCode::InsufficientRole,
                    "Only an owner or admin of the workspace can change this. Ask one of them.",
                ));
            }
            Ok(Self {
                workspace_id: session.workspace_id.clone(),
                actor: Actor::DashboardUser(session.user_id.clone()),
            })
        }))
    }
}
