use std::path::PathBuf;

use billing_domain::ports::SetAsideFilter;
use billing_domain::{
    DashboardSession, DashboardUserId, DisplayName, FromStored, Role, WorkKind, WorkspaceId,
};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::BoxError;

/// docs/configuration.md has the whole of each.
const VARIABLES: &str = "\
Environment variables (in a settings file, KL_X is the key x):
  KL_ENV                        development (the default) or production
  KL_LISTEN                     The IP address and port to listen on [default: 127.0.0.1:3001]
  KL_PUBLIC_BASE_URL            How browsers reach the service [default: http://localhost:3001]
  KL_DATABASE_URL               postgres://… or sqlite:// and a path [default: sqlite://data/billing.db]
  KL_DASHBOARD_JWT_SECRET       Verifies dashboard tokens (HS256); made at the first start in development
  KL_DASHBOARD_JWKS_URL         Where the keys of dashboard tokens are published, instead of the secret
  KL_DASHBOARD_JWT_ISSUER       The iss of dashboard tokens [default: kolaylogin]
  KL_DASHBOARD_COOKIE           The cookie of a browser's dashboard token [default: kl_dashboard]
  KL_DASHBOARD_SIGN_IN_URL      Where the platform signs people in
  KL_STRIPE_MANAGED_SECRET_KEY  Test key of the gateway managed
  KL_STRIPE_CONNECT_SECRET_KEY  Key of the gateway stripe_connect
  KL_STRIPE_CONNECT_CLIENT_ID   Client id (ca_…) of the gateway stripe_connect
  KL_STRIPE_SECRET_KEY          Key of the gateway stripe_platform
  KL_STRIPE_MANAGED_WEBHOOK_SECRET  Signing secrets (whsec_…) of its webhooks, separated by commas
  KL_STRIPE_CONNECT_WEBHOOK_SECRET  Likewise, of the endpoint that hears of connected accounts
  KL_STRIPE_WEBHOOK_SECRET          Likewise, of the gateway stripe_platform
  KL_STRIPE_API_BASE            A Stripe that is neither Stripe's own nor the embedded sandbox
  KL_STRIPE_SANDBOX_LISTEN      Where the Stripe sandbox listens, in development [default: 127.0.0.1:12111]
  KL_PAST_DUE_GRACE_DAYS        Days for which what is past due keeps its access [default: 7]
  KL_LOG                        Which log lines are written: levels, alone or as crate=level [default: info]
  KL_LOG_FORMAT                 text (the default) or json
  KL_CONFIG                     A settings file, where --config is not given";

/// The KolayLogin billing service.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// A TOML file with settings; environment variables win over it
    #[arg(long, global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Cli {
    /// The command line, or what to answer it with.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let matches = with_variables(Self::command()).try_get_matches()?;
        Self::from_arg_matches(&matches)
    }
}

/// Names the variables in the help of a command and of its subcommands.
fn with_variables(command: clap::Command) -> clap::Command {
    command.after_help(VARIABLES).mut_subcommands(with_variables)
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the service (the default).
    Serve,
    /// Bring the database's schema up to date, and end.
    Migrate,
    /// Distribute the tables of a Postgres with the extension Citus over its nodes, and end.
    ScaleOut,
    /// Have everything at Stripe compared and mended by the running service, and end.
    Reconcile,
    /// Make the figures of revenue anew from the facts, and end.
    RebuildRevenue,
    /// Show or try again what was set aside.
    Work {
        #[command(subcommand)]
        command: WorkCommand,
    },
    /// Make a token for trying things out; in development only.
    Token {
        #[command(subcommand)]
        kind: TokenKind,
    },
    #[command(about = "Print the OpenAPI document")]
    Openapi,
    /// Ask the running service whether it can serve; fails if it cannot.
    Healthcheck {
        /// Ask only whether the process is alive, whatever the state of its database.
        #[arg(long)]
        live: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum WorkCommand {
    /// List the work that was set aside and the webhooks without a workspace, latest first.
    List,
    /// Have the running service try work again that was set aside; all of it, unless it is narrowed down.
    Replay(ReplayArguments),
}

#[derive(Args)]
pub(crate) struct ReplayArguments {
    /// Only the work of this workspace.
    #[arg(long)]
    workspace: Option<String>,
    /// Only the work of this kind.
    #[arg(long, value_parser = work_kind)]
    kind: Option<WorkKind>,
    /// Only the work with this key.
    #[arg(long)]
    key: Option<String>,
}

fn work_kind(word: &str) -> Result<WorkKind, String> {
    let words = || WorkKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    WorkKind::from_stored(word.to_owned()).ok_or_else(|| format!("it is one of {}", words()))
}

impl ReplayArguments {
    pub(crate) fn filter(self) -> Result<SetAsideFilter, BoxError> {
        let workspace_id = self.workspace.map(WorkspaceId::parse).transpose()?;
        Ok(SetAsideFilter { workspace_id, kind: self.kind, key: self.key })
    }
}

#[derive(Subcommand)]
pub(crate) enum TokenKind {
    /// A dashboard user's token.
    Dashboard(DashboardClaims),
}

#[derive(Args)]
pub(crate) struct DashboardClaims {
    /// The workspace's id.
    #[arg(long)]
    pub workspace: String,
    /// The workspace's name, which pages show instead of its id.
    #[arg(long)]
    pub workspace_name: Option<DisplayName>,
    /// What the user may do.
    #[arg(long)]
    pub role: RoleArgument,
    /// The user's id.
    #[arg(long, default_value = "demo_user")]
    pub user: String,
    /// The user's name, which pages show instead of the id.
    #[arg(long)]
    pub name: Option<DisplayName>,
    /// How long the token is valid.
    #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(i64).range(-86_400..=31_536_000))]
    pub ttl_seconds: i64,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArgument {
    Owner,
    Admin,
    Member,
}

impl DashboardClaims {
    pub(crate) fn session(self) -> Result<DashboardSession, BoxError> {
        Ok(DashboardSession {
            user_id: DashboardUserId::parse(self.user)?,
            user_name: self.name,
            workspace_id: WorkspaceId::parse(self.workspace)?,
            workspace_name: self.workspace_name,
            role: self.role.role(),
        })
    }
}

impl RoleArgument {
    fn role(self) -> Role {
        match self {
            Self::Owner => Role::Owner,
            Self::Admin => Role::Admin,
            Self::Member => Role::Member,
        }
    }
}
