use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::Routes,
};

pub fn routes(_routes: &mut Routes) {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreditNote {
    pub id: String,
    pub created: Timestamp,
}

impl Resource for CreditNote {
    stored_as!(CreditNote);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({ "id": self.id })
    }
}
