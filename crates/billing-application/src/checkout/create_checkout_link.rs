use billing_domain::ports::StoreError;
use billing_domain::{
    Administrator, AppId, BillingInterval, CallPurpose, CheckoutIntent, CheckoutIntentId,
    CheckoutIntentState, Currency, EnvironmentId, GatewayCall, Payer, PlanKey, PlanOffer, Price, RequestKey,
    ReturnUrl, Timestamp, WorkspaceId,
};
use serde::Serialize;

use super::CheckoutError;
use super::choose_price::choose_price;
use super::prepare_checkout::{Next, PrepareCheckout};
use crate::calls::Driven;
use crate::change::Executor;
use crate::refusal::{Absent, Refused};

/// Makes a link at which a payer can buy a plan. Repeated under the same idempotency key, it goes on where it ended and
/// gives the same link. A payer has one open link in an app: a link for the same is given again, and any other one ends
/// the one before.
#[derive(Debug, Clone, Serialize)]
pub struct CreateCheckoutLink {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The payer's environment; `None` for that of the gateway's mode.
    pub environment_id: Option<EnvironmentId>,
    /// The buyer.
    pub payer: Payer,
    /// The plan.
    pub plan: PlanKey,
    /// The interval of the price.
    pub interval: BillingInterval,
    /// The currency of the price; `None` if the plan has one price of the interval.
    pub currency: Option<Currency>,
    /// The number of seats.
    pub quantity: u32,
    /// The page after payment; `None` for one of ours.
    pub success_url: Option<ReturnUrl>,
    /// The page after giving up; `None` for one of ours.
    pub cancel_url: Option<ReturnUrl>,
}

/// A link to a hosted page for payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutLink {
    /// The id of the intent.
    pub id: CheckoutIntentId,
    /// The hosted page.
    pub url: String,
    /// The moment from which it can no longer be paid.
    pub expires_at: Timestamp,
}

/// The calls that one checkout can need: customer, product, price, the settlement and the end of an earlier session,
/// and the session. More mean that others change the same at the same time.
const MOST_CALLS: usize = 8;

impl CreateCheckoutLink {
    /// The largest number of seats.
    pub const MOST_SEATS: u32 = 100_000;
    /// The name in the fingerprint of a stored request.
    pub(super) const NAME: &'static str = "create_checkout_link";

    /// The offered price of the requested interval and currency, which Stripe can charge this many times.
    pub(super) fn choose_price(&self, offer: &PlanOffer) -> Result<Price, CheckoutError> {
        choose_price(offer, self.interval, self.currency, self.quantity)
    }
}

impl Executor {
    /// Makes a checkout link.
    ///
    /// # Errors
    /// [`Refused`]. After [`CheckoutError::GatewayUnavailable`] the session may exist; a repeat under the same
    /// idempotency key gives it.
    pub async fn create_checkout_link(
        &self,
        administrator: &Administrator,
        request: &CreateCheckoutLink,
        key: Option<&RequestKey>,
    ) -> Result<CheckoutLink, Refused<CheckoutError>> {
        let workspace = administrator.workspace_id();
        for _ in 0..MOST_CALLS {
            let switch = self.ports.store.switches().billing_switch(workspace).await?;
            let gateway = switch.gateway().ok_or(Refused::NotEnabled)?;
            let account = self.ports.gateway.account_of(gateway).await.map_err(CheckoutError::from)?;
            let prepare = PrepareCheckout { request: request.clone(), gateway, account, key: key.cloned() };
            let intent = match self.change(administrator, &prepare).await? {
                Next::Call(call) => {
                    // A refused session of an earlier intent is no refusal of this one.
                    let is_earlier = matches!(call.purpose, CallPurpose::CreateCheckoutSession { .. });
                    match self.driven(administrator, &call).await {
                        Err(Refused::Rule(CheckoutError::GatewayRefused(_))) if is_earlier => {}
                        driven => driven?,
                    }
                    continue;
                }
                Next::Session(intent, call) => {
                    self.driven(administrator, &call).await?;
                    intent
                }
                Next::Earlier(intent) => intent,
                Next::Switched => continue,
            };
            return self.link_of(administrator, intent).await;
        }
        Err(StoreError::Conflict.into())
    }

    /// Drives a call of a checkout. A refusal ends the checkout, except that of ending a session, which has then ended
    /// by itself.
    async fn driven(
        &self,
        administrator: &Administrator,
        call: &GatewayCall,
    ) -> Result<(), Refused<CheckoutError>> {
        match self.drive(administrator.actor(), call, true).await? {
            Driven::Refused(_) if call.purpose.ends_a_session() => Ok(()),
            Driven::Refused(reason) => Err(CheckoutError::GatewayRefused(reason).into()),
            Driven::Done(_) => Ok(()),
        }
    }

    /// The link of an intent, whose creation is driven to its end if it is not known.
    async fn link_of(
        &self,
        administrator: &Administrator,
        id: CheckoutIntentId,
    ) -> Result<CheckoutLink, Refused<CheckoutError>> {
        let workspace = administrator.workspace_id();
        let mut intent = self.stored_intent(workspace, id).await?;
        if intent.state == CheckoutIntentState::Unresolved {
            let call = self.ports.store.gateway_calls().gateway_call(workspace, intent.call_id).await?;
            let call = call.ok_or(Absent::CheckoutLink)?;
            self.driven(administrator, &call).await?;
            intent = self.stored_intent(workspace, id).await?;
        }
        let expires_at = intent.expires_at;
        match (intent.state, intent.session) {
            (CheckoutIntentState::Refused, _) => {
                Err(CheckoutError::GatewayRefused("It did not make the session.".to_owned()).into())
            }
            (_, Some(session)) => Ok(CheckoutLink { id, url: session.url, expires_at }),
            (_, None) => Err(CheckoutError::GatewayUnavailable.into()),
        }
    }

    pub(super) async fn stored_intent(
        &self,
        workspace: &WorkspaceId,
        id: CheckoutIntentId,
    ) -> Result<CheckoutIntent, Refused<CheckoutError>> {
        let intent = self.ports.store.checkout_intents().checkout_intent(workspace, id).await?;
        Ok(intent.ok_or(Absent::CheckoutLink)?)
    }
}
