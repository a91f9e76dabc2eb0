use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::{GatewayAccountId, StripeId, SyncTarget};

use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Marks the invoices that a payment pays as stale: something was given back.
#[derive(Debug, Clone)]
pub(crate) struct FollowPayment {
    pub(crate) account: GatewayAccountId,
    pub(crate) invoices: Vec<StripeId>,
}

#[async_trait]
impl Change for FollowPayment {
    const NAME: &'static str = "follow_payment";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        if self.invoices.is_empty() {
            return Ok(Decision::Unchanged(()));
        }
        for invoice in &self.invoices {
            tx.mark_stale(&self.account, &SyncTarget::Invoice(invoice.clone())).await?;
        }
        Ok(Decision::Changed(()))
    }
}
