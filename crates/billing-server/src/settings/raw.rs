use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::Config;
use secrecy::SecretString;
use serde::Deserialize;

/// The unchecked settings. A setting `x_y` of the file is the variable `KL_X_Y`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSettings {
    pub env: Option<String>,
    #[serde(default = "default_listen")]
    pub listen: String,
    pub public_base_url: Option<String>,
    pub database_url: Option<String>,
    pub dashboard_jwt_secret: Option<SecretString>,
    pub dashboard_jwks_url: Option<String>,
    #[serde(default = "default_issuer")]
    pub dashboard_jwt_issuer: String,
    #[serde(default = "default_cookie")]
    pub dashboard_cookie: String,
    pub dashboard_sign_in_url: Option<String>,
    pub stripe_secret_key: Option<SecretString>,
    pub stripe_managed_secret_key: Option<SecretString>,
    pub stripe_connect_secret_key: Option<SecretString>,
    pub stripe_connect_client_id: Option<String>,
    pub stripe_webhook_secret: Option<SecretString>,
    pub stripe_managed_webhook_secret: Option<SecretString>,
    pub stripe_connect_webhook_secret: Option<SecretString>,
    pub stripe_api_base: Option<String>,
    pub stripe_sandbox_listen: Option<String>,
    #[serde(default = "default_grace")]
    pub past_due_grace_days: String,
    #[serde(default = "default_log")]
    pub log: String,
    pub log_format: Option<String>,
}

/// Names the file. Not a setting of the file itself.
const CONFIG: &str = "KL_CONFIG";

/// Refused where it is blank, rather than taken for development.
const ENV: &str = "env";

const NAMES: [&str; 21] = [
    ENV,
    "listen",
    "public_base_url",
    "database_url",
    "dashboard_jwt_secret",
    "dashboard_jwks_url",
    "dashboard_jwt_issuer",
    "dashboard_cookie",
    "dashboard_sign_in_url",
    "stripe_secret_key",
    "stripe_managed_secret_key",
    "stripe_connect_secret_key",
    "stripe_connect_client_id",
    "stripe_webhook_secret",
    "stripe_managed_webhook_secret",
    "stripe_connect_webhook_secret",
    "stripe_api_base",
    "stripe_sandbox_listen",
    "past_due_grace_days",
    "log",
    "log_format",
];

fn default_listen() -> String {
    "127.0.0.1:3001".to_owned()
}

fn default_issuer() -> String {
    "kolaylogin".to_owned()
}

fn default_cookie() -> String {
    "kl_dashboard".to_owned()
}

fn default_grace() -> String {
    "7".to_owned()
}

fn default_log() -> String {
    "info,actix_server=warn,actix_http=off".to_owned()
}

/// The `KL_*` variables, or a sentence for each that is not text.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(super) fn environment_variables() -> Result<Vec<(String, String)>, Vec<String>> {
    ours(std::env::vars_os())
}

pub(super) fn ours(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, Vec<String>> {
    let mut problems = Vec::new();
    let mut ours = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy().into_owned();
        if !name.starts_with("KL_") {
            continue;
        }
        match value.into_string() {
            Ok(value) => ours.push((name, value)),
            Err(_) => problems.push(format!("{name} is not valid UTF-8")),
        }
    }
    problems.sort();
    if problems.is_empty() { Ok(ours) } else { Err(problems) }
}

/// The variables, sorted out.
pub(super) struct Source {
    /// By the setting's name. An empty variable counts as unset.
    pub known: HashMap<String, String>,
    /// The settings file: the given one, or the one that `KL_CONFIG` names.
    pub file: Option<PathBuf>,
    /// The names of unknown variables.
    pub unused: Vec<String>,
}

pub(super) fn source(variables: Vec<(String, String)>, file: Option<&Path>) -> Source {
    let mut source = Source { known: HashMap::new(), file: file.map(Path::to_owned), unused: Vec::new() };
    for (name, value) in variables {
        let is_blank = value.trim().is_empty();
        if name == CONFIG {
            source.file = source.file.or_else(|| (!is_blank).then(|| value.into()));
            continue;
        }
        let setting = name.strip_prefix("KL_").unwrap_or(&name).to_lowercase();
        // Upper case only: two spellings of one name would be ambiguous.
        if !NAMES.contains(&setting.as_str()) || name != name.to_uppercase() {
            // The test runner's variables are not for the service.
            if !name.starts_with("KL_TEST_") {
                source.unused.push(name);
            }
        } else if setting == ENV || !is_blank {
            source.known.insert(setting, value);
        }
    }
    source.unused.sort();
    source
}

/// The settings of the variables and, for unset ones, the file.
pub(super) fn read(known: HashMap<String, String>, file: Option<&Path>) -> Result<RawSettings, String> {
    let mut builder = Config::builder();
    if let Some(file) = file {
        let settings = Config::try_from(&read_file(file)?).map_err(|error| error.to_string())?;
        builder = builder.add_source(settings);
    }
    for (setting, value) in known {
        builder = builder.set_override(&setting, value).map_err(|error| error.to_string())?;
    }
    builder.build().and_then(Config::try_deserialize).map_err(|error| error.to_string())
}

/// The settings of a TOML file without blank ones, which count as unset. An error omits the line, which may hold a
/// secret.
fn read_file(file: &Path) -> Result<toml::Table, String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let mut settings: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count());
        format!("{name}: not valid TOML near line {line}: {}", error.message())
    })?;
    let is_blank = |value: &toml::Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    settings.retain(|setting, value| setting == ENV || !is_blank(value));
    Ok(settings)
}
