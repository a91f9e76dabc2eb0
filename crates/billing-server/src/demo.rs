use billing_application::Ports;
use billing_domain::ports::StoreError;
use billing_domain::{AppId, WorkspaceId};

use crate::BoxError;

/// Makes the demo workspace with its app, unless it is there: what a newcomer in development looks at first.
pub(crate) async fn ensure_demo_workspace(ports: &Ports) -> Result<(), BoxError> {
    let workspace = WorkspaceId::parse("ws_demo")?;
    let app = AppId::parse("app_demo")?;
    Ok(add(ports, &workspace, &app).await?)
}

async fn add(ports: &Ports, workspace: &WorkspaceId, app: &AppId) -> Result<(), StoreError> {
    let mut work = ports.store.begin().await?;
    work.lock_workspace(workspace).await?;
    work.insert_app_if_absent(workspace, app, "Demo app", ports.clock.now()).await?;
    work.commit().await
}
