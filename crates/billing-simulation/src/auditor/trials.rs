//! A trial that was ended stays ended, and one that was extended ends as somebody was told.

use std::collections::BTreeMap;

use billing_domain::TrialEnd;

use super::{Auditor, Told, Verdict, tables};
use crate::template::WORKSPACES;

impl Auditor<'_> {
    /// `asked` has the subscriptions of whose trial it is known how it was changed last.
    ///
    /// A trial that time has ended may begin again: an extension may be on its way then. A person who ends one waits for
    /// that.
    pub(crate) fn trials_are_as_told(&mut self, told: &Told, asked: &BTreeMap<String, TrialEnd>) -> Verdict {
        for workspace in WORKSPACES {
            for mirrored in tables::subscriptions(&mut self.database, workspace) {
                let (id, stripe_id) = (&mirrored.subscription_id, &mirrored.stripe_id);
                let (ended, asked) = (told.ended_trials.get(id), asked.get(id));
                if ended.is_none() && asked.is_none() {
                    continue;
                }
                let subscription = self.fetched(&mirrored.account, &format!("/v1/subscriptions/{stripe_id}"));
                let end = subscription["trial_end"].as_i64();
                let goes_on = |told_at: &i64| subscription["status"] == "trialing" || end > Some(*told_at);
                if ended.is_some_and(goes_on) {
                    return Err(format!("the trial of {stripe_id} was said to be over, and ends at {end:?}"));
                }
                if let Some(TrialEnd::At(asked)) = asked
                    && end != Some(asked.timestamp())
                {
                    return Err(format!("the trial of {stripe_id} ends at {end:?}, and not at {asked}"));
                }
            }
        }
        Ok(())
    }
}
