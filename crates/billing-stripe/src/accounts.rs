//! The account behind each key, and the key for each account.

use async_trait::async_trait;
use billing_domain::{
    Gateway, GatewayAccountId,
    ports::{GatewayAccounts, GatewayError},
};
use serde::Deserialize;

use crate::{
    answer::{StripeError, Unreadable},
    gateway::{Source, StripePaymentGateway},
    transport::{ApiAnswer, ApiRequest, Method, StripeTransport},
    wire::read,
};

#[derive(Deserialize)]
struct Account {
    id: Option<String>,
}

/// One account at Stripe, seen with the key for it.
pub(crate) struct Client<'a, C> {
    transport: &'a C,
    source: &'a Source,
    connected: Option<GatewayAccountId>,
}

impl<C: StripeTransport> Client<'_, C> {
    /// A request to the account, without body and key.
    pub(crate) fn request(&self, method: Method, path: &str, is_important: bool) -> ApiRequest {
        ApiRequest {
            method,
            path: path.to_owned(),
            query: String::new(),
            body: None,
            idempotency_key: None,
            secret_key: self.source.secret_key.clone(),
            stripe_account: self.connected.as_ref().map(ToString::to_string),
            is_important,
        }
    }

    /// The answer to a request.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`] when none came.
    pub(crate) async fn send(&self, request: &ApiRequest) -> Result<ApiAnswer, GatewayError> {
        self.transport.send(request).await.map_err(GatewayError::Unknown)
    }

    /// The answer to a read, or Stripe's error.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`] when none came, or one that cannot be read.
    pub(crate) async fn get<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        is_important: bool,
    ) -> Result<Result<T, StripeError>, GatewayError> {
        let mut request = self.request(Method::Get, path, is_important);
        request.query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        match self.send(&request).await?.body()? {
            Ok(body) => Ok(Ok(read(&body)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Whether the account is the platform's own, which the workspaces pay for their plan.
    pub(crate) fn is_platforms(&self) -> bool {
        self.connected.is_none() && self.source.gateway != Gateway::Managed
    }
}

impl<C: StripeTransport> StripePaymentGateway<C> {
    /// The account with the key for it: the key whose own account it is, or the platform's acting for a connected one.
    /// Asks Stripe for the accounts of keys only while none is known to be this one.
    ///
    /// # Errors
    /// [`GatewayError::NoAccess`] when there is no key for it, [`GatewayError::MixedModes`] when the key is of the other
    /// mode than the account is used in, and the error of a key whose account cannot be learnt.
    pub(crate) async fn client(&self, account: &GatewayAccountId) -> Result<Client<'_, C>, GatewayError> {
        let mut unlearnt = None;
        if self.known(account).is_none() {
            for source in self.sources().filter(|source| source.account.get().is_none()) {
                let Err(error) = self.own_account(source).await else { continue };
                // A key that is of another account has nothing to do with this one, unless it acts for it.
                let acts_for_others = source.gateway == Gateway::StripeConnect;
                if acts_for_others || source.told.get().is_none_or(|told| told == account) {
                    unlearnt = Some(error);
                }
            }
        }
        if let Some(source) = self.known(account) {
            self.modes.require(account, source).await?;
            return Ok(self.own_client(source));
        }
        if let Some(error) = unlearnt {
            return Err(error);
        }
        let Some(source) = &self.connect else { return Err(GatewayError::NoAccess(account.clone())) };
        self.modes.require(account, source).await?;
        Ok(Client { connected: Some(account.clone()), ..self.own_client(source) })
    }

    /// The source whose own account it is. One account may serve several gateways: it then counts as the platform's.
    fn known(&self, account: &GatewayAccountId) -> Option<&Source> {
        let platforms_first = [&self.platform, &self.connect, &self.managed];
        platforms_first.into_iter().flatten().find(|source| source.is_of(account))
    }

    /// The own account of a key. Asks Stripe once.
    ///
    /// # Errors
    /// [`GatewayError::MixedModes`] when the account is used in the other mode, or another key is of the same account in the
    /// other mode: an account has one id in both, so that test sales and live ones could not be told apart (invariant I8).
    pub(crate) async fn own_account(&self, source: &Source) -> Result<GatewayAccountId, GatewayError> {
        let id = self.account_of_key(source).await?;
        self.modes.require(&id, source).await?;
        if source.is_of(&id) {
            return Ok(id);
        }
        for other in self.sources().filter(|other| other.is_live() != source.is_live()) {
            let (one, another) = (source.gateway, other.gateway);
            match self.account_of_key(other).await {
                Ok(same) if same == id => {
                    return Err(GatewayError::MixedModes(format!(
                        "the keys of {one} and {another} are of one account, {id}, in test mode and in live mode; \
                         use another account for one of them"
                    )));
                }
                Err(error @ GatewayError::Unknown(_)) => return Err(error),
                // A key that is of no use takes nothing from this one.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(source.account.get_or_init(|| id).clone())
    }

    async fn account_of_key(&self, source: &Source) -> Result<GatewayAccountId, GatewayError> {
        if let Some(account) = source.told.get() {
            return Ok(account.clone());
        }
        let client = self.own_client(source);
        let account: Account = client.get("/v1/account", &[], true).await?.map_err(StripeError::of_read)?;
        let id = account.id.and_then(|id| GatewayAccountId::parse(id).ok());
        let id = id.ok_or(Unreadable::Field("id"))?;
        Ok(source.told.get_or_init(|| id).clone())
    }

    /// The own account of a key, which need not be known.
    pub(crate) fn own_client<'a>(&'a self, source: &'a Source) -> Client<'a, C> {
        Client { transport: &self.transport, source, connected: None }
    }

    /// Whether the account is the managed one, as far as it is known.
    pub(crate) fn is_shared(&self, account: &GatewayAccountId) -> bool {
        self.managed.as_ref().is_some_and(|source| source.is_of(account))
    }
}

#[async_trait]
impl<C: StripeTransport> GatewayAccounts for StripePaymentGateway<C> {
    async fn account_of(&self, gateway: Gateway) -> Result<GatewayAccountId, GatewayError> {
        let source = self.source(gateway).ok_or(GatewayError::NotLinked)?;
        let own = self.own_account(source).await?;
        // Its own account is the platform's. A connected one is the workspace's, and none is linked before Connect's OAuth
        // is there.
        if gateway == Gateway::StripeConnect { Err(GatewayError::NotLinked) } else { Ok(own) }
    }

    /// True for an account that is not known yet. The lists of a whole account refuse the managed one, so that it is
    /// never taken for a workspace's own.
    fn serves_one_workspace(&self, account: &GatewayAccountId) -> bool {
        !self.is_shared(account)
    }

    /// The mode of the key for the account. An account without a key counts as live, the stricter mode.
    fn is_live(&self, account: &GatewayAccountId) -> bool {
        match (self.known(account), &self.connect) {
            (Some(source), _) | (None, Some(source)) => source.is_live(),
            (None, None) => true,
        }
    }
}
