use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use billing_diesel::DatabaseUrl;
pub(crate) use stripe_sandbox::Sandbox;
use stripe_sandbox::{Options, StartError};

use crate::settings::SandboxListen;
use crate::{BoxError, data_folder};

/// Whether this build has the sandbox.
pub(crate) const IS_BUILT_IN: bool = true;

const USUAL_PORT: u16 = 12111;
const FILE: &str = "stripe-sandbox.jsonl";
/// The folder of the state when the database is elsewhere.
const FOLDER: &str = "data";

/// Starts the Stripe sandbox. Its state is stored beside the database, which depends on it.
pub(crate) async fn start(listen: SandboxListen, database: &DatabaseUrl) -> Result<Sandbox, BoxError> {
    let state = state_file(database);
    data_folder::check_writable(&state)?;
    let at = |address| Sandbox::start(Options::in_file(&state).at(address));
    let started = match listen {
        SandboxListen::At(address) => at(address).await,
        SandboxListen::Usual => match at(local(USUAL_PORT)).await {
            Err(StartError::Listen { address, source }) if source.kind() == ErrorKind::AddrInUse => {
                tracing::warn!(taken = %address, "the Stripe sandbox is on a free port: its usual one is taken");
                at(local(0)).await
            }
            started => started,
        },
    };
    started.map_err(|error| explained(&error).into())
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn state_file(database: &DatabaseUrl) -> PathBuf {
    match database {
        DatabaseUrl::Sqlite(file) => file.with_file_name(FILE),
        DatabaseUrl::Postgres(_) => Path::new(FOLDER).join(FILE),
    }
}

/// The message of a failed start. Fatal: without its state, the database would refer to unknown customers.
fn explained(error: &StartError) -> String {
    match error {
        StartError::Listen { .. } => format!("KL_STRIPE_SANDBOX_LISTEN: {error}"),
        StartError::Clock(_) | StartError::State(_) | StartError::Write(_) => format!(
            "the Stripe sandbox: {error} (KL_STRIPE_API_BASE=<address> does without it and uses a Stripe that runs \
             there)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_beside_a_sqlite_file_and_under_data_with_postgres() {
        for (url, file) in [
            ("sqlite://data/billing.db", "data/stripe-sandbox.jsonl"),
            ("sqlite://billing.db", "stripe-sandbox.jsonl"),
            ("sqlite:///var/lib/billing/main.db", "/var/lib/billing/stripe-sandbox.jsonl"),
            ("postgres://localhost/billing", "data/stripe-sandbox.jsonl"),
        ] {
            assert_eq!(state_file(&url.parse().unwrap()), Path::new(file), "{url}");
        }
    }
}
