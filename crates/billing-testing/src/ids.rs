use std::collections::BTreeMap;
use std::ops::Index;

use crate::{Operation, Service, operations};

/// What stands for the names in braces of a path. The pages write them `{app_id}`, the API `{appId}`: here they are as
/// in the API.
#[derive(Debug, Clone)]
pub struct Ids(BTreeMap<String, String>);

impl Ids {
    /// These ids by their names.
    pub fn new<const N: usize>(ids: [(&str, String); N]) -> Self {
        Self(ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect())
    }

    /// Ids of the right form that nothing has: those of the document's examples, with another end.
    pub fn fictitious(service: &Service) -> Self {
        Self::from_examples(service, |example| {
            // A kind of payer has no end.
            let (kind, _) = example.split_once('_').unwrap_or((example, ""));
            format!("{kind}_7zzzzzzzzzzzzzzzzzzzzzzzzz")
        })
    }

    /// The same text for every name.
    pub fn all(service: &Service, text: &str) -> Self {
        Self::from_examples(service, |_| text.to_owned())
    }

    fn from_examples(service: &Service, id: impl Fn(&str) -> String) -> Self {
        let operations = operations(service);
        let examples = operations.iter().flat_map(Operation::path_parameters);
        Self(examples.map(|(name, example)| (name.to_owned(), id(example))).collect())
    }

    /// The same, but for this name.
    #[must_use]
    pub fn with(&self, name: &str, id: &str) -> Self {
        let mut ids = self.clone();
        ids.0.insert(name.to_owned(), id.to_owned());
        ids
    }

    /// All ids. The kind of a payer is none.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(name, _)| name.as_str() != "payerKind").map(|(_, id)| id.as_str())
    }

    /// The path with an id for each name.
    pub fn fill(&self, template: &str) -> String {
        let segment =
            |segment| name(segment).map_or_else(|| String::from(segment), |name| self[&name].clone());
        template.split('/').map(segment).collect::<Vec<_>>().join("/")
    }
}

/// Fails for a name that has no id, so that a path with a new name is tested.
impl Index<&str> for Ids {
    type Output = String;

    fn index(&self, name: &str) -> &String {
        self.0.get(name).unwrap_or_else(|| panic!("no test knows what to put for {{{name}}} in a path"))
    }
}

/// The names in braces of a path.
pub fn names(template: &str) -> Vec<String> {
    template.split('/').filter_map(name).collect()
}

fn name(segment: &str) -> Option<String> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    Some(words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_filled_by_its_names_in_either_spelling() {
        let ids = Ids::new([("appId", "app_1".to_owned()), ("key", "export".to_owned())]);
        assert_eq!(ids.fill("/app/{app_id}/features/{key}/edit"), "/app/app_1/features/export/edit");
        assert_eq!(ids.fill("/v1/apps/{appId}"), "/v1/apps/app_1");
        assert_eq!(names("/app/{app_id}/features/{key}"), ["appId", "key"]);
    }

    #[test]
    #[should_panic(expected = "no test knows what to put for {couponId} in a path")]
    fn a_name_without_an_id_fails() {
        Ids::new([("appId", "app_1".to_owned())]).fill("/app/{app_id}/coupons/{coupon_id}");
    }
}
