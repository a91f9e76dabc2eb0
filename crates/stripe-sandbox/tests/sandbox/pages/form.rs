//! A form of a page, to be filled in and sent.

use crate::client::{Answer, Client};

#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// The first form that is posted to an address that ends so, with what its fields hold.
    #[track_caller]
    pub fn of(page: &Answer, action_end: &str) -> Self {
        let form = page.text.split("<form").skip(1).map(|rest| rest.split_once("</form>").unwrap().0);
        let found = form.map(|form| (attribute(form.split_once('>').unwrap().0, "action").unwrap(), form));
        let (action, form) = found
            .into_iter()
            .find(|(action, _)| action.ends_with(action_end))
            .unwrap_or_else(|| panic!("no form is posted to …{action_end} in {}", page.text));
        let inputs = form.split("<input").skip(1).map(|rest| rest.split_once('>').unwrap().0);
        let sent = inputs.filter(|tag| !tag.contains("type=\"radio\"") || tag.contains(" checked"));
        let fields = sent.map(|tag| {
            let value = attribute(tag, "value").unwrap_or_default();
            (attribute(tag, "name").unwrap(), value)
        });
        Self { action, fields: fields.collect() }
    }

    /// Types a value, chooses an option, or presses the button with this name.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut form = self.clone();
        form.fields.retain(|(known, _)| known != name);
        form.fields.push((name.to_owned(), value.to_owned()));
        form
    }

    pub async fn send(&self, client: &Client) -> Answer {
        let fields: Vec<_> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        client.post(&self.action, &fields).await
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let entities = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, letter)| text.replace(entity, letter)))
}
