//! The transaction around every change.

use async_trait::async_trait;
use billing_domain::ports::{StoreError, UnitOfWork, error_chain};
use billing_domain::{
    Actor, Administrator, AppId, AuditEntry, AuditEntryId, Audited, AuditedChange, RequestKey, SwitchChange,
    Timestamp, WorkspaceBilling, WorkspaceId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Ports;
use crate::refusal::{Absent, Refusal, Refused};
use crate::remembered::RememberedRequest;

/// A use case that changes something in one transaction: its fields are the request, its one method decides.
#[async_trait]
pub trait Change: Send + Sync + 'static {
    /// The use case's name in the log and in the fingerprint of a stored request. Never renamed.
    const NAME: &'static str;
    /// The answer to the caller.
    type Answer: Send + Sync + 'static;
    /// The use case's own refusals.
    type Refusal: Refusal;

    /// The precondition.
    fn gate(&self) -> Gate<'_>;

    /// Decides and writes, inside the transaction.
    ///
    /// # Errors
    /// [`Refused`]; the executor then rolls back.
    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Self::Answer>, Refused<Self::Refusal>>;
}

/// The precondition of a change. It holds until the transaction ends.
#[derive(Debug, Clone, Copy)]
pub enum Gate<'a> {
    /// None: the change is allowed while billing is off.
    Always,
    /// Billing is on and the app exists in the workspace.
    OpenFor(&'a AppId),
}

/// The outcome of a change inside its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<T> {
    /// Something was written: commit.
    Changed(T),
    /// Nothing was written.
    Unchanged(T),
}

/// A transaction in a locked workspace.
///
/// The parts are fields, so that one can be borrowed mutably while another is read.
pub struct Tx {
    pub(crate) work: Box<dyn UnitOfWork>,
    pub(crate) workspace: WorkspaceBilling,
    pub(crate) now: Timestamp,
    pub(crate) ports: Ports,
    /// Whether work that is due now was scheduled.
    pub(crate) wakes_worker: bool,
    actor: Actor,
}

/// Runs changes: begins, locks the workspace, checks the gate, replays a stored response, decides and settles.
#[derive(Clone)]
pub struct Executor {
    pub(crate) ports: Ports,
}

impl Executor {
    /// An executor with these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Makes a change for an administrator.
    ///
    /// # Errors
    /// [`Refused`]; nothing was changed, except that a failed commit ([`StoreError::Unavailable`]) has an unknown
    /// outcome.
    pub async fn change<C: Change>(
        &self,
        administrator: &Administrator,
        change: &C,
    ) -> Result<C::Answer, Refused<C::Refusal>> {
        self.change_as(administrator.workspace_id(), administrator.actor(), change).await
    }

    /// Makes a change once per idempotency key: a repeat within 24 hours replays the stored response. A concurrent
    /// repeat waits for the first request. Refusals are not stored.
    ///
    /// # Errors
    /// As [`change`](Self::change), and [`Refused::RequestKeyReused`] when the key was used for another request.
    pub async fn change_once<C>(
        &self,
        administrator: &Administrator,
        change: &C,
        key: Option<&RequestKey>,
    ) -> Result<C::Answer, Refused<C::Refusal>>
    where
        C: Change<Answer: Serialize + DeserializeOwned> + Serialize,
    {
        let Some(key) = key else { return self.change(administrator, change).await };
        let mut tx = self.begin(administrator.workspace_id(), administrator.actor()).await?;
        let decided = decide_once(&mut tx, change, key).await;
        tx.settle::<C>(decided).await
    }

    /// Makes a change for any actor, such as the service itself.
    pub(crate) async fn change_as<C: Change>(
        &self,
        workspace: &WorkspaceId,
        actor: &Actor,
        change: &C,
    ) -> Result<C::Answer, Refused<C::Refusal>> {
        let mut tx = self.begin(workspace, actor).await?;
        let decided = decide(&mut tx, change).await;
        tx.settle::<C>(decided).await
    }

    pub(crate) async fn begin(&self, workspace: &WorkspaceId, actor: &Actor) -> Result<Tx, StoreError> {
        let mut work = self.ports.store.begin(workspace).await?;
        let workspace = match work.switches().lock_workspace(workspace).await {
            Ok(workspace) => workspace,
            Err(error) => {
                roll_back(work).await;
                return Err(error);
            }
        };
        // The clock is read behind the lock, so that times follow the order of the changes.
        let now = self.ports.clock.now();
        Ok(Tx { work, workspace, now, ports: self.ports.clone(), wakes_worker: false, actor: actor.clone() })
    }
}

pub(crate) async fn decide<C: Change>(
    tx: &mut Tx,
    change: &C,
) -> Result<Decision<C::Answer>, Refused<C::Refusal>> {
    tx.pass(change.gate()).await?;
    change.decide(tx).await
}

async fn decide_once<C>(
    tx: &mut Tx,
    change: &C,
    key: &RequestKey,
) -> Result<Decision<C::Answer>, Refused<C::Refusal>>
where
    C: Change<Answer: Serialize + DeserializeOwned> + Serialize,
{
    tx.pass(change.gate()).await?;
    let mut request = RememberedRequest::new(C::NAME, change, key)?;
    if let Some(answer) = request.earlier_answer(tx).await? {
        return Ok(Decision::Unchanged(answer));
    }
    // An unchanged answer is stored too: a later repeat might change something.
    let (Decision::Changed(answer) | Decision::Unchanged(answer)) = change.decide(tx).await?;
    request.remember(tx, &answer).await?;
    Ok(Decision::Changed(answer))
}

// Async methods take `&mut self`: a unit of work is not `Sync`, so a future that holds `&Tx` is not `Send`.
impl Tx {
    async fn pass<E: Refusal>(&mut self, gate: Gate<'_>) -> Result<(), Refused<E>> {
        let Gate::OpenFor(app) = gate else { return Ok(()) };
        if !self.workspace.switch.is_on() {
            return Err(Refused::NotEnabled);
        }
        let app = self.work.apps().app_to_change(&self.workspace.id, app).await?;
        app.map(drop).ok_or(Refused::Absent(Absent::App))
    }

    /// Audits the creation of an object.
    pub(crate) async fn audit_created<T: Audited>(&mut self, after: &T) -> Result<(), StoreError> {
        self.append(AuditedChange::created(after)).await
    }

    /// Audits a change of an object.
    pub(crate) async fn audit_changed<T: Audited>(
        &mut self,
        before: &T,
        after: &T,
    ) -> Result<(), StoreError> {
        self.append(AuditedChange::changed(before, after)).await
    }

    /// Audits the replacement of an object.
    pub(crate) async fn audit_replaced<T: Audited>(
        &mut self,
        before: &T,
        after: &T,
    ) -> Result<(), StoreError> {
        self.append(AuditedChange::replaced(before, after)).await
    }

    /// Audits the deletion of an object.
    pub(crate) async fn audit_deleted<T: Audited>(&mut self, before: &T) -> Result<(), StoreError> {
        self.append(AuditedChange::deleted(before)).await
    }

    /// Saves a change of the billing switch with its audit entry.
    pub(crate) async fn save_switch(&mut self, change: SwitchChange) -> Result<(), StoreError> {
        let Self { work, workspace, .. } = self;
        workspace.version =
            work.switches().save_switch(&workspace.id, workspace.version, &change.after).await?;
        workspace.switch = change.after;
        self.append(AuditedChange::of_switch(&change)).await
    }

    /// Appends an entry to the audit log.
    pub(crate) async fn append(
        &mut self,
        change: serde_json::Result<AuditedChange>,
    ) -> Result<(), StoreError> {
        let change = change.map_err(|error| StoreError::Unexpected(Box::new(error)))?;
        let entry = AuditEntry {
            id: AuditEntryId::from_uuid(self.ports.ids.uuid_v7()),
            workspace_id: self.workspace.id.clone(),
            actor: self.actor.clone(),
            change,
            at: self.now,
        };
        self.work.audit_log().append_audit_entry(&entry).await
    }

    /// Ends the transaction: commits a change, rolls back a refusal.
    pub(crate) async fn settle<C: Change>(
        self,
        decided: Result<Decision<C::Answer>, Refused<C::Refusal>>,
    ) -> Result<C::Answer, Refused<C::Refusal>> {
        match decided {
            Ok(Decision::Changed(answer)) => {
                self.work.commit().await?;
                if self.wakes_worker {
                    self.ports.wake.notify_one();
                }
                tracing::info!(workspace_id = %self.workspace.id, actor = %self.actor, change = C::NAME, "changed");
                Ok(answer)
            }
            Ok(Decision::Unchanged(answer)) => {
                self.work.rollback().await?;
                Ok(answer)
            }
            Err(refused) => {
                roll_back(self.work).await;
                Err(refused)
            }
        }
    }
}

/// Rolls back and logs a failure of it: the connection is closed then, and the caller gets the refusal.
pub(crate) async fn roll_back(work: Box<dyn UnitOfWork>) {
    if let Err(error) = work.rollback().await {
        tracing::debug!(error = %error_chain(&error), "a refused change was not rolled back");
    }
}
