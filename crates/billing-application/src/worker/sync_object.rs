//! Fetches objects whose mirrors are stale, and writes what it got.

use std::time::Duration;

use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{
    Actor, Claim, GatewayAccountId, GatewayCheckoutSession, GatewayInvoice, GatewaySubscription, StripeId,
    StripeSubscriptionId, SyncTarget, Timestamp, WorkId,
};
use futures_util::future::join_all;

use super::{Outcome, WorkError, Worker};
use crate::Ports;
use crate::change::Executor;
use crate::guard::is_own_account;
use crate::sync::{FollowInvoice, FollowPayment, FollowSession, FollowSubscription};

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let fetched_at = worker.ports.clock.now();
    let fetched = fetch(&worker.ports, &claim.id).await?;
    write(worker, claim, fetched, fetched_at).await
}

/// The present state of an object; `None` where there is none.
enum Fetched {
    Session(Option<GatewayCheckoutSession>),
    /// With the payments to give back, if it was ended as a payer's second.
    Subscription(StripeSubscriptionId, Option<GatewaySubscription>, Option<Vec<StripeId>>),
    Invoice(StripeId, Option<GatewayInvoice>),
    /// The invoices that a payment pays.
    Payment(Vec<StripeId>),
}

async fn fetch(ports: &Ports, id: &WorkId) -> Result<(GatewayAccountId, Fetched), WorkError> {
    let (gateway, workspace) = (ports.gateway.as_ref(), &id.workspace_id);
    let (account, target) = SyncTarget::parse_work_key(&id.key).ok_or(WorkError::UnknownKey)?;
    let fetched = match target {
        SyncTarget::CheckoutSession(id) => Fetched::Session(gateway.checkout_session(&account, &id).await?),
        SyncTarget::Subscription(id) => {
            let id = id.into();
            let fetched = gateway.subscription(&account, &id).await?;
            let calls = ports.store.gateway_calls();
            let may_be_duplicate = fetched.as_ref().is_some_and(GatewaySubscription::has_ended);
            let unrefunded = if may_be_duplicate && calls.is_ended_duplicate(workspace, &account, &id).await?
            {
                Some(gateway.unrefunded_payments(&account, &id).await?)
            } else {
                None
            };
            Fetched::Subscription(id, fetched, unrefunded)
        }
        SyncTarget::Invoice(id) => {
            let fetched = gateway.invoice(&account, &id).await?;
            Fetched::Invoice(id, fetched)
        }
        SyncTarget::Payment(id) => Fetched::Payment(gateway.invoices_of_payment(&account, &id).await?),
    };
    Ok((account, fetched))
}

async fn write(
    worker: &Worker,
    claim: &Claim,
    (account, fetched): (GatewayAccountId, Fetched),
    fetched_at: Timestamp,
) -> Result<Outcome, WorkError> {
    let executor = &worker.executor;
    // A webhook, a person or another change would have brought it to the foreground.
    let is_reconciled = claim.priority.is_background();
    let is_mended = match fetched {
        Fetched::Session(None) => {
            worker.complete(claim).await?;
            false
        }
        Fetched::Session(Some(session)) => {
            let follow = FollowSession { account, session };
            executor.complete_with(claim, &Actor::Stripe, &follow).await?;
            false
        }
        Fetched::Subscription(id, fetched, unrefunded) => {
            let is_own_account = is_own_account(&worker.ports, &claim.id.workspace_id, &account).await?;
            let follow = FollowSubscription {
                account,
                id,
                fetched,
                unrefunded,
                fetched_at,
                is_own_account,
                is_reconciled,
            };
            executor.complete_with(claim, &Actor::Stripe, &follow).await?
        }
        Fetched::Invoice(id, fetched) => {
            let follow = FollowInvoice { account, id, fetched, is_reconciled };
            executor.complete_with(claim, &Actor::Stripe, &follow).await?
        }
        Fetched::Payment(invoices) => {
            executor.complete_with(claim, &Actor::Stripe, &FollowPayment { account, invoices }).await?;
            false
        }
    };
    Ok(if is_mended { Outcome::Mended } else { Outcome::Synced })
}

/// The number of times that rows are tried which other workers hold, and the time between. The last time they are taken.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
/// The number of objects that are fetched at a time.
const AT_A_TIME: usize = 8;

impl Executor {
    /// Fetches objects now and writes what it got, so that the next read shows it. Returns whether all were fetched;
    /// where that fails, the mirror is stale and follows later.
    pub(crate) async fn sync_all_now(&self, stale: &[WorkId]) -> bool {
        let worker = Worker::new(self.ports.clone());
        let mut are_all_fetched = true;
        for some in stale.chunks(AT_A_TIME) {
            are_all_fetched &= worker.sync_now(some).await;
        }
        are_all_fetched
    }
}

impl Worker {
    /// The leases are extended meanwhile: an answer of Stripe may take longer than one.
    async fn sync_now(&self, stale: &[WorkId]) -> bool {
        let claims = self.claim_patiently(stale).await;
        let keeping = join_all(claims.iter().map(|claim| self.keep_lease(claim)));
        tokio::select! {
            biased;
            written = self.fetch_and_write(&claims) => written == stale.len(),
            _all_lost = keeping => false,
        }
    }

    /// Returns the number of objects that were written.
    async fn fetch_and_write(&self, claims: &[Claim]) -> usize {
        let fetched_at = self.ports.clock.now();
        let fetching: Vec<_> = claims.iter().map(|claim| fetch(&self.ports, &claim.id)).collect();
        let fetched = join_all(fetching).await;
        let mut count = 0;
        for (claim, fetched) in claims.iter().zip(fetched) {
            let written = match fetched {
                Ok(fetched) => write(self, claim, fetched, fetched_at).await,
                Err(failure) => Err(failure),
            };
            match written {
                Ok(_) => count += 1,
                Err(failure) => {
                    if let Err(error) = self.end_failed(claim, &failure).await {
                        not_fetched(&claim.id, &error);
                    }
                }
            }
        }
        count
    }

    /// Claims rows that are scheduled anew. A worker that holds one may have fetched before the change: it has to fetch
    /// again, or we do. All wait together for those that are held, so that no lease expires before its fetch. A worker
    /// that holds one for longer may have died, and loses it.
    async fn claim_patiently(&self, stale: &[WorkId]) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut unclaimed: Vec<&WorkId> = stale.iter().collect();
        for tried in 1..=TRIES {
            let mut held = Vec::new();
            for id in unclaimed {
                match self.schedule_and_claim(id, tried == TRIES).await {
                    Ok(Some(claim)) => claims.push(claim),
                    Ok(None) => held.push(id),
                    Err(error) => not_fetched(id, &error),
                }
            }
            if held.is_empty() {
                break;
            }
            unclaimed = held;
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        claims
    }
}

fn not_fetched(id: &WorkId, error: &StoreError) {
    let error = error_chain(error);
    tracing::warn!(workspace_id = %id.workspace_id, key = id.key, %error, "not fetched at once");
}
