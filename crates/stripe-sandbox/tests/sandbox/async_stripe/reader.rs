//! Reads what the sandbox serves, decodes it, and remembers what it has read.

use std::{cell::RefCell, fmt::Debug};

use miniserde::Deserialize;
use serde_json::Value;
use stripe_types::List;

use super::decoded;
use crate::client::{Client, ids};

pub struct Reader<'a> {
    pub client: &'a Client,
    read: RefCell<Vec<String>>,
}

impl<'a> Reader<'a> {
    pub fn new(client: &'a Client) -> Self {
        Self { client, read: RefCell::default() }
    }

    pub async fn one<T: Deserialize + Debug>(&self, path: &str) -> T {
        let address = path.split('?').next().unwrap();
        self.read.borrow_mut().push(address.to_owned());
        decoded(&self.client.get(path).await)
    }

    /// A list, which must hold something.
    pub async fn list<T: Deserialize + Debug>(&self, path: &str) -> Vec<String> {
        let list: List<T> = self.one(path).await;
        assert!(!list.data.is_empty(), "there is nothing under {path}");
        ids(&self.client.get(path).await.json())
    }

    /// The list, and each object of it by itself.
    pub async fn all<T: Deserialize + Debug>(&self, path: &str, filter: &str) -> Vec<String> {
        let ids = self.list::<T>(&format!("{path}?limit=100{filter}")).await;
        for id in &ids {
            self.one::<T>(&format!("{path}/{id}")).await;
        }
        ids
    }

    /// What the sandbox serves and has not been read.
    pub async fn unread(&self) -> Vec<String> {
        let routes = self.client.get("/_sandbox/routes").await.ok();
        let served = routes["routes"].as_array().unwrap().iter().filter(|route| route["method"] == "GET");
        let served: Vec<_> = served.map(|route| path(route).to_owned()).collect();
        assert!(!served.is_empty());
        let read = self.read.borrow();
        served.into_iter().filter(|route| !read.iter().any(|path| is_of(path, route))).collect()
    }
}

fn path(route: &Value) -> &str {
    route["path"].as_str().unwrap()
}

/// Whether it is an address of this route, as `/v1/prices/price_1` is of `/v1/prices/{price}`.
fn is_of(path: &str, route: &str) -> bool {
    let (mut parts, mut wanted) = (path.split('/'), route.split('/'));
    wanted.by_ref().all(|wanted| parts.next().is_some_and(|part| wanted.starts_with('{') || wanted == part))
        && parts.next().is_none()
}
