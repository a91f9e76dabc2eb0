use billing_domain::ports::StoreError;
use billing_domain::{AppId, Payer, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::Conn;
use super::schema::trials;
use crate::error::store_error;
use crate::row::payer_columns;

/// The moment of the payer's trial in the app.
pub(super) async fn first_at(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    payer: &Payer,
) -> Result<Option<Timestamp>, StoreError> {
    let (payer_kind, payer_id) = payer_columns(payer);
    trials::table
        .find((workspace.as_str(), app.as_str(), payer_kind, payer_id))
        .select(trials::first_at)
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)
}

pub(super) async fn record(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    payer: &Payer,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (payer_kind, payer_id) = payer_columns(payer);
    diesel::insert_into(trials::table)
        .values((
            trials::workspace_id.eq(workspace.as_str()),
            trials::app_id.eq(app.as_str()),
            trials::payer_kind.eq(payer_kind),
            trials::payer_id.eq(payer_id),
            trials::first_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
