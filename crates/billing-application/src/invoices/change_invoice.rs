use async_trait::async_trait;
use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{
    Administrator, AppId, AuditedChange, CallOutcome, CallPurpose, GatewayCall, GatewayCallId,
    GatewayCommand, Invoice, InvoiceId, RequestKey, SyncTarget,
};
use serde::Serialize;

use super::InvoiceError;
use crate::calls::{CallError, Driven};
use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::refusal::{Absent, Refused};
use crate::remembered::RememberedRequest;
use crate::sync::sync_of;

/// A change of an invoice at Stripe that a person asks for.
pub(super) trait InvoiceChange: Clone + Serialize + Send + Sync + 'static {
    /// The name in the log, and of remembered requests.
    const NAME: &'static str;

    /// The app that sells, and the invoice.
    fn invoice(&self) -> (&AppId, InvoiceId);

    /// Whether a call of unknown outcome is to be settled first.
    fn is_rival(&self, _call: &GatewayCall) -> bool {
        false
    }

    /// The calls that make the change; none if the invoice is as asked.
    fn plan(&self, case: &InvoiceCase, new_id: &dyn Fn() -> GatewayCallId)
    -> Result<Vec<Step>, InvoiceError>;
}

/// The facts on which a change of an invoice is decided.
pub(super) struct InvoiceCase {
    /// The mirror.
    pub(super) invoice: Invoice,
    /// Whether the mirror was fetched for this request.
    pub(super) is_fetched: bool,
    /// The calls that change the invoice or refund its payments, settled ones included.
    pub(super) calls: Vec<GatewayCall>,
}

/// A call to be prepared.
pub(super) struct Step {
    pub(super) id: GatewayCallId,
    pub(super) purpose: CallPurpose,
    pub(super) command: GatewayCommand,
}

/// Decides on the change and prepares its calls.
struct PrepareChange<R> {
    request: R,
    key: Option<RequestKey>,
    is_fetched: bool,
}

/// The next step of a change.
enum Next {
    /// The calls that make the change; none if nothing is left to do.
    Calls(Vec<GatewayCall>),
    /// A call of unknown outcome for another change.
    Rival(Box<GatewayCall>),
}

/// The calls of unknown outcome that a change settles first.
const MOST_RIVALS: usize = 4;

#[async_trait]
impl<R: InvoiceChange> Change for PrepareChange<R> {
    const NAME: &'static str = R::NAME;
    type Answer = Next;
    type Refusal = InvoiceError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(self.request.invoice().0)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Next>, Refused<InvoiceError>> {
        let (app, id) = self.request.invoice();
        let found = tx.work.invoices().invoice_to_change(&tx.workspace.id, id).await?;
        let invoice = found.filter(|invoice| invoice.app_id == *app).ok_or(Absent::Invoice)?;
        let mut remembered = match &self.key {
            Some(key) => Some(RememberedRequest::new(R::NAME, &self.request, key)?),
            None => None,
        };
        if let Some(request) = &mut remembered
            && let Some(earlier) = request.earlier_answer::<Vec<GatewayCallId>, _>(tx).await?
        {
            let calls = tx.gateway_calls(&earlier).await?;
            // Only what Stripe refused as a whole is tried anew.
            let is_refused = |call: &GatewayCall| matches!(call.outcome, CallOutcome::Refused(_));
            if calls.is_empty() || !calls.iter().all(is_refused) {
                return Ok(Decision::Unchanged(Next::Calls(calls)));
            }
        }
        let payments = invoice.details.payments.iter().flatten().map(|payment| payment.payment.clone());
        let payments: Vec<_> = payments.collect();
        let calls = tx.work.gateway_calls().calls_on_invoice(&tx.workspace.id, id, &payments).await?;
        if let Some(rival) = calls.iter().find(|call| call.is_unresolved() && self.request.is_rival(call)) {
            return Ok(Decision::Unchanged(Next::Rival(Box::new(rival.clone()))));
        }
        let case = InvoiceCase { invoice, is_fetched: self.is_fetched, calls };
        let ids = tx.ports.ids.clone();
        let steps = self.request.plan(&case, &|| GatewayCallId::from_uuid(ids.uuid_v7()))?;
        let mut prepared = Vec::new();
        for step in steps {
            prepared.push(tx.prepare_step(&case, step).await?);
        }
        if let Some(request) = remembered {
            let ids: Vec<_> = prepared.iter().map(|call| call.id).collect();
            request.remember(tx, &ids).await?;
        }
        Ok(Decision::Changed(Next::Calls(prepared)))
    }
}

impl Tx {
    async fn gateway_calls(&mut self, ids: &[GatewayCallId]) -> Result<Vec<GatewayCall>, StoreError> {
        let mut calls = Vec::new();
        for id in ids {
            calls.extend(self.work.gateway_calls().gateway_call_to_change(&self.workspace.id, *id).await?);
        }
        Ok(calls)
    }

    /// Writes down a call, or joins the unresolved one for the same.
    async fn prepare_step(&mut self, case: &InvoiceCase, step: Step) -> Result<GatewayCall, StoreError> {
        let (Step { id, purpose, command }, invoice) = (step, &case.invoice);
        if let Some(call) = self.unresolved_call(&invoice.gateway_account_id, &purpose).await? {
            return Ok(call);
        }
        match &purpose {
            CallPurpose::ActOnInvoice { action, .. } => {
                self.append(AuditedChange::invoice_action_requested(invoice, *action)).await?;
            }
            CallPurpose::RefundInvoice { amount, .. } => {
                self.append(AuditedChange::refund_requested(invoice, id, *amount)).await?;
            }
            _ => {}
        }
        self.insert_call(id, &invoice.gateway_account_id, purpose, &command).await
    }
}

/// The outcome of a change.
pub(super) struct ChangedInvoice {
    /// The invoice as it is then.
    pub(super) invoice: Invoice,
    /// The calls with their outcomes.
    pub(super) driven: Vec<(GatewayCall, Driven)>,
}

impl Executor {
    /// Makes the change on what Stripe has at this moment.
    pub(super) async fn change_invoice<R: InvoiceChange>(
        &self,
        administrator: &Administrator,
        request: &R,
        key: Option<&RequestKey>,
    ) -> Result<ChangedInvoice, Refused<InvoiceError>> {
        let mut prepare = PrepareChange { request: request.clone(), key: key.cloned(), is_fetched: false };
        if let Some(stored) = self.find_invoice(administrator, request).await? {
            prepare.is_fetched = self.fetch_invoice(&stored).await;
        }
        let calls = self.calls_after_rivals(administrator, &mut prepare).await?;
        let (mut driven, mut unknown) = (Vec::new(), None);
        for call in calls {
            match self.drive(administrator.actor(), &call, true).await {
                Ok(outcome) => driven.push((call, outcome)),
                Err(CallError::Gateway(error)) => unknown = Some(error),
                Err(CallError::Store(error)) => return Err(error.into()),
            }
        }
        let stored = self.find_invoice(administrator, request).await?.ok_or(Absent::Invoice)?;
        if !driven.is_empty() {
            self.fetch_invoice(&stored).await;
        }
        if let Some(error) = unknown {
            return Err(InvoiceError::from(error).into());
        }
        let invoice = self.find_invoice(administrator, request).await?.ok_or(Absent::Invoice)?;
        Ok(ChangedInvoice { invoice, driven })
    }

    /// Settles rivals, and gives the calls that make the change.
    async fn calls_after_rivals<R: InvoiceChange>(
        &self,
        administrator: &Administrator,
        prepare: &mut PrepareChange<R>,
    ) -> Result<Vec<GatewayCall>, Refused<InvoiceError>> {
        for _ in 0..=MOST_RIVALS {
            let rival = match self.change(administrator, &*prepare).await? {
                Next::Calls(calls) => return Ok(calls),
                Next::Rival(rival) => rival,
            };
            match self.drive(administrator.actor(), &rival, true).await {
                Ok(_) => {}
                Err(CallError::Store(error)) => return Err(error.into()),
                Err(CallError::Gateway(error)) => {
                    tracing::warn!(error = %error_chain(&error), "an earlier change is not settled");
                    return Err(InvoiceError::EarlierUnsettled.into());
                }
            }
            if let Some(stored) = self.find_invoice(administrator, &prepare.request).await? {
                prepare.is_fetched = self.fetch_invoice(&stored).await;
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn find_invoice<R: InvoiceChange>(
        &self,
        administrator: &Administrator,
        request: &R,
    ) -> Result<Option<Invoice>, StoreError> {
        let (app, id) = request.invoice();
        self.ports.store.invoices().invoice(administrator.workspace_id(), app, id).await
    }

    /// Brings the mirror up to date, and tells whether that succeeded.
    async fn fetch_invoice(&self, invoice: &Invoice) -> bool {
        let target = SyncTarget::Invoice(invoice.stripe_id.clone());
        self.sync_all_now(&[sync_of(&invoice.workspace_id, &invoice.gateway_account_id, &target)]).await
    }
}
