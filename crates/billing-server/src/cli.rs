use std::path::PathBuf;

use billing_domain::Role;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The KolayLogin billing service.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// A TOML file with settings; environment variables win over it. `KL_CONFIG` names it where this is not given.
    #[arg(long, global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the service (the default).
    Serve,
    /// Bring the database's schema up to date, and end.
    Migrate,
    /// Distribute the tables of a Postgres with the extension Citus over its nodes, and end.
    ScaleOut,
    /// Make a token for trying things out; in development only.
    Token {
        #[command(subcommand)]
        kind: TokenKind,
    },
    /// Print the `OpenAPI` document.
    Openapi,
    /// Ask the running service whether it can serve; fails if it cannot.
    Healthcheck {
        /// Ask only whether the process is alive, whatever the state of its database.
        #[arg(long)]
        live: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum TokenKind {
    /// A dashboard user's token.
    Dashboard(DashboardClaims),
}

#[derive(Args)]
pub(crate) struct DashboardClaims {
    /// The workspace, such as `ws_demo`.
    #[arg(long)]
    pub workspace: String,
    /// What the user may do.
    #[arg(long)]
    pub role: RoleArgument,
    /// The user's id.
    #[arg(long, default_value = "demo_user")]
    pub user: String,
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

impl RoleArgument {
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Owner => Role::Owner,
            Self::Admin => Role::Admin,
            Self::Member => Role::Member,
        }
    }
}
