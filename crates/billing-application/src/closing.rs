//! The two ends of switching billing off (contract, section 5, I1). Between them is where a payment gateway is
//! asked what it can still charge: no transaction is open there, and a crash leaves the workspace closing, which
//! [`RecoverClosings`](crate::RecoverClosings) finishes.

use billing_domain::ports::StoreError;
use billing_domain::{Actor, BillingSwitch, Blockers, WorkspaceBilling, WorkspaceId};

use crate::Ports;

/// Where a closing begins.
pub(crate) enum Begun {
    /// There is nothing to close.
    AlreadyOff,
    /// The workspace is closing. Its version tells this closing from any later one.
    Closing(WorkspaceBilling),
}

/// How a closing ended.
#[derive(Debug)]
pub(crate) enum Finished {
    /// Billing is off.
    Disabled,
    /// Billing is on as before, because of these.
    Refused(Blockers),
    /// Somebody else ended this closing first, and nothing blocks switching off at this moment.
    Superseded,
}

/// Moves the workspace from enabled to closing, or joins a closing that was begun already.
pub(crate) async fn begin(
    ports: &Ports,
    workspace: &WorkspaceId,
    actor: &Actor,
) -> Result<Begun, StoreError> {
    let mut work = ports.store.begin().await?;
    let workspace = work.lock_workspace(workspace).await?;

    if let Some(change) = workspace.switch.begin_closing(ports.clock.now()) {
        let closing = ports.commit_switch_change(work, workspace, change, actor).await?;
        return Ok(Begun::Closing(closing));
    }
    work.rollback().await?;
    Ok(match workspace.switch {
        BillingSwitch::Disabled => Begun::AlreadyOff,
        BillingSwitch::Enabled { .. } | BillingSwitch::Closing { .. } => Begun::Closing(workspace),
    })
}

/// The closing this workspace is in, if it is; to be ended by somebody who did not begin it.
pub(crate) async fn join(
    ports: &Ports,
    workspace: &WorkspaceId,
) -> Result<Option<WorkspaceBilling>, StoreError> {
    let mut work = ports.store.begin().await?;
    let workspace = work.lock_workspace(workspace).await?;
    work.rollback().await?;
    Ok(match workspace.switch {
        BillingSwitch::Closing { .. } => Some(workspace),
        BillingSwitch::Disabled | BillingSwitch::Enabled { .. } => None,
    })
}

/// Ends this closing: off if nothing can be charged any more, and otherwise on as before.
///
/// A closing that somebody else ended is left alone, even when the workspace is closing again by now: what this
/// caller learnt about its own closing says nothing about a later one.
pub(crate) async fn finish(
    ports: &Ports,
    closing: &WorkspaceBilling,
    actor: &Actor,
) -> Result<Finished, StoreError> {
    let mut work = ports.store.begin().await?;
    let workspace = work.lock_workspace(&closing.id).await?;
    let blockers = work.blockers(&closing.id).await?;

    if workspace.version == closing.version
        && let Some(change) = workspace.switch.finish_closing(&blockers)
    {
        ports.commit_switch_change(work, workspace, change, actor).await?;
        return Ok(if blockers.is_empty() { Finished::Disabled } else { Finished::Refused(blockers) });
    }
    work.rollback().await?;
    Ok(if blockers.is_empty() { Finished::Superseded } else { Finished::Refused(blockers) })
}
