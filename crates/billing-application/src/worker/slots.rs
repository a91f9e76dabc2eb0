//! The work that a process does at a time. A process has four workers: no long work, no reconciliation and no account
//! whose requests wait for its rate keeps all of them from the rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_domain::{GatewayAccountId, WorkId, WorkPriority};

use super::claimed::is_long;

/// The number of rows with a long time limit.
const LONG_AT_A_TIME: usize = 1;
/// The number of rows in the background.
const BACKGROUND_AT_A_TIME: usize = 2;
/// The number of rows of one account, while no long work is done: that may ask the same account.
const OF_AN_ACCOUNT_AT_A_TIME: usize = 3;
/// The number of rows in the foreground after which one in the background goes first: however many webhooks come for one
/// account, the others are reconciled.
const FOREGROUND_IN_A_ROW: usize = 4;

/// The rows that a process works on, counted.
#[derive(Default)]
pub(super) struct Slots(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    long: usize,
    background: usize,
    by_account: HashMap<GatewayAccountId, usize>,
    foreground_in_a_row: usize,
}

impl Taken {
    fn is_full(&self, of_account: usize) -> bool {
        of_account + self.long >= OF_AN_ACCOUNT_AT_A_TIME
    }
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The priorities in which a worker looks for work, in order. None in the background while enough of it is done.
    pub(super) fn priorities(&self) -> &'static [WorkPriority] {
        use WorkPriority::{Background, Foreground};
        let taken = self.lock();
        if taken.background >= BACKGROUND_AT_A_TIME {
            return &[Foreground];
        }
        if taken.foreground_in_a_row < FOREGROUND_IN_A_ROW {
            return &[Foreground, Background];
        }
        &[Background, Foreground]
    }

    /// The account that has enough of its rows worked on.
    pub(super) fn full_account(&self) -> Option<GatewayAccountId> {
        let taken = self.lock();
        let full = taken.by_account.iter().find(|(_, rows)| taken.is_full(**rows));
        full.map(|(account, _)| account.clone())
    }

    /// A place for a row; `None` if it has to wait for the end of others.
    pub(super) fn take(self: &Arc<Self>, id: &WorkId, priority: WorkPriority) -> Option<Slot> {
        let mut taken = self.lock();
        let account = id.account();
        let of_account = account.as_ref().and_then(|account| taken.by_account.get(account)).copied();
        let (is_long, is_background) = (is_long(id.kind), priority.is_background());
        if is_long && taken.long >= LONG_AT_A_TIME
            || is_background && taken.background >= BACKGROUND_AT_A_TIME
            || account.is_some() && taken.is_full(of_account.unwrap_or_default())
        {
            return None;
        }
        taken.long += usize::from(is_long);
        taken.background += usize::from(is_background);
        if let Some(account) = &account {
            *taken.by_account.entry(account.clone()).or_default() += 1;
        }
        Some(Slot { slots: Arc::clone(self), is_long, is_background, account })
    }
}

/// The place of a row, until it is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    is_long: bool,
    is_background: bool,
    account: Option<GatewayAccountId>,
}

impl Slot {
    /// Counts a row that is claimed.
    pub(super) fn claimed(&self) {
        let mut taken = self.slots.lock();
        taken.foreground_in_a_row = if self.is_background { 0 } else { taken.foreground_in_a_row + 1 };
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.lock();
        taken.long -= usize::from(self.is_long);
        taken.background -= usize::from(self.is_background);
        let Some(account) = &self.account else { return };
        if let Some(rows) = taken.by_account.get_mut(account) {
            *rows -= 1;
            if *rows == 0 {
                taken.by_account.remove(account);
            }
        }
    }
}
