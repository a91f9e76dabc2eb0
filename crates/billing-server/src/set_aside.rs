//! The command `work`: what was set aside, for an operator.

use std::fmt::Write;

use billing_application::Worker;
use billing_domain::ports::UnplacedEvent;
use billing_domain::{WorkId, WorkSetAside, wire_time};

use crate::cli::WorkCommand;
use crate::settings::Settings;
use crate::{BoxError, composition, output};

/// The number of rows of each list.
const LISTED: u32 = 1_000;

pub(crate) async fn run(settings: Settings, command: WorkCommand) -> Result<(), BoxError> {
    let ports = composition::ports_of_command(&settings)?;
    ports.store.readiness().await?;
    let worker = Worker::new(ports);
    match command {
        WorkCommand::List => output::print(&list(&worker).await?),
        WorkCommand::Replay(which) => {
            let replayed = worker.replay(&which.filter()?).await?;
            output::print(&format!("Work that is tried again: {replayed}. The running service does it now."))
        }
    }
}

async fn list(worker: &Worker) -> Result<String, BoxError> {
    let (work, total) = worker.set_aside(LISTED).await?;
    let (events, unplaced) = worker.unplaced(LISTED).await?;
    let mut text = format!("Work that was set aside: {total}");
    for WorkSetAside { id: WorkId { workspace_id, kind, key }, reason, at } in work {
        let (kind, at) = (kind.as_str(), wire_time(at));
        write!(text, "\n  {at} --workspace {workspace_id} --kind {kind} --key {key}: {reason}")?;
    }
    write!(text, "\nWebhooks without a workspace: {unplaced}")?;
    for UnplacedEvent { id, account, kind, received_at } in events {
        write!(text, "\n  {} {id} of {account}: {kind}", wire_time(received_at))?;
    }
    Ok(text)
}
