use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{AppKey, Catalog};

/// The age at which a catalog is read anew, whatever its revision: a replica of the version before does not count its
/// changes.
pub(super) const AGE: Duration = Duration::from_mins(1);
/// The memory of an app without a catalog, in bytes, generously.
const SLOT: usize = 512;

/// The catalogs in memory, by app.
pub(super) struct Held {
    slots: LruCache<AppKey, Slot>,
    size: usize,
    /// In bytes.
    room: usize,
    /// Catalogs that were taken out. It takes milliseconds to free a large one.
    pub(super) taken_out: Vec<Arc<Catalog>>,
}

struct Slot {
    /// The revision that was last asked for.
    revision: i64,
    /// The result of the read at that revision.
    read: Option<Read>,
    /// Locked by the caller that reads.
    reading: Arc<Mutex<()>>,
}

struct Read {
    /// `None` if it is too large, or cannot be read.
    catalog: Option<Arc<Catalog>>,
    at: Instant,
}

pub(super) enum Found {
    Catalog(Arc<Catalog>),
    /// Not in memory, and not worth reading.
    Nothing,
    /// To be read, by the caller that locks it.
    Due(Arc<Mutex<()>>),
    /// The same, and what others get meanwhile.
    Old(Option<Arc<Catalog>>, Arc<Mutex<()>>),
}

impl Held {
    pub(super) fn within(room: usize) -> Self {
        Self { slots: LruCache::unbounded(), size: 0, room, taken_out: Vec::new() }
    }

    /// What is held of the app at this revision. Only a revision that is asked for again is worth reading: a catalog that
    /// changes with every read of it, or is read once, is not.
    pub(super) fn find(&mut self, app: &AppKey, revision: i64) -> Found {
        let slot = self.slots.get(app);
        let reading = slot.map(|slot| Arc::clone(&slot.reading)).unwrap_or_default();
        match slot.filter(|slot| slot.revision == revision).map(|slot| &slot.read) {
            Some(Some(Read { catalog, at })) if at.elapsed() < AGE => {
                catalog.as_ref().map_or(Found::Nothing, |catalog| Found::Catalog(Arc::clone(catalog)))
            }
            Some(Some(Read { catalog, .. })) => Found::Old(catalog.clone(), reading),
            Some(None) => Found::Due(reading),
            None => {
                self.put(app, Slot { revision, read: None, reading });
                Found::Nothing
            }
        }
    }

    /// Keeps what was read, unless another revision was asked for meanwhile.
    pub(super) fn keep(&mut self, app: &AppKey, revision: i64, catalog: Option<Arc<Catalog>>) {
        let Some(slot) = self.slots.peek(app).filter(|slot| slot.revision == revision) else { return };
        let reading = Arc::clone(&slot.reading);
        self.put(app, Slot { revision, read: Some(Read { catalog, at: Instant::now() }), reading });
    }

    /// Takes out what was asked for the longest time ago, until the rest has room.
    fn put(&mut self, app: &AppKey, slot: Slot) {
        self.size += slot.size();
        if let Some(replaced) = self.slots.put(app.clone(), slot) {
            self.take_out(replaced);
        }
        while self.size > self.room
            && let Some((_, slot)) = self.slots.pop_lru()
        {
            self.take_out(slot);
        }
    }

    fn take_out(&mut self, slot: Slot) {
        self.size -= slot.size();
        self.taken_out.extend(slot.read.and_then(|read| read.catalog));
    }
}

impl Slot {
    fn size(&self) -> usize {
        SLOT + self.read.as_ref().and_then(|read| read.catalog.as_ref()).map_or(0, |catalog| catalog.size())
    }
}
