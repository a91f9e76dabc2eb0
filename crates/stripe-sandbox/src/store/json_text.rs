//! JSON that is kept for long and seldom read.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// Its text, which takes a tenth of the memory of its tree. In the state file it is as it would be otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(Arc<RawValue>);

impl From<Value> for JsonText {
    fn from(value: Value) -> Self {
        // A tree of JSON has a text, always.
        Self(serde_json::value::to_raw_value(&value).unwrap_or_default().into())
    }
}

impl JsonText {
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// A part of it; what has another shape is the default.
    pub fn read<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_str(self.text()).unwrap_or_default()
    }

    pub fn value(&self) -> Value {
        self.read()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_as_it_was_kept_also_after_it_was_in_a_file() {
        let value = json!({ "id": "cus_1", "name": "Çağrı \" \\", "nested": [null, 1, { "a": 1.5 }] });
        let kept = JsonText::from(value.clone());
        assert_eq!(kept.value(), value);
        let line = serde_json::to_vec(&kept).unwrap();
        assert_eq!(serde_json::from_slice::<JsonText>(&line).unwrap().value(), value);
        assert_eq!(serde_json::to_value(&kept).unwrap(), value);
    }
}
