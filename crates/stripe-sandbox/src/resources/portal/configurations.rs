//! `/v1/billing_portal/configurations`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    asked::{AskedFeatures, Writing},
    features::Features,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Reply, Routes, checks::checked_url, values::merge_metadata,
    },
};

const LONGEST_HEADLINE: usize = 60;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Configuration {
    pub id: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub is_active: bool,
    /// The one of sessions that name none.
    pub is_default: bool,
    pub name: Option<String>,
    pub business_profile: BusinessProfile,
    pub default_return_url: Option<String>,
    pub features: Features,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BusinessProfile {
    pub headline: Option<String>,
    pub privacy_policy_url: Option<String>,
    pub terms_of_service_url: Option<String>,
}

impl Resource for Configuration {
    stored_as!(PortalConfiguration);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "billing_portal.configuration",
            "active": self.is_active,
            "application": null,
            "business_profile": self.business_profile,
            "created": self.created,
            "default_return_url": self.default_return_url,
            "features": self.features.render(),
            "is_default": self.is_default,
            "livemode": false,
            "login_page": { "enabled": false, "url": null },
            "metadata": self.metadata,
            "name": self.name,
            "updated": self.updated,
        })
    }

    fn includable(&self, _tx: &Tx<'_>, field: &str) -> Option<Value> {
        (field == "features.subscription_update.products")
            .then(|| json!(self.features.subscription_update.products))
    }
}

impl Configuration {
    fn new(tx: &mut Tx<'_>, features: Features) -> Self {
        let now = tx.now(None);
        Self {
            id: tx.new_id("bpc_"),
            created: now,
            updated: now,
            is_active: true,
            is_default: false,
            name: None,
            business_profile: BusinessProfile::default(),
            default_return_url: None,
            features,
            metadata: Metadata::new(),
        }
    }

    /// The account's default one, made when it is first needed.
    pub fn default_of(tx: &mut Tx<'_>) -> Self {
        let known = tx.newest_first::<Self>().find(|it| it.is_default).cloned();
        known.unwrap_or_else(|| {
            let made = Self { is_default: true, ..Self::new(tx, Features::usual()) };
            tx.create(&made, "billing_portal.configuration.created");
            made
        })
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/billing_portal/configurations", list);
    routes.post("/v1/billing_portal/configurations", create);
    routes.get("/v1/billing_portal/configurations/{configuration}", retrieve);
    routes.post("/v1/billing_portal/configurations/{configuration}", update);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListConfigurations {
    active: Option<bool>,
    is_default: Option<bool>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListConfigurations = call.params()?;
    let wanted = |it: &&Configuration| {
        params.active.is_none_or(|active| it.is_active == active)
            && params.is_default.is_none_or(|is_default| it.is_default == is_default)
    };
    call.page_of(tx, tx.newest_first::<Configuration>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Configuration>(call.id("configuration"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteConfiguration {
    active: Option<bool>,
    features: Option<AskedFeatures>,
    business_profile: Option<AskedProfile>,
    #[serde(default)]
    default_return_url: Patch<String>,
    login_page: Option<AskedLoginPage>,
    #[serde(default)]
    metadata: Patch<Metadata>,
    #[serde(default)]
    name: Patch<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedProfile {
    #[serde(default)]
    headline: Patch<String>,
    #[serde(default)]
    privacy_policy_url: Patch<String>,
    #[serde(default)]
    terms_of_service_url: Patch<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedLoginPage {
    enabled: bool,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: WriteConfiguration = call.params()?;
    if params.active.is_some() {
        return Err(ApiError::unknown_param("active"));
    }
    if params.features.is_none() {
        return Err(ApiError::missing_param("features"));
    }
    let new = Configuration::new(tx, Features::default());
    let configuration = written(tx, new, params, Writing::New)?;
    tx.create(&configuration, "billing_portal.configuration.created");
    Ok(Answer::object(&configuration))
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let configuration = tx.get::<Configuration>(call.id("configuration"))?;
    let params: WriteConfiguration = call.params()?;
    let updated = tx.now(None);
    let configuration = written(tx, Configuration { updated, ..configuration }, params, Writing::Change)?;
    tx.update(&configuration, "billing_portal.configuration.updated");
    Ok(Answer::object(&configuration))
}

fn written(
    tx: &Tx<'_>,
    mut configuration: Configuration,
    params: WriteConfiguration,
    writing: Writing,
) -> Result<Configuration, ApiError> {
    if params.login_page.is_some_and(|page| page.enabled) {
        let message = "The sandbox has no login page: make a session and open its `url`.";
        return Err(ApiError::invalid(message).about("login_page[enabled]"));
    }
    if params.active == Some(false) && configuration.is_default {
        let message = "The default configuration cannot be deactivated.";
        return Err(ApiError::invalid(message).about("active"));
    }
    configuration.is_active = params.active.unwrap_or(configuration.is_active);
    if let Some(features) = params.features {
        features.apply(tx, &mut configuration.features, writing)?;
    }
    if let Some(profile) = params.business_profile {
        profile.apply(&mut configuration.business_profile)?;
    }
    link(&mut configuration.default_return_url, params.default_return_url, "default_return_url")?;
    params.name.apply(&mut configuration.name);
    merge_metadata(&mut configuration.metadata, params.metadata)?;
    Ok(configuration)
}

impl AskedProfile {
    fn apply(self, profile: &mut BusinessProfile) -> Result<(), ApiError> {
        if let Patch::Set(headline) = &self.headline
            && headline.chars().count() > LONGEST_HEADLINE
        {
            let message = format!("A headline may have at most {LONGEST_HEADLINE} characters.");
            return Err(ApiError::invalid(message).about("business_profile[headline]"));
        }
        self.headline.apply(&mut profile.headline);
        let param = "business_profile[privacy_policy_url]";
        link(&mut profile.privacy_policy_url, self.privacy_policy_url, param)?;
        let param = "business_profile[terms_of_service_url]";
        link(&mut profile.terms_of_service_url, self.terms_of_service_url, param)
    }
}

fn link(field: &mut Option<String>, asked: Patch<String>, param: &str) -> Result<(), ApiError> {
    let checked = match asked {
        Patch::Set(url) => Patch::Set(checked_url(url, param)?),
        other => other,
    };
    checked.apply(field);
    Ok(())
}
