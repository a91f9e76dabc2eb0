use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::Routes,
};

pub fn routes(_routes: &mut Routes) {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalConfiguration {
    pub id: String,
    pub created: Timestamp,
}

impl Resource for PortalConfiguration {
    stored_as!(PortalConfiguration);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({ "id": self.id })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalSession {
    pub id: String,
    pub created: Timestamp,
}

impl Resource for PortalSession {
    stored_as!(PortalSession);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({ "id": self.id })
    }
}
