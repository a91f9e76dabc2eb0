use billing_domain::ports::{CheckoutIntentRepository, StoreError};
use billing_domain::{CheckoutIntent, CheckoutIntentId, CheckoutIntentState, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::checkout_intents;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{payer_columns, written};

#[async_trait::async_trait]
impl CheckoutIntentRepository for DieselUnitOfWork {
    async fn insert_checkout_intent(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError> {
        let (payer_kind, payer_id) = payer_columns(&intent.payer);
        diesel::insert_into(checkout_intents::table)
            .values((
                checkout_intents::workspace_id.eq(intent.workspace_id.as_str()),
                checkout_intents::intent_id.eq(intent.id.to_string()),
                checkout_intents::app_id.eq(intent.app_id.as_str()),
                checkout_intents::environment_id.eq(intent.environment_id.as_str()),
                checkout_intents::payer_kind.eq(payer_kind),
                checkout_intents::payer_id.eq(payer_id),
                checkout_intents::gateway.eq(intent.gateway.as_str()),
                checkout_intents::idempotency_key.eq(intent.idempotency_key.as_str()),
                checkout_intents::state.eq(intent.state.as_str()),
                checkout_intents::expires_at.eq(intent.expires_at),
                checkout_intents::created_at.eq(intent.created_at),
            ))
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
    ) -> Result<(), StoreError> {
        from.advance(to).map_err(|illegal| StoreError::Unexpected(Box::new(illegal)))?;
        let key = (workspace.as_str(), intent.to_string());
        let updated = diesel::update(checkout_intents::table.find(key))
            .filter(checkout_intents::state.eq(from.as_str()))
            .set(checkout_intents::state.eq(to.as_str()))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        written(updated)
    }
}
