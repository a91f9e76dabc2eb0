//! Whose money it is: a platform's own account, and those connected to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    resources::{connect, events::Event},
    store::{Kind, Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, page::inline, values::merge_metadata,
    },
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    pub id: String,
    pub created: Timestamp,
    #[serde(rename = "type")]
    pub kind: AccountType,
    pub name: Option<String>,
    pub email: Option<String>,
    pub country: String,
    pub default_currency: String,
    pub metadata: Metadata,
    /// The accounts that may act for it.
    pub platforms: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    Standard,
    Express,
    Custom,
}

impl Resource for Account {
    stored_as!(Account);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "account",
            "business_profile": {
                "annual_revenue": null,
                "estimated_worker_count": null,
                "mcc": null,
                "minority_owned_business_designation": null,
                "name": self.name,
                "product_description": null,
                "specified_commercial_transactions_act_url": null,
                "support_address": null,
                "support_email": null,
                "support_phone": null,
                "support_url": null,
                "url": null,
            },
            "business_type": null,
            "capabilities": { "card_payments": "active", "transfers": "active" },
            "charges_enabled": true,
            "country": self.country,
            "created": self.created,
            "default_currency": self.default_currency,
            "details_submitted": true,
            "email": self.email,
            "external_accounts": inline(&format!("/v1/accounts/{}/external_accounts", self.id), std::iter::empty()),
            "metadata": self.metadata,
            "payouts_enabled": true,
            "type": self.kind,
        })
    }
}

impl Account {
    /// Makes the account that a request is the first to speak for.
    pub fn found(tx: &mut Tx<'_>, id: &str) {
        let account = Self::new(tx, id, AccountType::Standard);
        tx.put(account);
    }

    pub fn new(tx: &Tx<'_>, id: &str, kind: AccountType) -> Self {
        Self {
            id: id.to_owned(),
            created: tx.now(None),
            kind,
            name: Some("Sandbox shop".to_owned()),
            email: None,
            country: "US".to_owned(),
            default_currency: "usd".to_owned(),
            metadata: Metadata::new(),
            platforms: BTreeSet::new(),
        }
    }

    /// Makes an account that is connected to a platform.
    pub fn connected(tx: &mut Tx<'_>, platform: &str, account: Self) {
        let id = account.id.clone();
        tx.within(&id, |tx| {
            let mut account = account;
            account.platforms.insert(platform.to_owned());
            tx.put(account);
        });
    }

    /// The accounts connected to this one, newest first.
    fn connected_to(tx: &Tx<'_>, platform: &str) -> Vec<Self> {
        let of = |(id, tables): (&str, &crate::store::Tables)| {
            let object = &tables.get(&Kind::Account)?.get(id)?.object;
            Self::of(object).filter(|account| account.platforms.contains(platform)).cloned()
        };
        let mut connected: Vec<_> = tx.world().accounts().filter_map(of).collect();
        connected.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        connected
    }

    fn reachable(tx: &mut Tx<'_>, id: &str) -> Result<Self, ApiError> {
        let home = tx.account().to_owned();
        let found = tx.within(id, |tx| tx.find::<Self>(id).cloned());
        found.filter(|account| account.id == home || account.platforms.contains(&home)).ok_or_else(|| {
            ApiError::forbidden(format!(
                "The provided key does not have access to account '{id}' (or that account does not exist). Application \
                 access may have been revoked."
            ))
            .coded("account_invalid")
        })
    }
}

pub fn routes(routes: &mut Routes) {
    routes.get("/v1/account", retrieve_own);
    routes.list("/v1/accounts", list);
    routes.post("/v1/accounts", create);
    routes.get("/v1/accounts/{account}", retrieve);
    routes.post("/v1/accounts/{account}", update);
    routes.delete("/v1/accounts/{account}", delete);
    routes.list("/v1/accounts/{account}/external_accounts", external_accounts);
}

fn retrieve_own(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let id = tx.account().to_owned();
    Ok(Answer::object(&tx.get::<Account>(&id)?))
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ListAccounts {
        created: Option<Range>,
    }
    let params: ListAccounts = call.params()?;
    let connected = Account::connected_to(tx, tx.account());
    let wanted = |account: &&Account| params.created.is_none_or(|range| range.holds(account.created));
    call.page_of(tx, connected.iter().filter(wanted))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BusinessProfile {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteAccount {
    #[serde(rename = "type")]
    kind: Option<AccountType>,
    country: Option<String>,
    #[serde(default)]
    email: Patch<String>,
    business_profile: Option<BusinessProfile>,
    default_currency: Option<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: WriteAccount = call.params()?;
    let id = tx.new_id("acct_");
    let mut account = Account::new(tx, &id, params.kind.unwrap_or(AccountType::Standard));
    if let Some(country) = &params.country {
        account.country.clone_from(country);
    }
    let account = written(account, params)?;
    let platform = tx.account().to_owned();
    Account::connected(tx, &platform, account.clone());
    Ok(Answer::Json(account.render(tx)))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::Json(Account::reachable(tx, call.id("account"))?.render(tx)))
}

/// The sandbox has none.
fn external_accounts(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Account::reachable(tx, call.id("account"))?;
    call.page_of(tx, std::iter::empty::<&Account>())
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let account = Account::reachable(tx, call.id("account"))?;
    let params: WriteAccount = call.params()?;
    if params.kind.is_some() {
        return Err(ApiError::unknown_param("type"));
    }
    if params.country.is_some() {
        return Err(ApiError::unknown_param("country"));
    }
    let account = written(account, params)?;
    let id = account.id.clone();
    tx.within(&id, |tx| tx.update(&account, "account.updated"));
    Ok(Answer::Json(account.render(tx)))
}

fn written(mut account: Account, params: WriteAccount) -> Result<Account, ApiError> {
    params.email.apply(&mut account.email);
    if let Some(name) = params.business_profile.and_then(|profile| profile.name) {
        account.name = Some(name);
    }
    if let Some(currency) = params.default_currency {
        account.default_currency = crate::currency::checked(&currency, "default_currency")?;
    }
    merge_metadata(&mut account.metadata, params.metadata)?;
    Ok(account)
}

/// A platform lets go of an account. What the account sold goes on being charged for.
fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let account = Account::reachable(tx, call.id("account"))?;
    let platform = tx.account().to_owned();
    if account.id == platform {
        return Err(ApiError::invalid("An account cannot delete itself.").about("account"));
    }
    connect::disconnect(tx, &account, &platform);
    Ok(Answer::deleted("account", &account.id))
}

/// Tells the platform that its application may no longer act for the account.
pub fn tell_deauthorized(tx: &mut Tx<'_>, account: &str, application: &str) {
    tx.within(account, |tx| {
        let application = json!({ "id": application, "object": "application", "name": "Sandbox platform" });
        Event::record(tx, "account.application.deauthorized", application, None, None);
    });
}
