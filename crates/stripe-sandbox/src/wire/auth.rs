//! API keys. Every test key is an account of its own, made when it is first used.

use aws_lc_rs::digest;
use base64::prelude::{BASE64_STANDARD, Engine};

use super::{ApiError, hex};
use crate::{
    resources::{accounts::Account, connect::AccessKey},
    store::{Origin, ROOT, World},
};

/// The account a request speaks for.
///
/// # Errors
///
/// No key, a live key, a key of another kind, or an account that is not connected to the key's.
pub fn authenticate(
    world: &mut World,
    authorization: Option<&str>,
    on_behalf: Option<&str>,
) -> Result<String, ApiError> {
    let key = authorization.and_then(key_of).ok_or_else(|| {
        ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using \
             Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    })?;
    let own = account_of(world, &key)?;
    match on_behalf.filter(|account| *account != own) {
        None => Ok(own),
        Some(account) if is_connected(world, account, &own) => Ok(account.to_owned()),
        Some(account) => Err(ApiError::forbidden(format!(
            "The provided key '{}' does not have access to account '{account}' (or that account does not exist). \
             Application access may have been revoked.",
            masked(&key)
        ))
        .coded("account_invalid")),
    }
}

/// The account of a secret key; it is made if this is the first time the key is seen.
///
/// # Errors
///
/// A key that is live, publishable, or no key at all.
pub fn account_of(world: &mut World, key: &str) -> Result<String, ApiError> {
    if key.starts_with("sk_live_") || key.starts_with("rk_live_") || key.starts_with("pk_live_") {
        return Err(ApiError::unauthorized(
            "This is a sandbox: it refuses live keys. Use a key that starts with sk_test_; and because this key was \
             sent to a test server, consider rolling it.",
        ));
    }
    if key.starts_with("pk_test_") {
        return Err(ApiError::unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
        )
        .coded("secret_key_required"));
    }
    let secret = key.strip_prefix("sk_test_").or_else(|| key.strip_prefix("rk_test_"));
    if secret.is_none_or(|secret| secret.is_empty() || secret.len() > 255 || !secret.is_ascii()) {
        return Err(ApiError::unauthorized(format!("Invalid API Key provided: {}", masked(key))));
    }
    let granted = world.begin(ROOT, Origin::default()).find::<AccessKey>(key).cloned();
    if let Some(granted) = granted {
        if granted.is_revoked {
            return Err(ApiError::unauthorized(format!(
                "Expired API Key provided: {}. The account was disconnected.",
                masked(key)
            ))
            .coded("api_key_expired"));
        }
        return Ok(granted.account);
    }
    let account = own_account(key);
    if !world.has_account(&account) {
        let mut tx = world.begin(&account, Origin::default());
        Account::found(&mut tx, &account);
        tx.commit();
    }
    Ok(account)
}

fn own_account(key: &str) -> String {
    let hash = digest::digest(&digest::SHA256, key.as_bytes());
    format!("acct_{}", hex(&hash.as_ref()[..8]).to_uppercase())
}

fn is_connected(world: &mut World, account: &str, platform: &str) -> bool {
    let tx = world.begin(account, Origin::default());
    tx.find::<Account>(account).is_some_and(|account| account.platforms.contains(platform))
}

/// `Bearer key`, or HTTP Basic with the key as the user name.
fn key_of(authorization: &str) -> Option<String> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned()).filter(|key| !key.is_empty());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(credentials).ok()?).ok()?;
    let key = decoded.split_once(':').map_or(decoded.as_str(), |(user, _)| user);
    Some(key.to_owned()).filter(|key| !key.is_empty())
}

/// A key as it may be shown.
fn masked(key: &str) -> String {
    let letters: Vec<_> = key.chars().collect();
    if letters.len() <= 12 {
        return "*".repeat(letters.len());
    }
    let first: String = letters[..8].iter().collect();
    let last: String = letters[letters.len() - 4..].iter().collect();
    format!("{first}{}{last}", "*".repeat(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_bearer_and_from_basic() {
        assert_eq!(key_of("Bearer sk_test_1").as_deref(), Some("sk_test_1"));
        assert_eq!(key_of("Basic c2tfdGVzdF8xOg==").as_deref(), Some("sk_test_1"));
        assert_eq!(key_of("Basic !"), None);
        assert_eq!(key_of("Digest x"), None);
    }

    #[test]
    fn a_key_is_never_shown_whole() {
        assert_eq!(masked("sk_test_abcdefghijkl"), "sk_test_********ijkl");
        assert_eq!(masked("short"), "*****");
    }
}
