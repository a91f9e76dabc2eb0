//! Connect: how a platform comes to act for another account, and stops.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::{Account, AccountType, tell_deauthorized};
use crate::{
    clock::{MINUTE, Timestamp},
    store::{ROOT, Resource, Tx, stored_as},
    wire::ApiError,
};

/// How long a code can be exchanged.
const CODE_LASTS: Timestamp = 5 * MINUTE;

/// A key that a platform was given for an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessKey {
    pub id: String,
    pub created: Timestamp,
    pub account: String,
    pub platform: String,
    pub is_revoked: bool,
    /// The application that the account was connected to.
    #[serde(default)]
    pub client_id: Option<String>,
}

impl Resource for AccessKey {
    stored_as!(AccessKey);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        Value::Null
    }
}

/// What a person's consent gives, to be exchanged once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OauthCode {
    pub id: String,
    pub created: Timestamp,
    /// The account that was connected; `None` makes a new one.
    pub account: Option<String>,
    #[serde(default)]
    pub client_id: Option<String>,
}

impl Resource for OauthCode {
    stored_as!(OauthCode);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        Value::Null
    }
}

/// An error as OAuth tells it.
#[derive(Debug)]
pub struct OauthError {
    pub status: u16,
    pub code: &'static str,
    pub description: String,
}

impl OauthError {
    fn grant(description: String) -> Self {
        Self { status: 400, code: "invalid_grant", description }
    }

    pub fn request(description: &str) -> Self {
        Self { status: 400, code: "invalid_request", description: description.to_owned() }
    }

    pub fn client(error: &ApiError) -> Self {
        Self { status: 401, code: "invalid_client", description: error.message.clone() }
    }

    pub fn body(&self) -> Value {
        json!({ "error": self.code, "error_description": self.description })
    }
}

/// The application of a platform that was connected without one.
fn application_of(platform: &str) -> String {
    format!("ca_{}", platform.trim_start_matches("acct_"))
}

/// The platform that an application is of. `ca_` and the rest of an account's id is that account's own; any other is of
/// the platform that was the first to connect an account through it.
fn owner_of(tx: &mut Tx<'_>, client_id: &str) -> Option<String> {
    let own = format!("acct_{}", client_id.trim_start_matches("ca_"));
    if tx.world().has_account(&own) {
        return Some(own);
    }
    let through = |key: &&AccessKey| key.client_id.as_deref() == Some(client_id);
    tx.within(ROOT, |tx| tx.newest_first::<AccessKey>().rfind(through).map(|key| key.platform.clone()))
}

/// A person agrees to connect an account; `None` is a new one.
pub fn consent(tx: &mut Tx<'_>, client_id: Option<String>, account: Option<String>) -> String {
    tx.within(ROOT, |tx| {
        let code = OauthCode { id: tx.new_id("ac_"), created: tx.now(None), account, client_id };
        tx.put(code.clone());
        code.id
    })
}

/// Exchanges a code for a key; `tx` is in the platform's account.
///
/// # Errors
///
/// A code that is not known, was used, is too old, or was given to the application of another platform.
pub fn exchange(tx: &mut Tx<'_>, code: &str) -> Result<Value, OauthError> {
    let now = tx.now(None);
    let found = tx.within(ROOT, |tx| {
        let found = tx.find::<OauthCode>(code).cloned();
        tx.remove::<OauthCode>(code);
        found
    });
    let found = found.filter(|found| now - found.created <= CODE_LASTS).ok_or_else(|| {
        OauthError::grant(format!("Authorization code does not exist, was used, or is too old: {code}"))
    })?;
    let platform = tx.account().to_owned();
    let owner = found.client_id.as_ref().and_then(|client_id| owner_of(tx, client_id));
    if owner.is_some_and(|owner| owner != platform) {
        return Err(OauthError::grant(format!("Authorization code does not belong to you: {code}")));
    }
    if found.account.as_ref() == Some(&platform) {
        return Err(OauthError::grant("A platform cannot be connected to its own account.".to_owned()));
    }
    let id = found.account.unwrap_or_else(|| tx.new_id("acct_"));
    let known = tx.within(&id, |tx| tx.find::<Account>(&id).cloned());
    let account = known.unwrap_or_else(|| Account::new(tx, &id, AccountType::Standard));
    Account::connected(tx, &platform, account);
    let key = tx.within(ROOT, |tx| {
        let key = AccessKey {
            id: format!("sk_test_{}", tx.secret(32)),
            created: now,
            account: id.clone(),
            platform,
            is_revoked: false,
            client_id: found.client_id,
        };
        tx.put(key.clone());
        key.id
    });
    let publishable = format!("pk_test_{}", tx.secret(24));
    Ok(json!({
        "access_token": key,
        "livemode": false,
        "refresh_token": format!("rt_{}", tx.secret(32)),
        "scope": "read_write",
        "stripe_publishable_key": publishable,
        "stripe_user_id": id,
        "token_type": "bearer",
    }))
}

/// Ends what [`exchange`] began; `tx` is in the platform's account.
///
/// # Errors
///
/// The account is not connected to the platform, or through another application than `client_id`.
pub fn deauthorize(tx: &mut Tx<'_>, account: &str, client_id: Option<&str>) -> Result<Value, OauthError> {
    let platform = tx.account().to_owned();
    let found = tx.within(account, |tx| tx.find::<Account>(account).cloned());
    let connected = client_of(tx, account, &platform);
    let found = found.filter(|found| found.platforms.contains(&platform));
    let is_of = |client_id| connected.is_none() || connected.as_deref() == Some(client_id);
    let found = found.filter(|_| client_id.is_none_or(is_of)).ok_or_else(|| OauthError {
        status: 401,
        code: "invalid_client",
        description: format!(
            "This application is not connected to the account {account}, or it does not exist."
        ),
    })?;
    disconnect(tx, &found, &platform);
    Ok(json!({ "stripe_user_id": account }))
}

fn keys_of<'a>(tx: &'a Tx<'_>, account: &'a str, platform: &'a str) -> impl Iterator<Item = &'a AccessKey> {
    let of = move |key: &&AccessKey| key.account == account && key.platform == platform && !key.is_revoked;
    tx.newest_first::<AccessKey>().filter(of)
}

/// The application that the account was last connected to.
fn client_of(tx: &mut Tx<'_>, account: &str, platform: &str) -> Option<String> {
    tx.within(ROOT, |tx| keys_of(tx, account, platform).find_map(|key| key.client_id.clone()))
}

/// The platform is told, may no longer act for the account, and its keys for it are revoked. What the account sold goes
/// on being charged for.
pub fn disconnect(tx: &mut Tx<'_>, account: &Account, platform: &str) {
    let application = client_of(tx, &account.id, platform).unwrap_or_else(|| application_of(platform));
    tell_deauthorized(tx, &account.id, &application);
    let mut account = account.clone();
    account.platforms.remove(platform);
    let id = account.id.clone();
    tx.within(&id, |tx| tx.put(account));
    tx.within(ROOT, |tx| {
        for key in keys_of(tx, &id, platform).cloned().collect::<Vec<_>>() {
            tx.put(AccessKey { is_revoked: true, ..key });
        }
    });
}
