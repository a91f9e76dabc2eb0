use std::fs::File;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Runs the server as a child, and stops it when the pipe on standard input closes: when the test process ends.
const STOP_WITH_US: &str =
    r#""$0" "$@" </dev/null & server=$!; cat >/dev/null; kill -INT $server; wait $server"#;

const START_TIMEOUT: Duration = Duration::from_mins(1);

/// A Postgres server in a temporary folder, reachable through a Unix socket only.
pub struct PostgresCluster {
    folder: TempDir,
    binaries: PathBuf,
    owner: Option<(u32, u32)>,
    explains: bool,
    server: Option<Child>,
}

/// Logs the plan of every statement, with what each of its parts has done.
const EXPLAINING: [&str; 7] = [
    "session_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=0",
    "auto_explain.log_analyze=on",
    "auto_explain.log_timing=off",
    "auto_explain.log_nested_statements=on",
    "auto_explain.log_format=json",
    "log_line_prefix=@%d|%a|",
];

impl PostgresCluster {
    /// Starts a new cluster; `None` without Postgres binaries.
    pub fn start() -> Option<Self> {
        Self::start_with(false)
    }

    /// Starts a new cluster that writes the plan of every statement to its [`log`](Self::log).
    pub fn start_explaining() -> Option<Self> {
        Self::start_with(true)
    }

    fn start_with(explains: bool) -> Option<Self> {
        let binaries = find_binaries()?;
        let folder = tempfile::Builder::new().prefix("kl-pg-").tempdir_in("/tmp").unwrap();
        let owner = non_root_owner();
        if let Some((uid, gid)) = owner {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let mut cluster = Self { folder, binaries, owner, explains, server: None };
        cluster.init();
        cluster.resume();
        Some(cluster)
    }

    /// Whether Postgres binaries are installed.
    pub fn can_start() -> bool {
        find_binaries().is_some()
    }

    /// The log of a cluster that explains.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The URL of a database in this cluster.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://billing@{socket}/{database}")
    }

    /// Stops the server at once, as a crash would.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        drop(server.stdin.take());
        server.wait().unwrap();
    }

    /// Starts the server again on the same data, and waits until it is ready.
    pub fn resume(&mut self) {
        let mut command = Command::new("sh");
        command
            .args(["-c", STOP_WITH_US])
            .arg(self.binaries.join("postgres"))
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(self.folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if self.explains {
            let log = File::options().create(true).append(true).open(self.log()).unwrap();
            command.args(EXPLAINING.iter().flat_map(|setting| ["-c", setting])).stderr(log);
        }
        self.server = Some(self.as_owner(&mut command).spawn().expect("Postgres starts"));
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.answers() {
            assert!(Instant::now() < deadline, "Postgres did not answer within {START_TIMEOUT:?}");
            std::thread::yield_now();
        }
    }

    fn init(&self) {
        let mut command = Command::new(self.binaries.join("initdb"));
        command
            .args(["--username=billing", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .arg("-D")
            .arg(self.data());
        let output = self.as_owner(&mut command).output().expect("initdb runs");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn answers(&self) -> bool {
        Command::new(self.binaries.join("pg_isready"))
            .arg("-q")
            .arg("-h")
            .arg(self.folder.path())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Postgres refuses to run as root.
    fn as_owner<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.current_dir("/");
        match self.owner {
            Some((uid, gid)) => command.uid(uid).gid(gid),
            None => command,
        }
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        self.stop();
    }
}

fn find_binaries() -> Option<PathBuf> {
    let on_path = super::setting("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"].iter().all(|binary| folder.join(binary).is_file())
    })
}

/// The user to run as instead of root: `postgres` if it exists, otherwise `nobody`.
pub(crate) fn non_root_owner() -> Option<(u32, u32)> {
    let probe = tempfile::NamedTempFile::new().unwrap();
    let our_uid = std::os::unix::fs::MetadataExt::uid(&probe.as_file().metadata().unwrap());
    if our_uid != 0 {
        return None;
    }
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let find = |name: &str| {
        let entry =
            users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        Some((entry.get(2)?.parse().ok()?, entry.get(3)?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody"))
}
