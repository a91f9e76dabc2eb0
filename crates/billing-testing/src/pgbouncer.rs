use std::os::unix::fs::chown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::postgres::non_root_owner;
use crate::{TestDatabase, setting};

const START_TIMEOUT: Duration = Duration::from_secs(30);
const PORT: u16 = 6432;

/// The number of connections to the server that clients share.
const CONNECTIONS: u32 = 3;

/// A `PgBouncer` before a database, reachable through a Unix socket only.
pub struct PgBouncer {
    folder: TempDir,
    process: Child,
    database: String,
}

impl PgBouncer {
    /// Starts a pooler with this `pool_mode`. `None` without the program.
    pub fn start(database: &TestDatabase, pool_mode: &str) -> Option<Self> {
        let program = find_program()?;
        let folder = tempfile::Builder::new().prefix("kl-pgb-").tempdir_in("/tmp").unwrap();
        let settings = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = {server}\n\n[pgbouncer]\nlisten_addr =\nlisten_port = {PORT}\n\
             unix_socket_dir = {sockets}\nauth_type = any\npool_mode = {pool_mode}\nmax_client_conn = 500\n\
             default_pool_size = {CONNECTIONS}\n",
            server = server(&database.url),
            sockets = folder.path().display(),
        );
        std::fs::write(&settings, text).unwrap();
        let mut command = Command::new(program);
        command.arg("-q").arg(&settings).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((uid, gid)) = non_root_owner() {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
            command.uid(uid).gid(gid);
        }
        let process = command.current_dir("/").spawn().expect("PgBouncer starts");
        let (_, name) = database.url.rsplit_once('/').expect("the URL names a database");
        let pooler = Self { folder, process, database: name.to_owned() };
        let deadline = Instant::now() + START_TIMEOUT;
        while UnixStream::connect(pooler.socket()).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer did not start within {START_TIMEOUT:?}");
            std::thread::yield_now();
        }
        Some(pooler)
    }

    /// Whether the program is installed.
    pub fn can_start() -> bool {
        find_program().is_some()
    }

    /// The URL of the database through this pooler.
    pub fn url(&self) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://billing@{socket}:{PORT}/{}", self.database)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{PORT}"))
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Fails if the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn find_program() -> Option<PathBuf> {
    let on_path = setting("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&on_path).chain([Path::new("/usr/sbin").to_owned()]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

/// The server as `PgBouncer` is told it.
fn server(url: &str) -> String {
    let config: Config = url.parse().expect("a Postgres URL");
    let host = match &config.get_hosts()[0] {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let user = config.get_user().unwrap_or("billing");
    let password = config.get_password().map(String::from_utf8_lossy);
    let password = password.map(|password| format!(" password='{password}'")).unwrap_or_default();
    format!("host={host} port={port} user={user}{password}")
}
