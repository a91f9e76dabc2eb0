//! `/v1/billing_portal/sessions`: a link that lets one customer in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{asked_flow::AskedFlow, configurations::Configuration, flows::Flow};
use crate::{
    clock::{DAY, Timestamp},
    resources::customers::Customer,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Reply, Routes,
        checks::{checked_locale, checked_url},
    },
};

/// How long the link works, by the sandbox's clock. Stripe ends it an hour after its last use.
const LASTS: Timestamp = DAY;

const SECRET_LENGTH: usize = 40;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    pub id: String,
    pub created: Timestamp,
    /// What makes its link one that cannot be guessed from the id.
    pub secret: String,
    pub customer: String,
    pub configuration: String,
    pub return_url: Option<String>,
    pub locale: Option<String>,
    pub flow: Option<Flow>,
    /// The setup intent of a card that is being authenticated.
    #[serde(default)]
    pub card_setup: Option<String>,
}

impl Resource for Session {
    stored_as!(PortalSession);

    fn render(&self, tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "billing_portal.session",
            "configuration": self.configuration,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "flow": self.flow.as_ref().map(Flow::render),
            "livemode": false,
            "locale": self.locale,
            "on_behalf_of": null,
            "return_url": self.return_url,
            "url": format!("{}/p/session/{}", tx.world().url, self.token()),
        })
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.customer)
    }
}

impl Session {
    /// Who holds this may act as the customer: the end of the link.
    pub fn token(&self) -> String {
        format!("{}_{}", self.id, self.secret)
    }

    /// The id in a token.
    pub fn id_of(token: &str) -> Option<&str> {
        Some(token.rsplit_once('_')?.0)
    }

    pub fn has_ended(&self, now: Timestamp) -> bool {
        now >= self.created + LASTS
    }
}

pub fn routes(routes: &mut Routes) {
    routes.post("/v1/billing_portal/sessions", create);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateSession {
    customer: String,
    configuration: Option<String>,
    return_url: Option<String>,
    locale: Option<String>,
    flow_data: Option<AskedFlow>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateSession = call.params()?;
    let customer = Customer::present(tx, "customer", &params.customer)?;
    let configuration = match &params.configuration {
        None => Configuration::default_of(tx),
        Some(id) => active(tx, id)?,
    };
    let return_url = params.return_url.map(|url| checked_url(url, "return_url")).transpose()?;
    let flow = params.flow_data.map(|asked| asked.checked(tx, &customer, &configuration)).transpose()?;
    let session = Session {
        id: tx.new_id("bps_"),
        created: tx.now(None),
        secret: tx.secret(SECRET_LENGTH),
        customer: customer.id,
        return_url: return_url.or(configuration.default_return_url),
        configuration: configuration.id,
        locale: params.locale.map(checked_locale).transpose()?,
        flow,
        card_setup: None,
    };
    tx.create(&session, "billing_portal.session.created");
    Ok(Answer::object(&session))
}

fn active(tx: &Tx<'_>, id: &str) -> Result<Configuration, ApiError> {
    let configuration = tx.named::<Configuration>("configuration", id)?;
    if configuration.is_active {
        return Ok(configuration);
    }
    let message = format!("The configuration '{id}' is not active. Activate it, or name another one.");
    Err(ApiError::invalid(message).about("configuration"))
}
