//! The objects of one kind in one account.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::object::Object;

#[derive(Debug, Clone)]
pub struct Record {
    /// The place in the order of creation.
    pub place: u64,
    pub object: Object,
}

#[derive(Debug, Default)]
pub struct Table {
    records: HashMap<String, Record>,
    order: BTreeMap<u64, String>,
    by_owner: HashMap<String, BTreeSet<u64>>,
}

impl Table {
    pub fn get(&self, id: &str) -> Option<&Record> {
        self.records.get(id)
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Gives back what was there before.
    pub fn insert(&mut self, record: Record) -> Option<Record> {
        let old = self.remove(record.object.id());
        let id = record.object.id().to_owned();
        if let Some(owner) = record.object.owner() {
            self.by_owner.entry(owner.to_owned()).or_default().insert(record.place);
        }
        self.order.insert(record.place, id.clone());
        self.records.insert(id, record);
        old
    }

    pub fn remove(&mut self, id: &str) -> Option<Record> {
        let old = self.records.remove(id)?;
        self.order.remove(&old.place);
        if let Some(owner) = old.object.owner()
            && let Some(places) = self.by_owner.get_mut(owner)
        {
            places.remove(&old.place);
            if places.is_empty() {
                self.by_owner.remove(owner);
            }
        }
        Some(old)
    }

    pub fn newest_first(&self) -> impl DoubleEndedIterator<Item = &Object> {
        self.order.values().rev().filter_map(|id| self.records.get(id)).map(|record| &record.object)
    }

    /// Those that were made before the one with this place.
    pub fn newest_before(&self, place: u64) -> impl Iterator<Item = &Record> {
        self.order.range(..place).rev().filter_map(|(_, id)| self.records.get(id))
    }

    pub fn of_owner(&self, owner: &str) -> impl DoubleEndedIterator<Item = &Object> {
        let places = self.by_owner.get(owner).into_iter().flatten().rev();
        places.filter_map(|place| self.records.get(self.order.get(place)?)).map(|record| &record.object)
    }

    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.order.values().filter_map(|id| self.records.get(id))
    }

    /// All but the newest `keep`, and of them the oldest `most`.
    pub fn oldest_beyond(&self, keep: usize, most: usize) -> Vec<String> {
        let beyond = self.order.len().saturating_sub(keep);
        self.order.values().take(beyond.min(most)).cloned().collect()
    }
}
