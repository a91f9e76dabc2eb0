use billing_domain::ports::{CheckoutIntentReader, CheckoutIntentRepository, StoreError};
use billing_domain::{
    AppId, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, CheckoutSale, OpenedSession, Payer,
    StripeId, Timestamp, WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::dialect::{Backend, Conn};
use super::schema::checkout_intents;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, payer_columns, to_json, written};

/// `CheckoutIntentState::is_closed` in the words of the partial indexes, which answer to no bound value.
pub(super) const UNCLOSED: &str = "state NOT IN ('synced', 'expired', 'refused')";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = checkout_intents, check_for_backend(Backend), treat_none_as_default_value = false)]
struct CheckoutIntentRow {
    workspace_id: String,
    intent_id: String,
    app_id: String,
    environment_id: String,
    payer_kind: String,
    payer_id: String,
    account: String,
    plan_id: String,
    price_id: String,
    quantity: i64,
    trial_days: i64,
    call_id: String,
    session: Option<String>,
    state: String,
    expires_at: Timestamp,
    created_at: Timestamp,
}

/// A session as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredSession {
    id: String,
    url: String,
}

fn stored(session: Option<&OpenedSession>) -> Result<Option<String>, StoreError> {
    let stored = |session: &OpenedSession| {
        to_json(&StoredSession { id: session.id.to_string(), url: session.url.clone() })
    };
    session.map(stored).transpose()
}

fn opened(row: Row<'_>, session: &str) -> Result<OpenedSession, StoreError> {
    let StoredSession { id, url } = row.facts("session", session)?;
    Ok(OpenedSession { id: row.read::<StripeId>("session", id)?, url })
}

impl CheckoutIntentRow {
    fn new(intent: &CheckoutIntent) -> Result<Self, StoreError> {
        let (payer_kind, payer_id) = payer_columns(&intent.payer);
        Ok(Self {
            workspace_id: intent.workspace_id.to_string(),
            intent_id: intent.id.to_string(),
            app_id: intent.app_id.to_string(),
            environment_id: intent.environment_id.to_string(),
            payer_kind: payer_kind.to_owned(),
            payer_id: payer_id.to_owned(),
            account: intent.account.to_string(),
            plan_id: intent.sale.plan_id.to_string(),
            price_id: intent.sale.price_id.to_string(),
            quantity: intent.sale.quantity.into(),
            trial_days: intent.sale.trial_days.into(),
            call_id: intent.call_id.to_string(),
            session: stored(intent.session.as_ref())?,
            state: intent.state.to_string(),
            expires_at: intent.expires_at,
            created_at: intent.created_at,
        })
    }

    fn into_domain(self) -> Result<CheckoutIntent, StoreError> {
        let row = Row { table: "checkout_intents", key: &self.intent_id };
        let state = CheckoutIntentState::from_stored(&self.state);
        Ok(CheckoutIntent {
            id: row.read("intent_id", self.intent_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id)?,
            app_id: row.read("app_id", self.app_id)?,
            environment_id: row.read("environment_id", self.environment_id)?,
            payer: row.payer(&self.payer_kind, &self.payer_id)?,
            account: row.read("account", self.account)?,
            sale: CheckoutSale {
                plan_id: row.read("plan_id", self.plan_id)?,
                price_id: row.read("price_id", self.price_id)?,
                quantity: row.count("quantity", self.quantity)?,
                trial_days: row.count("trial_days", self.trial_days)?,
            },
            call_id: row.read("call_id", self.call_id)?,
            session: self.session.as_deref().map(|session| opened(row, session)).transpose()?,
            state: row.present("state", state)?,
            expires_at: self.expires_at,
            created_at: self.created_at,
        })
    }
}

fn into_intent(row: QueryResult<CheckoutIntentRow>) -> Result<Option<CheckoutIntent>, StoreError> {
    row.optional().map_err(store_error)?.map(CheckoutIntentRow::into_domain).transpose()
}

async fn one(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    intent: CheckoutIntentId,
) -> Result<Option<CheckoutIntent>, StoreError> {
    let row = checkout_intents::table.find((workspace.as_str(), intent.to_string()));
    into_intent(row.select(CheckoutIntentRow::as_select()).get_result(conn).await)
}

#[async_trait::async_trait]
impl CheckoutIntentReader for DieselBillingStore {
    async fn checkout_intent(
        &self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
    ) -> Result<Option<CheckoutIntent>, StoreError> {
        one(&mut *self.reader(workspace).await?, workspace, intent).await
    }

    async fn unclosed_checkout_intents(
        &self,
        workspace: &WorkspaceId,
        after: Option<CheckoutIntentId>,
        limit: u32,
    ) -> Result<Vec<CheckoutIntent>, StoreError> {
        let after = after.map(|intent| intent.to_string()).unwrap_or_default();
        let rows: Vec<CheckoutIntentRow> = checkout_intents::table
            .filter(checkout_intents::workspace_id.eq(workspace.as_str()))
            .filter(checkout_intents::intent_id.gt(after))
            .filter(Condition::constant(UNCLOSED))
            .order(checkout_intents::intent_id)
            .limit(limit.into())
            .select(CheckoutIntentRow::as_select())
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(CheckoutIntentRow::into_domain).collect()
    }
}

#[async_trait::async_trait]
impl CheckoutIntentRepository for DieselUnitOfWork {
    async fn checkout_intent_to_change(
        &mut self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
    ) -> Result<Option<CheckoutIntent>, StoreError> {
        one(self.conn()?, workspace, intent).await
    }

    async fn unclosed_intent_of(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Option<CheckoutIntent>, StoreError> {
        let (payer_kind, payer_id) = payer_columns(payer);
        let row = checkout_intents::table
            .filter(checkout_intents::workspace_id.eq(workspace.as_str()))
            .filter(checkout_intents::app_id.eq(app.as_str()))
            .filter(checkout_intents::payer_kind.eq(payer_kind))
            .filter(checkout_intents::payer_id.eq(payer_id))
            .filter(Condition::constant(UNCLOSED))
            .select(CheckoutIntentRow::as_select())
            .get_result(self.conn()?)
            .await;
        into_intent(row)
    }

    async fn insert_checkout_intent(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError> {
        diesel::insert_into(checkout_intents::table)
            .values(CheckoutIntentRow::new(intent)?)
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn advance_checkout_intent(
        &mut self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
        from: CheckoutIntentState,
        to: CheckoutIntentState,
        session: Option<OpenedSession>,
    ) -> Result<(), StoreError> {
        from.advance(to).map_err(|illegal| StoreError::Unexpected(Box::new(illegal)))?;
        let key = (workspace.as_str(), intent.to_string());
        let session = stored(session.as_ref())?.map(|session| checkout_intents::session.eq(session));
        let updated = diesel::update(checkout_intents::table.find(key))
            .filter(checkout_intents::state.eq(from.as_str()))
            .set((checkout_intents::state.eq(to.as_str()), session))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        written(updated)
    }
}
