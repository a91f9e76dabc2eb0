use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    AuditedChange, CallOutcome, CallPurpose, CheckoutIntent, CheckoutIntentId, CheckoutIntentState,
    GatewayAccountId, GatewayCall, GatewayCallId, GatewayCheckoutSession, GatewayLink, InvoiceAction,
    LinkSubject, OpenedSession, SessionStatus, StripeId, StripeSubscriptionId, SyncTarget,
};

use super::drive::Driven;
use super::prepare::settlement_of;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Records the outcome of a call with all that follows from it. What another caller recorded first stands.
#[derive(Debug, Clone)]
pub(super) struct RecordCall {
    pub(super) call_id: GatewayCallId,
    pub(super) outcome: Driven,
    /// The session that the call made or ended, as it is now.
    pub(super) session: Option<GatewayCheckoutSession>,
    /// The object that the refused call refers to and Stripe does not have any more.
    pub(super) missing: Option<StripeId>,
    /// Whether the call was not carried out while its key was remembered.
    pub(super) is_given_up: bool,
}

#[async_trait]
impl Change for RecordCall {
    const NAME: &'static str = "record_call";
    type Answer = Driven;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Driven>, Refused<Infallible>> {
        let stored = tx.work.gateway_calls().gateway_call_to_change(&tx.workspace.id, self.call_id).await?;
        let Some(call) = stored else { return Ok(Decision::Unchanged(self.outcome.clone())) };
        if let Some(recorded) = Driven::of(&call.outcome) {
            let followed = self.follow_again(tx, &call).await?;
            return Ok(if followed { Decision::Changed(recorded) } else { Decision::Unchanged(recorded) });
        }
        let outcome = self.outcome.clone().into();
        tx.work.gateway_calls().resolve_gateway_call(&tx.workspace.id, call.id, &outcome).await?;
        tx.work.work().cancel(&settlement_of(&tx.workspace.id, call.id)).await?;
        match &self.outcome {
            Driven::Done(object) => self.done(tx, &call, object).await?,
            Driven::Refused(reason) => self.refused(tx, &call, reason).await?,
        }
        if let Some(missing) = &self.missing {
            tx.forget_link(&call.account, missing).await?;
        }
        if self.is_given_up {
            tx.give_up(&call).await?;
        }
        Ok(Decision::Changed(self.outcome.clone()))
    }
}

impl RecordCall {
    /// Follows the session of a creation that is recorded, whose status was not understood then. Returns whether it did.
    async fn follow_again(&self, tx: &mut Tx, call: &GatewayCall) -> Result<bool, StoreError> {
        let CallPurpose::CreateCheckoutSession { intent_id } = &call.purpose else { return Ok(false) };
        if self.session.is_none() || !matches!(call.outcome, CallOutcome::Done(_)) {
            return Ok(false);
        }
        self.follow_session(tx, *intent_id).await?;
        Ok(true)
    }

    async fn done(&self, tx: &mut Tx, call: &GatewayCall, object: &StripeId) -> Result<(), StoreError> {
        match &call.purpose {
            CallPurpose::CreateCustomer { environment_id, payer } => {
                let (environment_id, payer) = (environment_id.clone(), payer.clone());
                tx.link(call, LinkSubject::Customer { environment_id, payer }, object).await
            }
            CallPurpose::CreateProduct { plan_id } => {
                tx.link(call, LinkSubject::Product(*plan_id), object).await
            }
            CallPurpose::CreatePrice { price_id } => {
                tx.link(call, LinkSubject::Price(*price_id), object).await
            }
            CallPurpose::CreateCheckoutSession { intent_id }
            | CallPurpose::ExpireCheckoutSession { intent_id } => self.follow_session(tx, *intent_id).await,
            CallPurpose::CancelSubscription { .. }
            | CallPurpose::ResumeSubscription { .. }
            | CallPurpose::SetTrialEnd { .. } => self.follow_target(tx, call, object).await,
            CallPurpose::ActOnInvoice { action, .. } => {
                // Nothing at Stripe tells of it.
                if *action == InvoiceAction::Send {
                    tx.audit_call(call, AuditedChange::of_done_call(call, object)).await?;
                }
                self.follow_target(tx, call, object).await
            }
            CallPurpose::ChangePlan { .. } => {
                tx.audit_plan_change(call, None).await?;
                self.follow_target(tx, call, object).await
            }
            // Nobody asked for it.
            CallPurpose::CancelDuplicate { .. } | CallPurpose::RefundDuplicate { .. } => {
                tx.append(AuditedChange::of_done_call(call, object)).await?;
                self.follow_target(tx, call, object).await?;
                tx.follow_refunded(call).await
            }
            CallPurpose::RefundInvoice { .. } => tx.follow_refunded(call).await,
            CallPurpose::UpdateProduct { .. }
            | CallPurpose::ArchivePrice { .. }
            | CallPurpose::CreatePortalSession { .. } => Ok(()),
        }
    }

    async fn refused(&self, tx: &mut Tx, call: &GatewayCall, reason: &str) -> Result<(), StoreError> {
        match &call.purpose {
            CallPurpose::CreateCheckoutSession { intent_id } => match tx.intent(*intent_id).await? {
                Some(intent) if intent.state == CheckoutIntentState::Unresolved => {
                    tx.advance_intent(&intent, CheckoutIntentState::Refused, None).await
                }
                _ => Ok(()),
            },
            // A session that cannot be expired has ended by itself: paid, or expired.
            CallPurpose::ExpireCheckoutSession { intent_id } => self.follow_session(tx, *intent_id).await,
            CallPurpose::CreateCustomer { .. }
            | CallPurpose::CreateProduct { .. }
            | CallPurpose::UpdateProduct { .. }
            | CallPurpose::CreatePrice { .. }
            | CallPurpose::ArchivePrice { .. }
            | CallPurpose::CancelSubscription { .. }
            | CallPurpose::ResumeSubscription { .. }
            | CallPurpose::CreatePortalSession { .. } => Ok(()),
            CallPurpose::SetTrialEnd { .. } | CallPurpose::ChangePlan { .. } if self.is_given_up => Ok(()),
            CallPurpose::SetTrialEnd { .. } => {
                tx.audit_call(call, AuditedChange::of_refused_call(call, reason)).await
            }
            CallPurpose::ChangePlan { .. } => tx.audit_plan_change(call, Some(reason)).await,
            // Nobody waits for it, and the payer is still charged.
            CallPurpose::CancelDuplicate { .. } | CallPurpose::RefundDuplicate { .. } => {
                if self.is_given_up {
                    return Ok(());
                }
                tx.append(AuditedChange::of_refused_call(call, reason)).await
            }
            // The log says that it was asked for.
            CallPurpose::RefundInvoice { .. } | CallPurpose::ActOnInvoice { .. } => {
                tx.follow_refunded(call).await?;
                if self.is_given_up {
                    return Ok(());
                }
                tx.audit_call(call, AuditedChange::of_refused_call(call, reason)).await
            }
        }
    }

    async fn follow_session(&self, tx: &mut Tx, intent: CheckoutIntentId) -> Result<(), StoreError> {
        let Some(intent) = tx.intent(intent).await? else { return Ok(()) };
        match &self.session {
            Some(session) => tx.follow_session(&intent, session).await,
            // Stripe has no such session any more: nobody can pay it.
            None => match intent.state.follow(SessionStatus::Expired) {
                Some(expired) => tx.advance_intent(&intent, expired, None).await,
                None => Ok(()),
            },
        }
    }

    /// The mirror of what the call changed is stale.
    async fn follow_target(
        &self,
        tx: &mut Tx,
        call: &GatewayCall,
        object: &StripeId,
    ) -> Result<(), StoreError> {
        match SyncTarget::of(object.clone()) {
            Some(target) => tx.mark_stale(&call.account, &target).await,
            None => Ok(()),
        }
    }
}

impl Tx {
    async fn link(
        &mut self,
        call: &GatewayCall,
        subject: LinkSubject,
        object: &StripeId,
    ) -> Result<(), StoreError> {
        let link = GatewayLink {
            workspace_id: self.workspace.id.clone(),
            account: call.account.clone(),
            subject,
            stripe_id: object.clone(),
        };
        self.work.gateway_links().insert_gateway_link(&link).await
    }

    /// Forgets an object that Stripe does not have any more: what is sold next gets a new one.
    async fn forget_link(
        &mut self,
        account: &GatewayAccountId,
        missing: &StripeId,
    ) -> Result<(), StoreError> {
        let links = self.work.gateway_links();
        let Some(subject) = links.link_subject(&self.workspace.id, account, missing).await? else {
            return Ok(());
        };
        let link = GatewayLink {
            workspace_id: self.workspace.id.clone(),
            account: account.clone(),
            subject,
            stripe_id: missing.clone(),
        };
        links.remove_gateway_link(&link).await?;
        self.append(AuditedChange::of_lost_link(&link)).await
    }

    /// Audits the outcome of a change of plan that a person asked for.
    async fn audit_plan_change(
        &mut self,
        call: &GatewayCall,
        refusal: Option<&str>,
    ) -> Result<(), StoreError> {
        let id = call.request.path.rsplit('/').next().map(StripeSubscriptionId::parse);
        let Some(Ok(id)) = id else { return Ok(()) };
        let subscriptions = self.work.subscriptions();
        match subscriptions.mirrored_subscription(&self.workspace.id, &call.account, &id).await? {
            Some(subscription) => {
                self.append(AuditedChange::plan_change_settled(&subscription, refusal)).await
            }
            None => Ok(()),
        }
    }

    /// The mirror of the invoice whose payment a call refunds is stale. A payment that has no intent is told by its invoice
    /// only.
    async fn follow_refunded(&mut self, call: &GatewayCall) -> Result<(), StoreError> {
        let target = match &call.purpose {
            CallPurpose::RefundInvoice { invoice_id, .. } => {
                let invoice = self.work.invoices().invoice_to_change(&self.workspace.id, *invoice_id).await?;
                invoice.map(|invoice| SyncTarget::Invoice(invoice.stripe_id))
            }
            CallPurpose::RefundDuplicate { payment_intent, .. } => SyncTarget::of(payment_intent.clone()),
            _ => None,
        };
        match target {
            Some(target) => self.mark_stale(&call.account, &target).await,
            None => Ok(()),
        }
    }

    /// Audits a call that was given up, and marks what it should have changed as stale.
    async fn give_up(&mut self, call: &GatewayCall) -> Result<(), StoreError> {
        let mut in_path = call.request.path.split('/').filter_map(|part| StripeId::parse(part).ok());
        if let Some(target) = in_path.find_map(SyncTarget::of) {
            self.mark_stale(&call.account, &target).await?;
        }
        self.audit_call(call, AuditedChange::of_given_up_call(call)).await
    }

    /// Audits what became of a call, with the subscription of the invoice that it changes or refunds.
    async fn audit_call(
        &mut self,
        call: &GatewayCall,
        change: serde_json::Result<AuditedChange>,
    ) -> Result<(), StoreError> {
        let Some(invoice) = call.purpose.invoice() else { return self.append(change).await };
        let invoice = self.work.invoices().invoice_to_change(&self.workspace.id, invoice).await?;
        let subscription_id = invoice.and_then(|invoice| invoice.subscription_id);
        self.append(change.map(|change| AuditedChange { subscription_id, ..change })).await
    }

    pub(crate) async fn intent(
        &mut self,
        intent: CheckoutIntentId,
    ) -> Result<Option<CheckoutIntent>, StoreError> {
        self.work.checkout_intents().checkout_intent_to_change(&self.workspace.id, intent).await
    }

    /// Brings the intent up to the sight of its session. A paid session marks its subscription as stale.
    pub(crate) async fn follow_session(
        &mut self,
        intent: &CheckoutIntent,
        session: &GatewayCheckoutSession,
    ) -> Result<(), StoreError> {
        if let Some(subscription) = &session.subscription
            && !intent.state.is_closed()
        {
            self.mark_stale(&intent.account, &SyncTarget::Subscription(subscription.clone().into())).await?;
        }
        let Some(next) = intent.state.follow(session.status) else { return Ok(()) };
        let opened = OpenedSession { id: session.id.clone(), url: session.url.clone().unwrap_or_default() };
        self.advance_intent(intent, next, Some(opened).filter(|_| intent.session.is_none())).await
    }

    /// Saves the next state of an intent with its audit entry.
    pub(crate) async fn advance_intent(
        &mut self,
        intent: &CheckoutIntent,
        to: CheckoutIntentState,
        session: Option<OpenedSession>,
    ) -> Result<(), StoreError> {
        if intent.state == to {
            return Ok(());
        }
        let after = CheckoutIntent { state: to, ..intent.clone() };
        let intents = self.work.checkout_intents();
        intents.advance_checkout_intent(&self.workspace.id, intent.id, intent.state, to, session).await?;
        self.audit_changed(intent, &after).await
    }
}
