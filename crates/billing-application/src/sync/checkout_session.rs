use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{CheckoutIntent, GatewayAccountId, GatewayCheckoutSession, SessionStatus};

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
        self.close_sold(tx, intent).await?;
        Ok(Decision::Changed(()))
    }
}

impl FollowSession {
    /// Closes the intent if its subscription is mirrored, whatever the subscription's metadata says: a merchant can edit
    /// it.
    async fn close_sold(&self, tx: &mut Tx, intent: CheckoutIntent) -> Result<(), StoreError> {
        let is_paid = self.session.status == SessionStatus::Complete;
        let Some(id) = self.session.subscription.as_ref().filter(|_| is_paid) else { return Ok(()) };
        let subscriptions = tx.work.subscriptions();
        let mirrored = subscriptions.mirrored_subscription(&tx.workspace.id, &self.account, id).await?;
        if mirrored.is_none() {
            return Ok(());
        }
        match tx.intent(intent.id).await? {
            Some(followed) => tx.close_sold(&followed).await,
            None => Ok(()),
        }
    }
}
