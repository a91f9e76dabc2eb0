//! One change of the world: all of it, or nothing.

use serde_json::Value;

use super::{
    difference::difference,
    journal::Entry,
    object::{Kind, Object, Resource},
    table::Record,
    world::World,
};
use crate::{
    clock::Timestamp,
    control::Counts,
    resources::{events::Event, invoices::Invoice},
    wire::ApiError,
};

const MOST_PREVIEWS: usize = 100;

/// What a change came from: a request, or time.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub request: Option<String>,
    pub idempotency_key: Option<String>,
}

/// Dropping it undoes everything.
pub struct Tx<'w> {
    world: &'w mut World,
    account: String,
    origin: Origin,
    undo: Vec<Undo>,
    deliveries: Vec<(String, String)>,
    advancing: Vec<(String, String)>,
    /// What is left of it when it is dropped.
    beginning: Savepoint,
}

#[derive(Debug, Clone, Copy)]
pub struct Savepoint {
    undo: usize,
    deliveries: usize,
    advancing: usize,
    counts: Counts,
}

struct Undo {
    account: String,
    kind: Kind,
    id: String,
    before: Option<Record>,
}

impl<'w> Tx<'w> {
    pub(super) fn new(world: &'w mut World, account: &str, origin: Origin) -> Self {
        let beginning = Savepoint { undo: 0, deliveries: 0, advancing: 0, counts: world.control.counts() };
        Self {
            world,
            account: account.to_owned(),
            origin,
            undo: Vec::new(),
            deliveries: Vec::new(),
            advancing: Vec::new(),
            beginning,
        }
    }

    pub fn account(&self) -> &str {
        &self.account
    }

    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub fn world(&self) -> &World {
        self.world
    }

    /// Does something in another account.
    pub fn within<T>(&mut self, account: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        let home = std::mem::replace(&mut self.account, account.to_owned());
        let done = act(self);
        self.account = home;
        done
    }

    /// What time it is for an object.
    pub fn now(&self, test_clock: Option<&str>) -> Timestamp {
        let frozen = test_clock.and_then(|id| self.find::<crate::resources::test_clocks::TestClock>(id));
        frozen.map_or_else(|| self.world.clock.now(), |clock| clock.frozen_time)
    }

    pub fn find<T: Resource>(&self, id: &str) -> Option<&T> {
        T::of(&self.world.table(&self.account, T::KIND)?.get(id)?.object)
    }

    /// # Errors
    ///
    /// `resource_missing` when there is none in this account.
    pub fn get<T: Resource>(&self, id: &str) -> Result<T, ApiError> {
        self.find::<T>(id).cloned().ok_or_else(|| ApiError::no_such(T::KIND.noun(), id))
    }

    /// As [`Tx::get`], for an id that came in a parameter, which the error names.
    ///
    /// # Errors
    ///
    /// `resource_missing` with 400 when there is none in this account.
    pub fn named<T: Resource>(&self, param: &str, id: &str) -> Result<T, ApiError> {
        self.get(id).map_err(|error| ApiError { status: 400, ..error }.about(param))
    }

    pub fn object(&self, kind: Kind, id: &str) -> Option<&Object> {
        Some(&self.world.table(&self.account, kind)?.get(id)?.object)
    }

    /// All objects of the account.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        let tables = Kind::ALL.iter().filter_map(|kind| self.world.table(&self.account, *kind));
        tables.flat_map(super::Table::records).map(|record| &record.object)
    }

    /// An object of any kind that the API shows.
    pub fn any(&self, id: &str) -> Option<&Object> {
        Kind::ALL.iter().filter(|kind| kind.is_public()).find_map(|kind| self.object(*kind, id))
    }

    /// All but the newest `keep`, and of them the oldest `most`.
    pub fn oldest_beyond<T: Resource>(&self, keep: usize, most: usize) -> Vec<String> {
        self.world
            .table(&self.account, T::KIND)
            .map_or_else(Vec::new, |table| table.oldest_beyond(keep, most))
    }

    pub fn newest_first<T: Resource>(&self) -> impl DoubleEndedIterator<Item = &T> {
        let table = self.world.table(&self.account, T::KIND).into_iter();
        table.flat_map(super::Table::newest_first).filter_map(T::of)
    }

    /// As [`Tx::newest_first`], beginning with the one that has this id, if there is one.
    pub fn newest_from<T: Resource>(&self, id: Option<&str>) -> impl Iterator<Item = &T> {
        let table = self.world.table(&self.account, T::KIND);
        let first = table.zip(id).and_then(|(table, id)| table.get(id)).map(|record| record.place);
        let end = first.map_or(u64::MAX, |place| place.saturating_add(1));
        let table = table.into_iter().flat_map(move |table| table.newest_before(end));
        table.filter_map(|record| T::of(&record.object))
    }

    pub fn of_owner<T: Resource>(&self, owner: &str) -> impl DoubleEndedIterator<Item = &T> {
        let table = self.world.table(&self.account, T::KIND).into_iter();
        table.flat_map(move |table| table.of_owner(owner)).filter_map(T::of)
    }

    pub fn put<T: Resource>(&mut self, resource: T) {
        let object: Object = resource.into();
        let (kind, id) = (object.kind(), object.id().to_owned());
        let account = self.account.clone();
        let place = self.world.table(&account, kind).and_then(|table| table.get(&id)).map(|old| old.place);
        let place = place.unwrap_or_else(|| {
            self.world.last_place += 1;
            self.world.last_place
        });
        let before = self.world.store(&account, Record { place, object });
        self.undo.push(Undo { account, kind, id, before });
    }

    pub fn remove<T: Resource>(&mut self, id: &str) {
        self.remove_object(T::KIND, id);
    }

    pub fn remove_object(&mut self, kind: Kind, id: &str) {
        let account = self.account.clone();
        if let Some(before) = self.world.erase(&account, kind, id) {
            self.undo.push(Undo { account, kind, id: id.to_owned(), before: Some(before) });
        }
    }

    /// Stores a new object and tells of it.
    pub fn create<T: Resource>(&mut self, resource: &T, event: &'static str) {
        self.put(resource.clone());
        self.emit(event, resource);
    }

    /// Stores a changed object and tells what changed, if anything did.
    pub fn update<T: Resource>(&mut self, after: &T, event: &'static str) {
        let before = self.find::<T>(after.id()).cloned();
        let before = before.map_or(Value::Null, |before| before.render(self));
        self.put(after.clone());
        let rendered = after.render(self);
        let previous = difference(&before, &rendered);
        if !previous.is_empty() {
            Event::record(self, event, rendered, Some(previous), after.test_clock());
        }
    }

    pub fn emit<T: Resource>(&mut self, event: &'static str, resource: &T) {
        let rendered = resource.render(self);
        Event::record(self, event, rendered, None, resource.test_clock());
    }

    /// So that the lines of an invoice that was only looked at can be paged.
    pub fn keep_preview(&mut self, invoice: Invoice) {
        self.world.previews.push_back((self.account.clone(), invoice));
        if self.world.previews.len() > MOST_PREVIEWS {
            self.world.previews.pop_front();
        }
    }

    pub fn previewed(&self, id: &str) -> Option<&Invoice> {
        let of_account = self.world.previews.iter().filter(|(account, _)| *account == self.account);
        of_account.map(|(_, invoice)| invoice).find(|invoice| invoice.id == id)
    }

    /// A delivery that the courier takes on once this change is made.
    pub fn deliver(&mut self, delivery: crate::webhooks::Delivery) {
        self.deliveries.push((self.account.clone(), delivery.id.clone()));
        self.put(delivery);
    }

    /// Moves a test clock to where it is being moved to, once this change is made.
    pub fn advance_after(&mut self, test_clock: &str) {
        self.advancing.push((self.account.clone(), test_clock.to_owned()));
    }

    /// `prefix` and 24 letters and digits; those made later sort later.
    pub fn new_id(&mut self, prefix: &str) -> String {
        self.world.last_place += 1;
        format!("{prefix}1{}{}", base62(self.world.last_place, 8), self.secret(15))
    }

    pub fn secret(&mut self, length: usize) -> String {
        (0..length).map(|_| self.world.random.alphanumeric()).collect()
    }

    pub fn control(&mut self) -> &mut crate::control::Control {
        &mut self.world.control
    }

    /// A point to come back to with [`Tx::roll_back`].
    pub fn savepoint(&self) -> Savepoint {
        Savepoint {
            undo: self.undo.len(),
            deliveries: self.deliveries.len(),
            advancing: self.advancing.len(),
            counts: self.world.control.counts(),
        }
    }

    /// Undoes what was done since the savepoint.
    pub fn roll_back(&mut self, to: Savepoint) {
        self.undo_from(to.undo);
        self.deliveries.truncate(to.deliveries);
        self.advancing.truncate(to.advancing);
        self.world.control.count_from(to.counts);
    }

    /// As it was at its beginning.
    #[must_use]
    pub fn undone(mut self) -> Self {
        self.roll_back(self.beginning);
        self
    }

    /// Nothing is written of what has changed nothing, as most requests that read.
    pub fn commit(mut self) {
        let mut undo = std::mem::take(&mut self.undo);
        undo.sort_by(|a, b| (&a.account, a.kind, &a.id).cmp(&(&b.account, b.kind, &b.id)));
        undo.dedup_by(|a, b| (&a.account, a.kind, &a.id) == (&b.account, b.kind, &b.id));
        if self.world.journal.is_some() && !undo.is_empty() {
            let entries: Vec<_> = undo.into_iter().map(|change| self.entry(change)).collect();
            self.world.write(&entries);
        }
        let deliveries = std::mem::take(&mut self.deliveries);
        self.world.undelivered.extend(deliveries);
        let advancing = std::mem::take(&mut self.advancing);
        self.world.advancing.extend(advancing);
        self.beginning = self.savepoint();
    }

    fn entry(&self, change: Undo) -> Entry {
        let Undo { account, kind, id, .. } = change;
        match self.world.table(&account, kind).and_then(|table| table.get(&id)) {
            Some(Record { place, object }) => Entry::Put { account, place: *place, object: object.clone() },
            None => Entry::Remove { account, kind, id },
        }
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        self.roll_back(self.beginning);
    }
}

impl Tx<'_> {
    fn undo_from(&mut self, start: usize) {
        for Undo { account, kind, id, before } in self.undo.drain(start..).rev() {
            match before {
                Some(record) => self.world.store(&account, record),
                None => self.world.erase(&account, kind, &id),
            };
        }
    }
}

fn base62(mut number: u64, width: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = vec![b'0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 62).unwrap_or_default()];
        number /= 62;
    }
    digits.into_iter().map(char::from).collect()
}
