//! The end of a life: no more faults. What is on its way arrives, what was begun ends, and the worker works.

use super::Life;

/// Longer than a lease, and than the longest delay of work that has failed.
const DELAYS: i64 = 7 * 60;
/// Longer than an attempt may be on its way after its call is not sent any more.
const ARRIVED: i64 = 40 * 60;
/// Longer than the pause before an object of an unknown customer is fetched again.
const CUSTOMER_AWAITED: i64 = 30;
/// The time between two reconciliations, and a minute.
const RECONCILED: i64 = 11 * 60;
/// Longer than the time over which the objects of a reconciliation become due.
const PACED: i64 = 60;
/// Enough for any life.
const MOST_ROUNDS: usize = 3_000;
/// Enough for any jobs.
const MOST_POINTS: usize = 20_000;

impl Life<'_> {
    pub(super) fn come_to_rest(&mut self) {
        self.scene.say(format_args!("quiet"));
        self.is_quiet = true;
        while self.arrive() {}
        self.finish();
        if self.violation.is_some() {
            // Jobs may stand amid their transactions.
            return;
        }
        self.auditor.replay_crashed();
        // Where no event was lost, nothing needs reconciliation.
        let is_told_all = self.lost_webhooks == 0;
        if is_told_all {
            self.auditor.put_off_reconciliation();
        }
        self.settle();
        // At last objects of customers that were recorded just before.
        for seconds in [DELAYS, ARRIVED, CUSTOMER_AWAITED] {
            if self.violation.is_none() {
                self.move_clock(seconds);
                self.settle();
            }
        }
        if self.violation.is_none() && is_told_all {
            if self.auditor.has_placed_all() {
                self.judge(|life| life.auditor.mirror());
            }
            let reconcile = self.processes[0].replica.clone().boot();
            self.finish_with(0, "boot", reconcile);
        }
        for seconds in [RECONCILED, PACED] {
            if self.violation.is_none() {
                self.move_clock(seconds);
                self.settle();
            }
        }
        if self.violation.is_none() {
            self.judge(|life| life.auditor.at_rest());
            self.judge(|life| life.auditor.confirmed_is_so(life.wishes.ends.confirmed()));
            self.judge(|life| life.auditor.told_is_so(&life.wishes.told));
            self.judge(|life| {
                life.auditor.trials_are_as_told(&life.wishes.told, life.wishes.trials.confirmed())
            });
        }
    }

    fn judge(&mut self, judgment: impl FnOnce(&mut Self) -> Result<(), String>) {
        if let Err(broken) = judgment(self) {
            self.violate(broken);
        }
    }

    /// Ends every job, brings every webhook, and works until nothing is due.
    fn settle(&mut self) {
        self.finish();
        for place in 0..self.processes.len() {
            for _ in 0..MOST_ROUNDS {
                if self.violation.is_some() || self.processes[place].booted {
                    break;
                }
                self.processes[place].booted = true;
                let replica = self.processes[place].replica.clone();
                self.finish_with(place, "boot", replica.boot());
            }
        }
        let sweep = self.processes[0].replica.clone().sweep();
        self.finish_with(0, "sweep", sweep);
        for _ in 0..MOST_ROUNDS {
            if self.violation.is_some() {
                return;
            }
            self.look();
            let ended = self.ended;
            while self.bring_webhook() {
                self.finish();
                self.look();
            }
            let worked = self.work();
            if self.ended == ended || (!worked && self.webhooks.is_empty()) {
                return;
            }
        }
        self.violate("it never comes to rest".to_owned());
    }

    /// A turn of the worker of the process whose clock is ahead: what the other has made due is due to it. Returns whether it
    /// worked.
    fn work(&mut self) -> bool {
        let place = self.processes.len() - 1;
        let work = self.processes[place].replica.clone().work();
        self.worked = false;
        self.finish_with(place, "work", work);
        self.look();
        self.worked
    }

    fn finish_with(&mut self, actor: usize, name: &'static str, job: crate::replica::Job) {
        self.begin(actor, name, job);
        self.finish();
    }

    /// Lets every job end.
    fn finish(&mut self) {
        for _ in 0..MOST_POINTS {
            if self.violation.is_some() || self.actors.iter().all(|actor| actor.job.is_none()) {
                return;
            }
            match (0..self.actors.len()).find(|actor| self.is_ready(*actor)) {
                Some(actor) => self.resume(actor),
                None => self.move_clock(1),
            }
            self.look();
        }
        self.violate("a job never ends".to_owned());
    }
}
