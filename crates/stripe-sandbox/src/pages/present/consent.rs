//! A platform's request to be connected to an account.

use serde::Deserialize;

use crate::{
    pages::{
        new_submission,
        present::merchant_name,
        views::{AuthorizeRequest, ConsentAccount, ConsentPage},
    },
    resources::accounts::Account,
    store::{Kind, Resource, World},
};

/// What is chosen instead of an account that is there.
pub(crate) const NEW_ACCOUNT: &str = "new";

/// How many accounts are offered, the newest ones.
const OFFERED_AT_MOST: usize = 20;

/// The parameters of the link that a platform sends a person to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Request {
    pub(crate) response_type: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) redirect_uri: String,
}

impl Request {
    /// Where the browser goes back to, with what came of it.
    ///
    /// # Errors
    ///
    /// What is wrong with the link, as a sentence.
    pub(crate) fn back(&self, outcome: &[(&str, &str)]) -> Result<String, &'static str> {
        if !self.client_id.starts_with("ca_") {
            return Err("No application has this client_id: it must start with ca_.");
        }
        if self.response_type != "code" {
            return Err("response_type must be code.");
        }
        if !matches!(self.scope.as_str(), "" | "read_write" | "read_only") {
            return Err("scope must be read_write or read_only.");
        }
        let mut url = self.target()?;
        let state = Some(("state", self.state.as_str())).filter(|(_, state)| !state.is_empty());
        url.query_pairs_mut().extend_pairs(outcome.iter().copied().chain(state));
        Ok(url.into())
    }

    fn target(&self) -> Result<reqwest::Url, &'static str> {
        if self.redirect_uri.is_empty() {
            return Err("redirect_uri is missing: where should the browser go?");
        }
        let url = reqwest::Url::parse(&self.redirect_uri).map_err(|_| "redirect_uri is not a URL.")?;
        let is_web = matches!(url.scheme(), "http" | "https");
        if is_web { Ok(url) } else { Err("redirect_uri must start with http:// or https://.") }
    }

    fn return_host(&self) -> String {
        let url = self.target().ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

pub(crate) fn page(world: &World, request: &Request, chosen: &str, error: Option<String>) -> ConsentPage {
    ConsentPage {
        platform: "Sandbox platform".to_owned(),
        return_host: request.return_host(),
        request: AuthorizeRequest {
            response_type: request.response_type.clone(),
            client_id: request.client_id.clone(),
            scope: request.scope.clone(),
            state: request.state.clone(),
            redirect_uri: request.redirect_uri.clone(),
        },
        grants: vec![
            "Read everything in the account: customers, payments, subscriptions.".to_owned(),
            "Create and change products, prices, customers, subscriptions and payments.".to_owned(),
        ],
        accounts: accounts(world),
        chosen: chosen.to_owned(),
        error,
        submission: new_submission(),
    }
}

fn accounts(world: &World) -> Vec<ConsentAccount> {
    let of = |id: &str| Account::of(&world.table(id, Kind::Account)?.get(id)?.object);
    let mut all: Vec<_> = world.accounts().filter_map(|(id, _)| of(id)).collect();
    all.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    let offered = all.into_iter().take(OFFERED_AT_MOST);
    offered
        .map(|account| ConsentAccount { id: account.id.clone(), name: merchant_name(Some(account)) })
        .collect()
}
