//! Which fields of Stripe's objects can be expanded, and to what.
//!
//! `expandable.txt` has a type a paragraph: its name and the addresses that answer with it, then its fields. `a.b:c` is
//! a field within a field that leads to a `c`, `a[]:c` a list of them, and `-` what has no object behind it. Source:
//! the types of Stripe's SDK for Node, 23.1.0.

use std::{collections::BTreeMap, sync::LazyLock};

pub struct Field {
    pub path: Vec<&'static str>,
    pub is_list: bool,
    /// Types of which it can hold one, the usual one last.
    pub kinds: Vec<&'static str>,
}

#[derive(Default)]
struct Types {
    fields: BTreeMap<&'static str, Vec<Field>>,
    /// The parts of an address, and the type it answers with.
    answers: Vec<(Vec<&'static str>, &'static str)>,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let mut types = Types::default();
    let mut kind = "";
    for line in include_str!("expandable.txt").lines() {
        let mut words = line.split_whitespace();
        if !line.starts_with(' ') {
            kind = words.next().unwrap_or_default();
            types.answers.extend(words.by_ref().map(|path| (path.split('/').collect(), kind)));
        }
        types.fields.entry(kind).or_default().extend(words.filter_map(Field::parse));
    }
    types
});

impl Field {
    fn parse(word: &'static str) -> Option<Self> {
        let (path, kinds) = word.split_once(':')?;
        let (path, is_list) = path.strip_suffix("[]").map_or((path, false), |path| (path, true));
        Some(Self { path: path.split('.').collect(), is_list, kinds: kinds.split('|').collect() })
    }

    /// What is left of the names behind this field, if they begin with it.
    fn behind<'a, 'n>(&self, names: &'n [&'a str]) -> Option<&'n [&'a str]> {
        let rest = names.strip_prefix(self.path.as_slice())?;
        match rest {
            ["data", deeper @ ..] if self.is_list => Some(deeper),
            [_, ..] if self.is_list => None,
            rest => Some(rest),
        }
    }
}

/// The type that an address answers with, or lists.
pub fn answered_at(path: &str) -> Option<&'static str> {
    let parts: Vec<_> = path.split('/').collect();
    let fits = TYPES.answers.iter().filter(|(of, _)| parts.starts_with(of));
    fits.max_by_key(|(of, _)| of.len()).map(|(_, kind)| *kind)
}

/// The field of a type that names begin with, and the names behind it.
pub fn step<'a, 'n>(kind: &str, names: &'n [&'a str]) -> Option<(&'static Field, &'n [&'a str])> {
    let fields = TYPES.fields.get(kind)?;
    fields.iter().find_map(|field| Some((field, field.behind(names)?)))
}

/// Whether there is something to expand at the end of these names, whatever the object holds.
pub fn leads(kind: &str, names: &[&str]) -> bool {
    names.is_empty()
        || step(kind, names).is_some_and(|(field, deeper)| field.kinds.iter().any(|kind| leads(kind, deeper)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_api_answers_with_a_known_type() {
        let mut routes = crate::wire::Routes::default();
        crate::resources::routes(&mut routes);
        for (path, _) in &routes.paths {
            assert!(answered_at(path).is_some(), "{path}");
        }
        assert_eq!(answered_at("/v1/invoices/{invoice}/lines"), Some("line_item"));
        assert_eq!(answered_at("/v1/invoices/{invoice}/pay"), Some("invoice"));
        assert_eq!(answered_at("/v1/customers/{customer}/sources/{source}"), Some("card"));
    }

    #[test]
    fn a_path_is_judged_by_types_alone() {
        let leads = |kind, path: &str| leads(kind, &path.split('.').collect::<Vec<_>>());
        for path in ["customer", "items", "items.data", "items.data.price.product", "discounts.source.coupon"]
        {
            assert!(leads("subscription", path), "{path}");
        }
        for path in [
            "unicorn",
            "items.price",
            "default_payment_method.type",
            "status",
            "latest_invoice.parent",
            "items.data.id",
        ] {
            assert!(!leads("subscription", path), "{path}");
        }
    }
}
