use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::Routes,
};

pub fn routes(_routes: &mut Routes) {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessKey {
    pub id: String,
    pub created: Timestamp,
    pub account: String,
    pub is_revoked: bool,
}

impl Resource for AccessKey {
    stored_as!(AccessKey);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({ "id": self.id })
    }
}

impl AccessKey {
    pub fn id_of(key: &str) -> String {
        key.to_owned()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OauthCode {
    pub id: String,
    pub created: Timestamp,
}

impl Resource for OauthCode {
    stored_as!(OauthCode);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({ "id": self.id })
    }
}

pub const APPLICATION: &str = "ca_sandbox";

pub fn disconnect(tx: &mut Tx<'_>, account: &super::accounts::Account, platform: &str) {
    let mut account = account.clone();
    account.platforms.remove(platform);
    let id = account.id.clone();
    super::accounts::tell_deauthorized(tx, &id);
    tx.within(&id, |tx| tx.put(account));
}
