//! Stripe's request bodies: `application/x-www-form-urlencoded` with nested keys, such as
//! `items[0][price]=price_1&metadata[color]=red&expand[]=customer`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::ApiError;

const FORM: &str = "application/x-www-form-urlencoded";
const DEEPEST: usize = 12;
const MOST_PAIRS: usize = 2000;

/// A parameter: a text, or named parameters. A list is a map whose names are its indices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Form {
    Text(String),
    Map(BTreeMap<String, Form>),
}

impl Default for Form {
    fn default() -> Self {
        Self::Map(BTreeMap::new())
    }
}

impl Form {
    /// # Errors
    ///
    /// Too many pairs, keys nested too deeply, or a key that is both a text and a map.
    pub fn parse(encoded: &[u8]) -> Result<Self, ApiError> {
        let mut form = Self::default();
        for (count, (key, value)) in form_urlencoded::parse(encoded).enumerate() {
            if count >= MOST_PAIRS {
                return Err(ApiError::invalid(format!(
                    "A request may have at most {MOST_PAIRS} parameters."
                )));
            }
            let path = segments(&key)?;
            form.insert(&path, value.into_owned()).map_err(|Clash| {
                ApiError::invalid(format!("Parameter `{key}` is given both as a value and as a map or list."))
                    .about(&key)
            })?;
        }
        Ok(form)
    }

    /// The parameters in a body. One without a type is taken for a form.
    ///
    /// # Errors
    ///
    /// A body of another type, such as JSON; and see [`Form::parse`].
    pub fn of_body(content_type: Option<&str>, body: &[u8]) -> Result<Self, ApiError> {
        let kind = content_type.and_then(|kind| kind.split(';').next()).map_or(FORM, str::trim);
        if !body.is_empty() && !kind.eq_ignore_ascii_case(FORM) {
            return Err(ApiError::invalid(format!(
                "Invalid request (check that your POST content type is {FORM}); this one is {kind}."
            )));
        }
        Self::parse(body)
    }

    fn insert(&mut self, path: &[String], value: String) -> Result<(), Clash> {
        let Some((name, deeper)) = path.split_first() else {
            if matches!(self, Self::Map(entries) if !entries.is_empty()) {
                return Err(Clash);
            }
            *self = Self::Text(value);
            return Ok(());
        };
        let Self::Map(entries) = self else { return Err(Clash) };
        let name = if name.is_empty() { next_index(entries, deeper) } else { name.clone() };
        let is_new = !entries.contains_key(&name);
        let entry = entries.entry(name).or_default();
        // A key that comes twice keeps its last value, as in Stripe.
        if deeper.is_empty() && !is_new && matches!(entry, Self::Text(_)) {
            *entry = Self::Text(value);
            return Ok(());
        }
        entry.insert(deeper, value)
    }

    pub fn take(&mut self, name: &str) -> Option<Self> {
        match self {
            Self::Text(_) => None,
            Self::Map(entries) => entries.remove(name),
        }
    }

    /// The elements of a list, in the order of their indices; `None` when the names are no indices.
    pub fn into_list(self) -> Option<Vec<(String, Self)>> {
        let Self::Map(entries) = self else { return None };
        let mut elements = entries
            .into_iter()
            .map(|(name, element)| name.parse::<u32>().ok().map(|index| (index, name, element)))
            .collect::<Option<Vec<_>>>()?;
        elements.sort_by_key(|(index, _, _)| *index);
        Some(elements.into_iter().map(|(_, name, element)| (name, element)).collect())
    }
}

struct Clash;

/// `[]` starts a new element, unless the last one still lacks the name that follows.
fn next_index(entries: &BTreeMap<String, Form>, deeper: &[String]) -> String {
    let last = entries.len().checked_sub(1).map(|index| index.to_string());
    if let (Some(last), Some(name)) = (last, deeper.first())
        && let Some(Form::Map(element)) = entries.get(&last)
        && !element.contains_key(name)
    {
        return last;
    }
    entries.len().to_string()
}

/// `items[0][price]` as `items`, `0`, `price`.
fn segments(key: &str) -> Result<Vec<String>, ApiError> {
    let Some((first, rest)) = key.split_once('[') else { return Ok(vec![key.to_owned()]) };
    let Some(rest) = rest.strip_suffix(']') else {
        return Err(ApiError::invalid(format!(
            "The parameter name `{key}` has a bracket that is not closed."
        )));
    };
    let path: Vec<_> = std::iter::once(first).chain(rest.split("][")).map(str::to_owned).collect();
    if path.len() > DEEPEST {
        return Err(ApiError::invalid(format!("Parameters may be nested at most {DEEPEST} deep.")));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(encoded: &str) -> serde_json::Value {
        serde_json::to_value(Form::parse(encoded.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn nested_names_and_lists_become_a_tree() {
        assert_eq!(
            parsed("items[0][price]=p&items[1][price]=q&metadata[a]=b&expand[]=x&expand[]=y"),
            serde_json::json!({
                "items": { "0": { "price": "p" }, "1": { "price": "q" } },
                "metadata": { "a": "b" },
                "expand": { "0": "x", "1": "y" },
            })
        );
    }

    #[test]
    fn empty_brackets_fill_one_element_until_a_name_comes_again() {
        assert_eq!(
            parsed("items[][price]=p&items[][quantity]=2&items[][price]=q"),
            serde_json::json!({ "items": { "0": { "price": "p", "quantity": "2" }, "1": { "price": "q" } } })
        );
    }

    #[test]
    fn a_name_that_is_a_value_and_a_map_is_refused() {
        assert!(Form::parse(b"a=1&a[b]=2").is_err());
        assert!(Form::parse(b"a[b]=2&a=1").is_err());
    }

    #[test]
    fn a_list_is_in_the_order_of_its_indices() {
        let form = Form::parse(b"l[10]=c&l[2]=b&l[0]=a").unwrap().take("l").unwrap();
        let names: Vec<_> = form.into_list().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["0", "2", "10"]);
    }

    #[test]
    fn a_body_of_another_type_is_refused_with_what_is_wanted() {
        let refused =
            Form::of_body(Some("application/json; charset=utf-8"), b"{\"name\":\"x\"}").unwrap_err();
        assert!(
            refused.message.contains(FORM) && refused.message.contains("application/json"),
            "{refused:?}"
        );
        for taken in [
            None,
            Some("application/x-www-form-urlencoded; charset=utf-8"),
            Some("Application/X-WWW-Form-Urlencoded"),
        ] {
            assert_eq!(Form::of_body(taken, b"a=1").unwrap(), Form::parse(b"a=1").unwrap());
        }
        assert!(Form::of_body(Some("application/json"), b"").is_ok());
    }

    #[test]
    fn names_nested_without_end_are_refused() {
        assert!(Form::parse(format!("a{}=1", "[b]".repeat(5000)).as_bytes()).is_err());
    }
}
