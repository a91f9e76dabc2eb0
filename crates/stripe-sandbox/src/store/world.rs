//! Everything the sandbox knows, behind one lock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    journal::{Entry, Journal},
    object::{Kind, Object, Resource},
    table::{Record, Table},
    transaction::{Origin, Tx},
};
use crate::{
    clock::{Clock, Timestamp},
    control::{Control, Settings},
    resources::{invoices::Invoice, test_clocks::TestClock},
};

/// Where what belongs to no account is kept.
pub const ROOT: &str = "";

pub type Tables = BTreeMap<Kind, Table>;

/// Something that time alone will change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub test_clock: Option<String>,
    pub at: Timestamp,
    pub place: u64,
    pub account: String,
    pub kind: Kind,
    pub id: String,
}

pub struct World {
    /// It stands at the time of each thing that has fallen due, in turn, while that is done.
    pub clock: Clock,
    /// Where it was put.
    put_clock: Clock,
    pub control: Control,
    pub random: fastrand::Rng,
    seed: u64,
    /// How people and browsers reach the sandbox, without a slash at its end.
    pub url: String,
    pub(super) accounts: BTreeMap<String, Tables>,
    pub(super) agenda: BTreeSet<Due>,
    pub(super) last_place: u64,
    pub(super) journal: Option<Journal>,
    /// Ids of deliveries that were made and not yet handed to the courier, with their account.
    pub undelivered: Vec<(String, String)>,
    /// Test clocks that are being moved, with their account.
    pub advancing: Vec<(String, String)>,
    /// The latest previews of invoices, with their account. A restart forgets them.
    pub(super) previews: VecDeque<(String, Invoice)>,
}

impl World {
    pub fn new(clock: Clock, seed: u64, url: String) -> Self {
        Self {
            clock,
            put_clock: clock,
            control: Control::default(),
            random: fastrand::Rng::with_seed(seed),
            seed,
            url,
            accounts: BTreeMap::new(),
            agenda: BTreeSet::new(),
            last_place: 0,
            journal: None,
            undelivered: Vec::new(),
            advancing: Vec::new(),
            previews: VecDeque::new(),
        }
    }

    pub fn begin(&mut self, account: &str, origin: Origin) -> Tx<'_> {
        Tx::new(self, account, origin)
    }

    pub fn has_account(&self, account: &str) -> bool {
        self.accounts.contains_key(account)
    }

    pub fn accounts(&self) -> impl Iterator<Item = (&str, &Tables)> {
        self.accounts.iter().map(|(id, tables)| (id.as_str(), tables))
    }

    pub fn table(&self, account: &str, kind: Kind) -> Option<&Table> {
        self.accounts.get(account)?.get(&kind)
    }

    /// The account that an object lives in, for who knows only its id.
    pub fn account_of(&self, kind: Kind, id: &str) -> Option<String> {
        let holds = |tables: &Tables| tables.get(&kind).is_some_and(|table| table.get(id).is_some());
        self.accounts.iter().find(|(_, tables)| holds(tables)).map(|(account, _)| account.clone())
    }

    /// The next thing that falls due by this clock, until then.
    pub fn next_due(&self, test_clock: Option<&str>, until: Timestamp) -> Option<Due> {
        let test_clock = test_clock.map(str::to_owned);
        let from = Due {
            test_clock: test_clock.clone(),
            at: Timestamp::MIN,
            place: 0,
            account: String::new(),
            kind: Kind::ALL[0],
            id: String::new(),
        };
        let first = self.agenda.range(from..).next()?;
        (first.test_clock == test_clock && first.at <= until).then(|| first.clone())
    }

    /// So that what cannot be carried out is not tried for ever.
    pub fn forget_due(&mut self, due: &Due) {
        self.agenda.remove(due);
    }

    pub(super) fn store(&mut self, account: &str, record: Record) -> Option<Record> {
        let due = Self::due_of(account, &record);
        let tables = self.accounts.entry(account.to_owned()).or_default();
        let old = tables.entry(record.object.kind()).or_default().insert(record);
        if let Some(due) = old.as_ref().and_then(|old| Self::due_of(account, old)) {
            self.agenda.remove(&due);
        }
        self.agenda.extend(due);
        old
    }

    pub(super) fn erase(&mut self, account: &str, kind: Kind, id: &str) -> Option<Record> {
        let old = self.accounts.get_mut(account)?.get_mut(&kind)?.remove(id)?;
        if let Some(due) = Self::due_of(account, &old) {
            self.agenda.remove(&due);
        }
        Some(old)
    }

    fn due_of(account: &str, record: &Record) -> Option<Due> {
        Some(Due {
            test_clock: record.object.test_clock().map(str::to_owned),
            at: record.object.due()?,
            place: record.place,
            account: account.to_owned(),
            kind: record.object.kind(),
            id: record.object.id().to_owned(),
        })
    }

    pub fn set_clock(&mut self, clock: Clock) {
        self.put_clock = clock;
        self.resume_clock();
        self.write(&[Entry::Clock(clock)]);
    }

    /// Lets the clock be where it was put.
    pub fn resume_clock(&mut self) {
        self.clock = self.put_clock;
    }

    /// Forgets every object. The clock stays where it is.
    pub fn reset(&mut self) {
        self.accounts.clear();
        self.agenda.clear();
        self.undelivered.clear();
        self.advancing.clear();
        self.previews.clear();
        self.control = Control::default();
        self.write(&[Entry::Reset]);
    }

    pub fn set_settings(&mut self, settings: Settings) {
        self.control.settings = settings.clone();
        self.write(&[Entry::Settings(settings)]);
    }

    /// Writes what has changed already. What cannot be written now is written with the next change that can.
    pub(super) fn write(&mut self, entries: &[Entry]) {
        let Some(journal) = &mut self.journal else { return };
        let written = if journal.wants_rewrite() { self.rewrite_journal() } else { journal.append(entries) };
        if let Err(error) = written {
            tracing::error!(%error, "the state could not be written; if it ends now, this is lost");
        }
    }

    /// Takes over what the journal holds, and writes to it from now on.
    pub fn open(&mut self, journal: Journal, entries: Vec<Entry>) {
        // A clock that stands still for a test stands where the test says.
        let is_told = matches!(self.clock, Clock::Standing { .. });
        for entry in entries {
            match entry {
                Entry::Put { account, place, object } => {
                    self.last_place = self.last_place.max(place);
                    self.store(&account, Record { place, object });
                }
                Entry::Remove { account, kind, id } => {
                    self.erase(&account, kind, &id);
                }
                Entry::Clock(_) if is_told => {}
                Entry::Clock(clock) => self.put_clock = clock,
                Entry::Settings(settings) => self.control.settings = settings,
                Entry::Place(place) => self.last_place = self.last_place.max(place),
                Entry::Reset => self.reset(),
                Entry::Version(_) => {}
            }
        }
        self.resume_clock();
        // What is made from now on differs from what this seed made in earlier runs.
        self.random = crate::control::random(self.seed, self.last_place);
        self.advancing = self.interrupted_advances();
        self.journal = Some(journal);
    }

    /// Test clocks that were on their way when the sandbox ended, with their account.
    fn interrupted_advances(&self) -> Vec<(String, String)> {
        let mut interrupted = Vec::new();
        for (account, tables) in &self.accounts {
            let records = tables.get(&Kind::TestClock).into_iter().flat_map(Table::records);
            let clocks = records.filter_map(|record| TestClock::of(&record.object));
            let on_their_way = clocks.filter(|clock| clock.advancing_to.is_some());
            interrupted.extend(on_their_way.map(|clock| (account.clone(), clock.id.clone())));
        }
        interrupted
    }

    /// Why not all that has happened is in the file, if so.
    pub fn unwritten(&self) -> Option<&str> {
        self.journal.as_ref().and_then(Journal::failure)
    }

    /// Writes to no file any more, which is free for others then.
    pub fn close(&mut self) {
        self.journal = None;
    }

    /// Makes the journal as short as the state is.
    ///
    /// # Errors
    ///
    /// A file that cannot be written; the old one stays as it was.
    pub fn rewrite_journal(&mut self) -> std::io::Result<()> {
        let Some(mut journal) = self.journal.take() else { return Ok(()) };
        let done = journal.rewrite(self.entries());
        self.journal = Some(journal);
        done
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let ours = [
            Entry::Clock(self.put_clock),
            Entry::Settings(self.control.settings.clone()),
            Entry::Place(self.last_place),
        ];
        ours.into_iter().chain(self.accounts.iter().flat_map(|(account, tables)| {
            tables.values().flat_map(Table::records).map(|record| Entry::Put {
                account: account.clone(),
                place: record.place,
                object: Object::clone(&record.object),
            })
        }))
    }
}
