use billing_domain::GatewayAccountId;
use billing_domain::ports::{AccountModes, StoreError, UnitOfWork};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::Conn;
use super::schema::account_directory;
use super::store::DieselBillingStore;
use crate::error::store_error;

#[async_trait::async_trait]
impl AccountModes for DieselBillingStore {
    async fn mode_of_account(
        &self,
        account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        let mut modes = self.modes(account).await?;
        if modes.contains(&None) && !modes.contains(&Some(!is_live)) {
            self.complete(account, is_live).await?;
            modes = self.modes(account).await?;
        }
        let is_other = modes.contains(&Some(!is_live));
        Ok(if modes.is_empty() { None } else { Some(is_live != is_other) })
    }
}

impl DieselBillingStore {
    /// The modes in which workspaces use the account; `None` for a use without one.
    async fn modes(&self, account: &GatewayAccountId) -> Result<Vec<Option<bool>>, StoreError> {
        account_directory::table
            .filter(account_directory::account.eq(account.as_str()))
            .select(account_directory::is_live)
            .distinct()
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)
    }

    /// Gives the uses without a mode this one.
    async fn complete(&self, account: &GatewayAccountId, is_live: bool) -> Result<(), StoreError> {
        let mut work = self.begin_of_the_service().await?;
        let without_mode = account_directory::table
            .filter(account_directory::account.eq(account.as_str()))
            .filter(account_directory::is_live.is_null());
        diesel::update(without_mode)
            .set(account_directory::is_live.eq(is_live))
            .execute(work.conn()?)
            .await
            .map_err(store_error)?;
        Box::new(work).commit().await
    }
}

/// Whether a workspace uses the account in this mode.
pub(super) async fn is_used_in(
    conn: &mut Conn,
    account: &GatewayAccountId,
    is_live: bool,
) -> Result<bool, StoreError> {
    let used: Option<String> = account_directory::table
        .filter(account_directory::account.eq(account.as_str()))
        .filter(account_directory::is_live.eq(is_live))
        .select(account_directory::workspace_id)
        .limit(1)
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(used.is_some())
}
