use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use billing_application::{Executor, Reads, Runner};
use billing_domain::Role;
use billing_domain::ports::{BoxError, Clock, DashboardSessions, IdGenerator};

use crate::routes;

/// The dashboard's pages. Each worker has one of its own, which reads through a store of its own and shares the rest.
#[derive(Clone)]
pub struct Dashboard {
    pub(crate) reads: Arc<Reads>,
    pub(crate) executor: Executor,
    pub(crate) sessions: Arc<dyn DashboardSessions>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) runner: Runner,
    pub(crate) settings: Arc<DashboardSettings>,
}

/// The settings of sessions and sign-in, and where the Stripe sandbox is.
pub struct DashboardSettings {
    /// The cookie that carries the dashboard token.
    pub session_cookie: String,
    /// The public origin of the service. With `https`, cookies are secure.
    pub public_origin: String,
    /// The way to sign in.
    pub sign_in: SignIn,
    /// The address of the embedded Stripe sandbox as a browser reaches it, if one is served.
    pub sandbox: Option<String>,
}

/// The way to sign in.
pub enum SignIn {
    /// One click, in development.
    Demo(Arc<dyn DemoTokens>),
    /// On the platform, which sets the cookie.
    Platform {
        /// The sign-in address, if known. Takes a query parameter `returnTo`.
        address: Option<String>,
    },
}

/// Issues tokens for the users of the demo workspace, in development.
pub trait DemoTokens: Send + Sync {
    /// A token for a demo user with this role.
    ///
    /// # Errors
    /// When tokens cannot be signed here.
    fn demo_token(&self, role: Role) -> Result<String, BoxError>;
}

impl DashboardSettings {
    pub(crate) fn is_secure(&self) -> bool {
        self.public_origin.starts_with("https://")
    }
}

impl Dashboard {
    /// The pages with these use cases.
    #[must_use]
    pub fn new(
        reads: Reads,
        executor: Executor,
        sessions: Arc<dyn DashboardSessions>,
        ids: Arc<dyn IdGenerator>,
        clock: Arc<dyn Clock>,
        runner: Runner,
        settings: Arc<DashboardSettings>,
    ) -> Self {
        Self { reads: Arc::new(reads), executor, sessions, ids, clock, runner, settings }
    }

    /// Mounts the pages.
    pub fn configure(self, config: &mut ServiceConfig) {
        config.app_data(Data::new(self));
        routes::mount(config);
    }
}
