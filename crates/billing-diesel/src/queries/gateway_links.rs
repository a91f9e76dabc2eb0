use billing_domain::ports::{GatewayLinkReader, GatewayLinkRepository, StoreError};
use billing_domain::{Gateway, GatewayAccountId, GatewayLink, LinkSubject, StripeId, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::account_modes::is_used_in;
use super::condition::Condition;
use super::schema::{account_directory, customer_directory, gateway_accounts, gateway_links};
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, payer_columns};

/// In the words of the partial index, which answers to no bound value.
const IS_CUSTOMER: &str = "kind = 'customer'";

/// The key of our object among those of its kind.
fn own_key(subject: &LinkSubject) -> String {
    match subject {
        LinkSubject::Customer { environment_id, payer } => {
            let (kind, id) = payer_columns(payer);
            format!("{environment_id}/{kind}/{id}")
        }
        LinkSubject::Product(plan) => plan.to_string(),
        LinkSubject::Price(price) => price.to_string(),
    }
}

fn read_subject(stripe_id: &StripeId, kind: &str, own_key: &str) -> Result<LinkSubject, StoreError> {
    let row = Row { table: "gateway_links", key: stripe_id.as_str() };
    match kind {
        "customer" => {
            let mut parts = own_key.splitn(3, '/');
            let (Some(environment), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(row.corrupt("own_key"));
            };
            Ok(LinkSubject::Customer {
                environment_id: row.read("own_key", environment)?,
                payer: row.payer(kind, id)?,
            })
        }
        "product" => row.read("own_key", own_key).map(LinkSubject::Product),
        "price" => row.read("own_key", own_key).map(LinkSubject::Price),
        _ => Err(row.corrupt("kind")),
    }
}

#[async_trait::async_trait]
impl GatewayLinkReader for DieselBillingStore {
    async fn gateway_accounts(&self, workspace: &WorkspaceId) -> Result<Vec<GatewayAccountId>, StoreError> {
        let accounts: Vec<String> = gateway_accounts::table
            .filter(gateway_accounts::workspace_id.eq(workspace.as_str()))
            .order(gateway_accounts::account)
            .select(gateway_accounts::account)
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        let row = Row { table: "gateway_accounts", key: workspace.as_str() };
        accounts.into_iter().map(|account| row.read("account", account)).collect()
    }

    async fn customers(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        after: Option<StripeId>,
        limit: u32,
    ) -> Result<Vec<StripeId>, StoreError> {
        let customers: Vec<String> = gateway_links::table
            .filter(gateway_links::workspace_id.eq(workspace.as_str()))
            .filter(gateway_links::account.eq(account.as_str()))
            .filter(Condition::constant(IS_CUSTOMER))
            .filter(gateway_links::stripe_id.gt(after.map(String::from).unwrap_or_default()))
            .order(gateway_links::stripe_id)
            .limit(limit.into())
            .select(gateway_links::stripe_id)
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        let row = Row { table: "gateway_links", key: account.as_str() };
        customers.into_iter().map(|customer| row.read("stripe_id", customer)).collect()
    }

    async fn is_used_by_others(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
    ) -> Result<bool, StoreError> {
        let other: Option<String> = account_directory::table
            .filter(account_directory::account.eq(account.as_str()))
            .filter(account_directory::workspace_id.ne(workspace.as_str()))
            .select(account_directory::workspace_id)
            .limit(1)
            .get_result(&mut *self.reader_of_the_service().await?)
            .await
            .optional()
            .map_err(store_error)?;
        Ok(other.is_some())
    }

    async fn workspaces_with_accounts(
        &self,
        after: Option<(WorkspaceId, GatewayAccountId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, GatewayAccountId)>, StoreError> {
        let (workspace, account): (String, String) =
            after.map(|(workspace, account)| (workspace.into(), account.into())).unwrap_or_default();
        let after = (workspace.into_sql::<Text>(), account.into_sql::<Text>());
        let is_after = Condition::new("(workspace_id, account) > (".to_owned(), after, ")");
        let pairs: Vec<(String, String)> = account_directory::table
            .filter(is_after)
            .order((account_directory::workspace_id, account_directory::account))
            .limit(limit.into())
            .select((account_directory::workspace_id, account_directory::account))
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        let read = |(workspace, account): (String, String)| {
            let row = Row { table: "account_directory", key: &workspace };
            Ok((row.read("workspace_id", workspace.as_str())?, row.read("account", account)?))
        };
        pairs.into_iter().map(read).collect()
    }
}

#[async_trait::async_trait]
impl GatewayLinkRepository for DieselUnitOfWork {
    async fn use_gateway_account(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        gateway: Gateway,
        is_live: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let conn = self.conn()?;
        let added = diesel::insert_into(gateway_accounts::table)
            .values((
                gateway_accounts::workspace_id.eq(workspace.as_str()),
                gateway_accounts::account.eq(account.as_str()),
                gateway_accounts::gateway.eq(gateway.as_str()),
                gateway_accounts::first_used_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await
            .map_err(store_error)?;
        if added == 0 {
            return Ok(false);
        }
        if is_used_in(conn, account, !is_live).await? {
            return Err(StoreError::Conflict);
        }
        diesel::insert_into(account_directory::table)
            .values((
                account_directory::account.eq(account.as_str()),
                account_directory::workspace_id.eq(workspace.as_str()),
                account_directory::is_live.eq(is_live),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await
            .map_err(store_error)?;
        Ok(true)
    }

    async fn gateway_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
    ) -> Result<Option<Gateway>, StoreError> {
        let gateway: Option<String> = gateway_accounts::table
            .find((workspace.as_str(), account.as_str()))
            .select(gateway_accounts::gateway)
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?;
        let row = Row { table: "gateway_accounts", key: account.as_str() };
        gateway.map(|gateway| row.read("gateway", gateway)).transpose()
    }

    async fn gateway_link(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &LinkSubject,
    ) -> Result<Option<StripeId>, StoreError> {
        let key = own_key(subject);
        let link = gateway_links::table.find((workspace.as_str(), account.as_str(), subject.kind(), &key));
        let stripe_id: Option<String> = link
            .select(gateway_links::stripe_id)
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?;
        let row = Row { table: "gateway_links", key: &key };
        stripe_id.map(|id| row.read("stripe_id", id)).transpose()
    }

    async fn link_subject(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeId,
    ) -> Result<Option<LinkSubject>, StoreError> {
        let subject: Option<(String, String)> = gateway_links::table
            .filter(gateway_links::workspace_id.eq(workspace.as_str()))
            .filter(gateway_links::account.eq(account.as_str()))
            .filter(gateway_links::stripe_id.eq(stripe_id.as_str()))
            .select((gateway_links::kind, gateway_links::own_key))
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?;
        subject.map(|(kind, own_key)| read_subject(stripe_id, &kind, &own_key)).transpose()
    }

    async fn insert_gateway_link(&mut self, link: &GatewayLink) -> Result<(), StoreError> {
        let conn = self.conn()?;
        diesel::insert_into(gateway_links::table)
            .values((
                gateway_links::workspace_id.eq(link.workspace_id.as_str()),
                gateway_links::account.eq(link.account.as_str()),
                gateway_links::kind.eq(link.subject.kind()),
                gateway_links::own_key.eq(own_key(&link.subject)),
                gateway_links::stripe_id.eq(link.stripe_id.as_str()),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
        if let LinkSubject::Customer { .. } = link.subject {
            diesel::insert_into(customer_directory::table)
                .values((
                    customer_directory::stripe_customer_id.eq(link.stripe_id.as_str()),
                    customer_directory::account.eq(link.account.as_str()),
                    customer_directory::workspace_id.eq(link.workspace_id.as_str()),
                ))
                .execute(conn)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn remove_gateway_link(&mut self, link: &GatewayLink) -> Result<(), StoreError> {
        let (workspace, account) = (link.workspace_id.as_str(), link.account.as_str());
        let own_key = own_key(&link.subject);
        let stored = gateway_links::table.find((workspace, account, link.subject.kind(), &own_key));
        diesel::delete(stored.filter(gateway_links::stripe_id.eq(link.stripe_id.as_str())))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
