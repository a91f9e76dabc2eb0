//! The judge of a deployment: reads the ledger of Stripe and the tables, never the API of the service.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use billing_testing::TestDatabase;

use crate::deployment::Deployment;
use crate::ledger::Ledger;
use crate::mirror;
use crate::stripe::{Stripe, session_of};

/// The time within which everything heals.
const HEALED_WITHIN: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What must hold at any moment, in rows that break it.
const ALWAYS: &str = "
    SELECT 'I1: ' || c.workspace_id || ' is off with an unresolved ' || c.subject
    FROM gateway_calls c JOIN workspaces w ON w.workspace_id = c.workspace_id
    WHERE c.outcome = 'unresolved' AND c.subject LIKE 'create%' AND w.state = 'disabled'
UNION ALL
    SELECT 'I1: ' || workspace_id || ' was off while someone could be charged'
    FROM audit_entries WHERE event = 'reopened'
UNION ALL
    SELECT 'I10: the entries of ' || workspace_id || ' are not numbered one by one'
    FROM audit_entries GROUP BY workspace_id
    HAVING MIN(number) <> 1 OR MAX(number) <> COUNT(*) OR MAX(number) <> COUNT(DISTINCT number)
UNION ALL
    SELECT 'I10: a change of ' || workspace_id || ' is missing before entry ' || number
    FROM (
        SELECT workspace_id, number, state_before,
            LAG(state_after) OVER (PARTITION BY workspace_id ORDER BY number) AS known
        FROM audit_entries WHERE subject = 'billing_switch'
    ) AS entries
    WHERE known <> state_before
UNION ALL
    SELECT 'I10: ' || w.workspace_id || ' is ' || w.state || ', and not in the audit log'
    FROM workspaces w JOIN audit_entries e ON e.workspace_id = w.workspace_id
    WHERE e.subject = 'billing_switch' AND e.state_after NOT LIKE '%\"state\":\"' || w.state || '\"%'
        AND e.number = (
            SELECT MAX(number) FROM audit_entries
            WHERE workspace_id = w.workspace_id AND subject = 'billing_switch'
        )";

/// The rows that healing removes.
const UNHEALED: &str = "
    SELECT workspace_id || ' is closing' FROM workspaces WHERE state = 'closing'
UNION ALL
    SELECT subject || ' of ' || workspace_id || ' is unresolved' FROM gateway_calls WHERE outcome = 'unresolved'
UNION ALL
    SELECT kind || ' ' || work_key || ' was set aside: ' || reason FROM work WHERE set_aside_at IS NOT NULL";

pub(crate) struct Auditor<'a> {
    database: &'a TestDatabase,
    stripe: &'a Stripe,
}

impl<'a> Auditor<'a> {
    pub(crate) fn of(deployment: &'a Deployment) -> Self {
        Self { database: &deployment.database, stripe: &deployment.stripe }
    }

    /// Asserts what must hold at any moment while nobody asks for anything, whether the service runs or not.
    pub(crate) async fn assert_safe(&self) {
        let broken = self.broken(&Ledger::read(self.stripe).await).await;
        assert!(broken.is_empty(), "{broken:#?}");
    }

    /// Waits until everything is healed, and returns how long it took. Asserts that it does not take longer than 30
    /// seconds, and that nothing is broken then.
    pub(crate) async fn heal(&self) -> Duration {
        let begun = Instant::now();
        loop {
            let looked_after = begun.elapsed();
            let left = self.left().await;
            if left.is_empty() {
                self.assert_safe().await;
                return looked_after;
            }
            assert!(looked_after < HEALED_WITHIN, "after {looked_after:?}: {left:#?}");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// The closings and calls that a crash has left.
    pub(crate) async fn unhealed(&self) -> Vec<String> {
        self.database.texts(UNHEALED).await
    }

    /// The differences that are not healed yet.
    async fn left(&self) -> Vec<String> {
        let unhealed = self.unhealed().await;
        if !unhealed.is_empty() {
            return unhealed;
        }
        let ledger = Ledger::read(self.stripe).await;
        let mut differences = mirror::differences(self.database, &ledger).await;
        differences.extend(ledger.second_subscriptions());
        differences
    }

    async fn broken(&self, ledger: &Ledger) -> Vec<String> {
        let mut broken = self.database.texts(ALWAYS).await;
        let off = self.database.texts("SELECT workspace_id FROM workspaces WHERE state = 'disabled'").await;
        let off: BTreeSet<String> = off.into_iter().collect();
        let chargeable = ledger.chargeable().filter(|(workspace, _)| off.contains(*workspace));
        broken.extend(chargeable.map(|(workspace, what)| format!("I1: {workspace} is off, and {what}")));
        broken.extend(ledger.second_objects().map(|twice| format!("I6: {twice}")));
        broken
    }

    /// Asserts that nothing can be charged to the customer of a hosted page.
    pub(crate) async fn assert_nothing_chargeable(&self, page: &str) {
        let session = self.stripe.get(&format!("/v1/checkout/sessions/{}", session_of(page))).await;
        let customer = session["customer"].as_str().unwrap();
        let ledger = Ledger::of_customer(self.stripe, customer).await;
        let chargeable: Vec<_> = ledger.chargeable().map(|(_, what)| what).collect();
        assert!(chargeable.is_empty(), "I1: billing is off, and {chargeable:?}");
    }
}
