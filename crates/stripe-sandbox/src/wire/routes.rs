//! Which endpoint answers which address.

use std::collections::{BTreeMap, BTreeSet};

use super::{Call, Reply, expandable};
use crate::store::Tx;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

pub type Endpoint = fn(&mut Tx<'_>, &mut Call) -> Reply;

#[derive(Clone, Copy)]
pub struct Route {
    pub endpoint: Endpoint,
    pub is_list: bool,
    /// The type of the object that is answered, or listed.
    pub answers: &'static str,
}

#[derive(Default)]
pub struct Routes {
    by_method: BTreeMap<Method, matchit::Router<Route>>,
    /// All there are, with the names of their parts, as in `/v1/prices/{price}`.
    pub paths: BTreeSet<(String, Method)>,
    /// The first two addresses that cannot both be told apart; a mistake of ours that a test finds.
    pub clash: Option<String>,
}

impl Routes {
    pub fn get(&mut self, path: &str, endpoint: Endpoint) {
        self.add(Method::Get, path, endpoint, false);
    }

    /// A list, with its page parameters.
    pub fn list(&mut self, path: &str, endpoint: Endpoint) {
        self.add(Method::Get, path, endpoint, true);
    }

    pub fn post(&mut self, path: &str, endpoint: Endpoint) {
        self.add(Method::Post, path, endpoint, false);
    }

    pub fn delete(&mut self, path: &str, endpoint: Endpoint) {
        self.add(Method::Delete, path, endpoint, false);
    }

    fn add(&mut self, method: Method, path: &str, endpoint: Endpoint, is_list: bool) {
        self.paths.insert((path.to_owned(), method));
        let route = Route { endpoint, is_list, answers: expandable::answered_at(path).unwrap_or_default() };
        if self.by_method.entry(method).or_default().insert(path, route).is_err() {
            self.clash.get_or_insert_with(|| format!("{} {path}", method.as_str()));
        }
    }

    /// The route, and the parts of the path that have a name.
    pub fn find(&self, method: Method, path: &str) -> Option<(Route, Vec<(String, String)>)> {
        if method == Method::Get && absent(path).is_some() {
            return None;
        }
        let found = self.by_method.get(&method)?.at(path).ok()?;
        let ids = found.params.iter().map(|(name, id)| (name.to_owned(), decoded(id))).collect();
        Some((*found.value, ids))
    }
}

/// What Stripe has or had at an address that would be taken for an object's here.
pub fn absent(path: &str) -> Option<&'static str> {
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        ["", "v1", _, "search"] => Some("Search is not in the sandbox: list the objects and filter them"),
        ["", "v1", "invoices", "upcoming", ..] => {
            Some("Upcoming invoices are not in the sandbox: use POST /v1/invoices/create_preview")
        }
        _ => None,
    }
}

/// An id as it is, when it came percent-encoded.
fn decoded(id: &str) -> String {
    let pair = format!("{}=", id.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(id, _)| id.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_addresses_of_the_api_are_taken_for_one_another() {
        let mut routes = Routes::default();
        crate::resources::routes(&mut routes);
        assert_eq!(routes.clash, None);
    }
}
