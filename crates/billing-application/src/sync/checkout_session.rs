use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::{GatewayAccountId, GatewayCheckoutSession};

use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Brings an intent up to the fetched state of its session.
#[derive(Debug, Clone)]
pub(crate) struct FollowSession {
    pub(crate) account: GatewayAccountId,
    pub(crate) session: GatewayCheckoutSession,
}

#[async_trait]
impl Change for FollowSession {
    const NAME: &'static str = "follow_session";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let named = tx.intent_of(&self.account, self.session.intent_id).await?;
        let Some(intent) = named.filter(|intent| intent.is_sold_by(&self.session)) else {
            return Ok(Decision::Unchanged(()));
        };
        tx.follow_session(&intent, &self.session).await?;
        Ok(Decision::Changed(()))
    }
}
