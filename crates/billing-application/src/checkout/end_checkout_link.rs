use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{Administrator, AppId, CheckoutIntentId, CheckoutIntentState, GatewayCall};

use super::CheckoutError;
use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::refusal::{Absent, Refused};

/// Ends a checkout link, so that it can no longer be paid. May be repeated.
#[derive(Debug, Clone)]
pub struct EndCheckoutLink {
    /// The app that sells.
    pub app_id: AppId,
    /// The link.
    pub id: CheckoutIntentId,
}

/// Prepares the next call that brings an unclosed intent to its end: its creation if that is not known, or else its
/// expiry. `None` if no call can: it is closed, or paid.
#[derive(Debug, Clone)]
pub(crate) struct PrepareEnd(pub(crate) CheckoutIntentId);

#[async_trait]
impl Change for PrepareEnd {
    const NAME: &'static str = "end_checkout";
    type Answer = Option<GatewayCall>;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Option<GatewayCall>>, Refused<Infallible>> {
        let Some(intent) = tx.intent(self.0).await? else { return Ok(Decision::Unchanged(None)) };
        Ok(match intent.state {
            CheckoutIntentState::Unresolved => {
                let calls = tx.work.gateway_calls();
                Decision::Unchanged(calls.gateway_call_to_change(&tx.workspace.id, intent.call_id).await?)
            }
            CheckoutIntentState::Open => Decision::Changed(tx.prepare_expiry(&intent).await?),
            CheckoutIntentState::Complete
            | CheckoutIntentState::Synced
            | CheckoutIntentState::Expired
            | CheckoutIntentState::Refused => Decision::Unchanged(None),
        })
    }
}

/// The calls between an intent of unknown outcome and its end.
pub(crate) const MOST_CALLS_TO_END: usize = 4;

impl Executor {
    /// Ends a checkout link.
    ///
    /// # Errors
    /// [`Refused`]; [`CheckoutError::Paid`] when the payer was faster.
    pub async fn end_checkout_link(
        &self,
        administrator: &Administrator,
        request: &EndCheckoutLink,
    ) -> Result<(), Refused<CheckoutError>> {
        let workspace = administrator.workspace_id();
        self.ports.store.switches().billing_switch(workspace).await?.since().ok_or(Refused::NotEnabled)?;
        self.ports.store.apps().app(workspace, &request.app_id).await?.ok_or(Absent::App)?;
        for _ in 0..MOST_CALLS_TO_END {
            let intent = self.stored_intent(workspace, request.id).await?;
            if intent.app_id != request.app_id {
                return Err(Absent::CheckoutLink.into());
            }
            match intent.state {
                CheckoutIntentState::Expired | CheckoutIntentState::Refused => return Ok(()),
                CheckoutIntentState::Complete | CheckoutIntentState::Synced => {
                    return Err(CheckoutError::Paid.into());
                }
                CheckoutIntentState::Unresolved | CheckoutIntentState::Open => {}
            }
            let prepared = self.change(administrator, &PrepareEnd(request.id)).await;
            if let Some(call) = prepared.map_err(StoreError::from)? {
                self.drive(administrator.actor(), &call, true).await?;
            }
        }
        Err(CheckoutError::GatewayUnavailable.into())
    }
}
