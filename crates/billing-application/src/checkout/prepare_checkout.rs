use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    App, CallPurpose, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, CheckoutSale, Environment,
    EnvironmentId, EnvironmentKind, Gateway, GatewayAccountId, GatewayCall, GatewayCommand, LinkSubject,
    NewCheckoutSession, PlanOffer, Price, RequestKey, ReturnUrl, StripeId,
};

use super::checkout_error::{CheckoutError, EnvironmentProblem};
use super::create_checkout_link::CreateCheckoutLink;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::{Absent, Refused};
use crate::remembered::RememberedRequest;

/// Decides on a checkout and prepares the next call that it needs: the customer, the product and the price come before
/// the session. Each transaction checks every rule anew, so that nothing that happens during a call is missed.
pub(super) struct PrepareCheckout {
    pub(super) request: CreateCheckoutLink,
    /// The workspace's gateway, as it was read before, and the account of its new sales.
    pub(super) gateway: Gateway,
    pub(super) account: GatewayAccountId,
    pub(super) key: Option<RequestKey>,
}

/// The next step of a checkout.
#[derive(Debug, Clone)]
pub(super) enum Next {
    /// A call to drive before the checkout is decided on again.
    Call(GatewayCall),
    /// The intent is written, and this call creates its session.
    Session(CheckoutIntentId, GatewayCall),
    /// The intent of an earlier request for the same.
    Earlier(CheckoutIntentId),
    /// The gateway was switched meanwhile: the checkout begins anew.
    Switched,
}

type Step<T> = Result<T, Refused<CheckoutError>>;

#[async_trait]
impl Change for PrepareCheckout {
    const NAME: &'static str = "prepare_checkout";
    type Answer = Next;
    type Refusal = CheckoutError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.request.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Step<Decision<Next>> {
        let mut remembered = match &self.key {
            Some(key) => Some(RememberedRequest::new(CreateCheckoutLink::NAME, &self.request, key)?),
            None => None,
        };
        if let Some(request) = &mut remembered
            && let Some(intent) = request.earlier_answer(tx).await?
        {
            return Ok(Decision::Unchanged(Next::Earlier(intent)));
        }
        match tx.workspace.switch.admit_checkout() {
            Err(_) => return Err(CheckoutError::Closing.into()),
            Ok(gateway) if gateway != self.gateway => return Ok(Decision::Unchanged(Next::Switched)),
            Ok(_) => {}
        }
        let next = self.next(tx).await?;
        if let (Next::Earlier(intent) | Next::Session(intent, _), Some(request)) = (&next, remembered) {
            request.remember(tx, intent).await?;
        }
        Ok(Decision::Changed(next))
    }
}

impl PrepareCheckout {
    async fn next(&self, tx: &mut Tx) -> Step<Next> {
        let goods = self.goods(tx).await?;
        tx.use_account(&self.account, self.gateway).await?;
        if let Some(next) = self.earlier_intent(tx, &goods).await? {
            return Ok(next);
        }
        match self.links(tx, &goods).await? {
            Ok(links) => self.write_intent(tx, &goods, links).await,
            Err(call) => Ok(Next::Call(call)),
        }
    }

    /// The app, the environment and what is sold, by the rules of the catalog.
    async fn goods(&self, tx: &mut Tx) -> Step<Goods> {
        let request = &self.request;
        let app = tx.work.apps().app_to_change(&tx.workspace.id, &request.app_id).await?;
        let app = app.ok_or(Absent::App)?;
        let environment_id = self.environment(tx, &app)?;
        for (field, url) in [("successUrl", &request.success_url), ("cancelUrl", &request.cancel_url)] {
            let allowed = &app.details.allowed_redirect_origins;
            if url.as_ref().is_some_and(|url| !url.is_of_one(allowed)) {
                return Err(CheckoutError::RedirectUrlNotAllowed(field).into());
            }
        }
        let plan = tx.work.plans().sold_plan_with_key(&tx.workspace.id, &app.id, &request.plan).await?;
        let plan = plan.ok_or(Absent::Plan)?;
        let offer = tx.work.plans().plan_to_change(&tx.workspace.id, &app.id, plan.id).await?;
        let offer = offer.ok_or(Absent::Plan)?;
        if plan.payer_kind != request.payer.kind() {
            return Err(CheckoutError::OtherPayers(plan.payer_kind).into());
        }
        let price = request.choose_price(&offer)?;
        let (app_id, payer) = (&app.id, &request.payer);
        let live = tx.work.subscriptions().live_subscriptions_of(&tx.workspace.id, app_id, payer).await?;
        if live.iter().any(|subscription| subscription.environment_id == environment_id) {
            return Err(CheckoutError::AlreadySubscribed.into());
        }
        let had_trial = tx.work.subscriptions().had_trial(&tx.workspace.id, app_id, payer).await?;
        let trial_days = if had_trial { 0 } else { offer.plan.details.trial_days.days() };
        Ok(Goods { environment_id, offer, price, trial_days })
    }

    /// The environment of the request, or the one of the account's mode. Test and live never mix (invariant I8).
    fn environment(&self, tx: &Tx, app: &App) -> Step<EnvironmentId> {
        let is_live = tx.ports.gateway.is_live(&self.account);
        let fits = |environment: &&Environment| match environment.kind {
            EnvironmentKind::Development => !is_live,
            EnvironmentKind::Production => is_live,
        };
        let problem = if is_live { EnvironmentProblem::LiveGateway } else { EnvironmentProblem::TestGateway };
        let found = match &self.request.environment_id {
            None => app.environments.iter().find(fits).ok_or(problem),
            Some(id) => {
                let named = app.environments.iter().find(|environment| environment.id == *id);
                named
                    .ok_or(EnvironmentProblem::Unknown)
                    .and_then(|named| Some(named).filter(fits).ok_or(problem))
            }
        };
        Ok(found.map(|environment| environment.id.clone()).map_err(CheckoutError::Environment)?)
    }

    /// What an unclosed intent of the payer asks for: an open one for the same is used again; any other is ended first;
    /// one of unknown outcome is settled first.
    async fn earlier_intent(&self, tx: &mut Tx, goods: &Goods) -> Step<Option<Next>> {
        let (app, payer) = (&self.request.app_id, &self.request.payer);
        let earlier = tx.work.checkout_intents().unclosed_intent_of(&tx.workspace.id, app, payer).await?;
        let Some(intent) = earlier else { return Ok(None) };
        match intent.state {
            CheckoutIntentState::Complete => Err(CheckoutError::AlreadySubscribed.into()),
            CheckoutIntentState::Unresolved => Ok(Some(Next::Call(tx.creation_of(&intent).await?))),
            CheckoutIntentState::Open if self.is_for(&intent, goods, tx) => {
                Ok(Some(Next::Earlier(intent.id)))
            }
            CheckoutIntentState::Open => Ok(tx.prepare_expiry(&intent).await?.map(Next::Call)),
            CheckoutIntentState::Synced | CheckoutIntentState::Expired | CheckoutIntentState::Refused => {
                Ok(None)
            }
        }
    }

    /// Whether an open intent sells the same, and long enough to be paid. Its pages may differ only if the request has
    /// none.
    fn is_for(&self, intent: &CheckoutIntent, goods: &Goods, tx: &Tx) -> bool {
        let request = &self.request;
        intent.sale == goods.sale(request)
            && intent.account == self.account
            && intent.environment_id == goods.environment_id
            && request.success_url.is_none()
            && request.cancel_url.is_none()
            && intent.expires_at > tx.now + CheckoutIntent::LIFETIME / 2
    }

    /// Stripe's objects for the payer and the goods, or the call that makes the first missing one.
    async fn links(&self, tx: &mut Tx, goods: &Goods) -> Step<Result<Links, GatewayCall>> {
        let payer = self.request.payer.clone();
        let environment_id = goods.environment_id.clone();
        let subject = LinkSubject::Customer { environment_id: environment_id.clone(), payer: payer.clone() };
        let Some(customer) = tx.gateway_link(&self.account, &subject).await? else {
            let purpose =
                CallPurpose::CreateCustomer { environment_id: environment_id.clone(), payer: payer.clone() };
            let command = GatewayCommand::CreateCustomer { environment_id, payer };
            return Ok(Err(tx.prepare_call(&self.account, purpose, &command).await?));
        };
        match tx.price_at_stripe(&self.account, &goods.offer.plan, &goods.price).await? {
            Ok(price) => Ok(Ok(Links { customer, price })),
            Err(call) => Ok(Err(call)),
        }
    }

    /// Writes the intent and the call that creates its session (contract, section 5, I1).
    async fn write_intent(&self, tx: &mut Tx, goods: &Goods, links: Links) -> Step<Next> {
        let request = &self.request;
        let id = CheckoutIntentId::from_uuid(tx.ports.ids.uuid_v7());
        let intent = CheckoutIntent {
            id,
            workspace_id: tx.workspace.id.clone(),
            app_id: request.app_id.clone(),
            environment_id: goods.environment_id.clone(),
            payer: request.payer.clone(),
            account: self.account.clone(),
            sale: goods.sale(request),
            call_id: tx.new_call_id(),
            session: None,
            state: CheckoutIntentState::Unresolved,
            expires_at: tx.now + CheckoutIntent::LIFETIME,
            created_at: tx.now,
        };
        let page = |name: &str| format!("{}/checkout/{name}", tx.ports.public_base_url);
        let url =
            |given: &Option<ReturnUrl>, name| given.as_ref().map_or_else(|| page(name), ToString::to_string);
        let command = GatewayCommand::CreateCheckoutSession(Box::new(NewCheckoutSession {
            intent_id: id,
            app_id: intent.app_id.clone(),
            environment_id: intent.environment_id.clone(),
            customer: links.customer,
            price: links.price,
            quantity: intent.sale.quantity,
            trial_days: intent.sale.trial_days,
            expires_at: intent.expires_at,
            success_url: url(&request.success_url, "thanks"),
            cancel_url: url(&request.cancel_url, "canceled"),
        }));
        tx.work.checkout_intents().insert_checkout_intent(&intent).await?;
        let purpose = CallPurpose::CreateCheckoutSession { intent_id: id };
        let call = tx.insert_call(intent.call_id, &self.account, purpose, &command).await?;
        tx.audit_created(&intent).await?;
        Ok(Next::Session(id, call))
    }
}

/// The plan, price and trial of a checkout, and its environment.
struct Goods {
    environment_id: EnvironmentId,
    offer: PlanOffer,
    price: Price,
    trial_days: u32,
}

impl Goods {
    fn sale(&self, request: &CreateCheckoutLink) -> CheckoutSale {
        CheckoutSale {
            plan_id: self.offer.plan.id,
            price_id: self.price.id,
            quantity: request.quantity,
            trial_days: self.trial_days,
        }
    }
}

/// Stripe's objects for the payer and the price.
struct Links {
    customer: StripeId,
    price: StripeId,
}

impl Tx {
    /// The call that creates the session of an unresolved intent.
    pub(crate) async fn creation_of(&mut self, intent: &CheckoutIntent) -> Result<GatewayCall, StoreError> {
        let call =
            self.work.gateway_calls().gateway_call_to_change(&self.workspace.id, intent.call_id).await?;
        call.ok_or(StoreError::Corrupt {
            table: "checkout_intents",
            column: "call_id",
            row: intent.id.to_string(),
        })
    }

    /// Prepares the end of the session of an open intent; `None` if its session is not known.
    pub(crate) async fn prepare_expiry(
        &mut self,
        intent: &CheckoutIntent,
    ) -> Result<Option<GatewayCall>, StoreError> {
        let Some(session) = &intent.session else { return Ok(None) };
        let command = GatewayCommand::ExpireCheckoutSession { session: session.id.clone() };
        let purpose = CallPurpose::ExpireCheckoutSession { intent_id: intent.id };
        Ok(Some(self.prepare_call(&intent.account, purpose, &command).await?))
    }
}
