use std::sync::Arc;

use billing_application::{Executor, Ports};
use billing_dashboard::DemoTokens;
use billing_domain::{
    App, AppDetails, AppId, DashboardSession, DashboardUserId, DisplayName, Environment, EnvironmentId,
    EnvironmentKind, RedirectOrigin, Role, Version, WorkspaceId,
};

use crate::settings::Settings;
use crate::{BoxError, token};

const WORKSPACE: &str = "ws_demo";
/// The lifetime of a demo session.
const SESSION_SECONDS: i64 = 12 * 60 * 60;

/// Creates the demo workspace with its app, unless it exists.
pub(crate) async fn ensure_demo_workspace(ports: &Ports) -> Result<(), BoxError> {
    let environment = |kind: EnvironmentKind| {
        Ok::<_, BoxError>(Environment {
            id: EnvironmentId::parse(format!("env_demo_{}", kind.as_str()))?,
            kind,
        })
    };
    let app = App {
        id: AppId::parse("app_demo")?,
        workspace_id: WorkspaceId::parse(WORKSPACE)?,
        details: AppDetails::new(
            DisplayName::parse("Demo app")?,
            vec![RedirectOrigin::parse("http://localhost:3000")?],
        )?,
        environments: EnvironmentKind::ALL.into_iter().map(environment).collect::<Result<_, _>>()?,
        version: Version::NEW,
        created_at: ports.clock.now(),
    };
    Ok(Executor::new(ports.clone()).seed_app(app).await?)
}

/// Signs in users of the demo workspace, in development.
pub(crate) struct DemoPeople(pub Arc<Settings>);

impl DemoTokens for DemoPeople {
    fn demo_token(&self, role: Role) -> Result<String, BoxError> {
        let session = DashboardSession {
            user_id: DashboardUserId::parse(format!("demo_{role}"))?,
            user_name: Some(DisplayName::parse(&format!("Demo {role}"))?),
            workspace_id: WorkspaceId::parse(WORKSPACE)?,
            workspace_name: Some(DisplayName::parse("Demo workspace")?),
            role,
        };
        token::signed(&self.0, &session, SESSION_SECONDS)
    }
}
