use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::{AuditEntryBody, ListBody};
use crate::error::ApiError;
use crate::extract::{AuditLogParameters, AuditLogQuery, PageParameters};

/// Who changed what in the workspace, newest first
///
/// Works while billing is off.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/audit-log",
    tag = "Audit log",
    operation_id = "readAuditLog",
    params(AuditLogParameters, PageParameters),
    responses((status = 200, description = "A part of the log.", body = ListBody<AuditEntryBody>))
)]
pub(crate) async fn read_audit_log(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    query: AuditLogQuery,
) -> Result<Json<ListBody<AuditEntryBody>>, ApiError> {
    let log = api
        .read(session, |reads, session| async move {
            reads.audit_log(&session.workspace_id, &query.filter, &query.page).await
        })
        .await?;
    Ok(Json(log.into()))
}
