//! The accounts that the embedded sandbox serves in development, and the service's webhook endpoint there.

use std::time::Duration;

use billing_stripe::{StripeSettings, StripeSource};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::BoxError;
use crate::settings::{OF_ANOTHER_STRIPE, Settings};

/// Any test key is an account of its own at the sandbox.
const MANAGED_KEY: &str = "sk_test_kolaylogin_managed";
const CONNECT_KEY: &str = "sk_test_kolaylogin_platform";
/// The sandbox runs in this process.
const TIME_LIMIT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Endpoints {
    data: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    id: String,
    url: String,
    #[serde(default)]
    secret: Option<SecretString>,
}

/// The accounts of the settings at the sandbox. A gateway without a key gets one, and every account sends its webhooks
/// to this service.
pub(crate) async fn served_by(sandbox: &str, settings: &Settings) -> Result<StripeSettings, BoxError> {
    let given = settings.stripe.clone();
    let keyed = |key: &str| StripeSource::new(key.into());
    let mut accounts = StripeSettings {
        managed: Some(given.managed.unwrap_or_else(|| keyed(MANAGED_KEY))),
        platform: given.platform,
        connect: Some(given.connect.unwrap_or_else(|| keyed(CONNECT_KEY))),
        rate_limit: OF_ANOTHER_STRIPE,
        ..StripeSettings::new(sandbox)
    };
    let sandbox =
        SandboxApi { client: Client::builder().timeout(TIME_LIMIT).build()?, base: sandbox.to_owned() };
    let own = format!("http://{}/v1/stripe/webhook", settings.reachable_address());
    for (source, connect) in
        [(&mut accounts.managed, false), (&mut accounts.platform, false), (&mut accounts.connect, true)]
    {
        if let Some(source) = source
            && source.webhook_secrets.is_empty()
        {
            source.webhook_secrets.push(sandbox.registered(&source.secret_key, &own, connect).await?);
        }
    }
    Ok(accounts)
}

struct SandboxApi {
    client: Client,
    base: String,
}

impl SandboxApi {
    /// Registers the endpoint anew and returns its secret, which Stripe tells only then.
    async fn registered(
        &self,
        key: &SecretString,
        url: &str,
        connect: bool,
    ) -> Result<SecretString, BoxError> {
        let endpoints = format!("{}/v1/webhook_endpoints", self.base);
        let listed = self.client.get(format!("{endpoints}?limit=100")).bearer_auth(key.expose_secret());
        let listed: Endpoints = listed.send().await?.error_for_status()?.json().await?;
        for old in listed.data.iter().filter(|endpoint| endpoint.url == url) {
            let delete = self.client.delete(format!("{endpoints}/{}", old.id));
            delete.bearer_auth(key.expose_secret()).send().await?.error_for_status()?;
        }
        let connect = if connect { "true" } else { "false" };
        let fields = [
            ("url", url),
            ("enabled_events[]", "*"),
            ("connect", connect),
            ("api_version", billing_stripe::API_VERSION),
        ];
        let create = self.client.post(&endpoints).bearer_auth(key.expose_secret()).form(&fields);
        let made: Endpoint = create.send().await?.error_for_status()?.json().await?;
        made.secret.ok_or_else(|| "the Stripe sandbox gave no secret for a webhook endpoint".into())
    }
}
