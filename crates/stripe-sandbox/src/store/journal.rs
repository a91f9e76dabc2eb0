//! The state on disk: one JSON line a transaction, rewritten whole at each start.
//!
//! It holds the types of `resources` as they are. A field that is added to one of them needs `#[serde(default)]`, so that
//! a file that was made before it can still be read.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    beside::Beside,
    head::{Head, is_newer},
    object::{Kind, Object},
};
use crate::{clock::Clock, control::Settings};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The version of the sandbox that wrote what follows.
    Version(String),
    Put {
        account: String,
        place: u64,
        object: Object,
    },
    Remove {
        account: String,
        kind: Kind,
        id: String,
    },
    Clock(Clock),
    /// What is set in Stripe's dashboard.
    Settings(Settings),
    /// The last place that was given, so that none is given twice.
    Place(u64),
    Reset,
}

/// Why the state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the state file {} cannot be opened: {source}", path.display())]
    Unreachable { path: PathBuf, source: std::io::Error },
    #[error(
        "line 1 of the state file {} is nothing that a sandbox writes, so it is left as it is: use another file. Remove \
         the file if nobody needs it.",
        path.display()
    )]
    Foreign { path: PathBuf },
    #[error(
        "version {made_by} of the sandbox made the state file {}, and this is version {VERSION}: use that one. Remove \
         the file to begin anew.",
        path.display()
    )]
    Newer { path: PathBuf, made_by: String },
    #[error(
        "line {line} of the state file {} cannot be read{}: {source}. Remove the file to begin anew.",
        path.display(), older_version(made_by)
    )]
    Unreadable { path: PathBuf, line: usize, made_by: String, source: serde_json::Error },
    #[error("the state file {} is in use by another sandbox: stop that one, or use another file", path.display())]
    InUse { path: PathBuf },
}

/// A journal that is shorter is not worth a rewrite.
const SMALL: u64 = 16 * 1024 * 1024;
/// How many times longer than the state it may become.
const LONGER_THAN_STATE: u64 = 4;
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn older_version(made_by: &str) -> String {
    if made_by == VERSION {
        return String::new();
    }
    format!(", because version {made_by} of the sandbox made it and this is version {VERSION}")
}

pub struct Journal {
    file: File,
    path: PathBuf,
    /// In bytes, all of it whole lines.
    length: u64,
    /// What it was after the last rewrite.
    length_of_state: u64,
    /// Why something could not be written: it stands in no line.
    failure: Option<String>,
}

impl Journal {
    /// Opens the file, or makes it. A last line that was cut off by a crash is left out: its request had no answer.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened, is in use, was made by nothing of ours or by a newer version, or holds a line that
    /// is no entry, and was not cut off either. It is left as it is.
    pub fn open(path: &Path) -> Result<(Self, Vec<Entry>), JournalError> {
        let journal = Self::take(path)?;
        let unreachable = |source| JournalError::Unreachable { path: path.to_owned(), source };
        let mut reader = BufReader::new(&journal.file);
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(unreachable)?;
        let made_by = match Head::of(&line) {
            Head::Foreign => return Err(JournalError::Foreign { path: path.to_owned() }),
            Head::MadeBy(made_by) if is_newer(&made_by, VERSION) => {
                return Err(JournalError::Newer { path: path.to_owned(), made_by });
            }
            Head::MadeBy(made_by) => made_by,
            Head::CutOff => VERSION.to_owned(),
        };
        let mut entries = Vec::new();
        let (mut whole, mut count) = (0, 0);
        while line.ends_with(b"\n") {
            count += 1;
            let transaction = transaction(&line).map_err(|source| {
                let made_by = made_by.clone();
                JournalError::Unreadable { path: path.to_owned(), line: count, made_by, source }
            })?;
            entries.extend(transaction);
            whole += line.len() as u64;
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(unreachable)?;
        }
        if let Err(source) = transaction(&line)
            && !source.is_eof()
        {
            return Err(JournalError::Unreadable { path: path.to_owned(), line: count + 1, made_by, source });
        }
        journal.file.set_len(whole).map_err(unreachable)?;
        Ok((Self { length: whole, length_of_state: whole, ..journal }, entries))
    }

    /// Opens the file, or makes it, and empties it without a look at what it holds.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened or is in use.
    pub fn anew(path: &Path) -> Result<Self, JournalError> {
        let journal = Self::take(path)?;
        journal
            .file
            .set_len(0)
            .map_err(|source| JournalError::Unreachable { path: path.to_owned(), source })?;
        Ok(journal)
    }

    fn take(path: &Path) -> Result<Self, JournalError> {
        let unreachable = |source| JournalError::Unreachable { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unreachable)?;
        }
        let file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(unreachable)?;
        file.try_lock().map_err(|_| JournalError::InUse { path: path.to_owned() })?;
        Ok(Self { file, path: path.to_owned(), length: 0, length_of_state: 0, failure: None })
    }

    /// Whether it is so much longer than the state, or lacks so much of it, that it is to be written anew.
    pub fn wants_rewrite(&self) -> bool {
        let is_long = self.length > SMALL && self.length / LONGER_THAN_STATE > self.length_of_state;
        self.failure.is_some() || is_long
    }

    /// Why it lacks something, until it was written anew.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Replaces what is in the file by the same state in as few lines as it takes.
    ///
    /// # Errors
    ///
    /// A file that cannot be written; the old one stays as it was, and lacks what has happened since.
    pub fn rewrite(&mut self, entries: impl Iterator<Item = Entry>) -> std::io::Result<()> {
        let written = self.write_anew(entries);
        self.failure = written.as_ref().err().map(ToString::to_string);
        written
    }

    fn write_anew(&mut self, entries: impl Iterator<Item = Entry>) -> std::io::Result<()> {
        let beside = Beside::of(&self.path)?;
        let mut writer = BufWriter::new(&beside.file);
        for entry in std::iter::once(Entry::Version(VERSION.to_owned())).chain(entries) {
            serde_json::to_writer(&mut writer, &[entry])?;
            writer.write_all(b"\n")?;
        }
        writer.flush()?;
        drop(writer);
        self.file = beside.take_place_of(&self.path)?;
        self.length = self.file.metadata()?.len();
        self.length_of_state = self.length;
        Ok(())
    }

    /// One line and one write a transaction, so that a crash leaves all of it or a line that is cut off.
    ///
    /// # Errors
    ///
    /// A file that cannot be written. It is cut back to its last whole line, and wants a rewrite.
    pub fn append(&mut self, entries: &[Entry]) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(entries)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.failure = Some(error.to_string());
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// What stands in a line. Zeros are where the power failed before anything was written.
fn transaction(line: &[u8]) -> serde_json::Result<Vec<Entry>> {
    let end = line.iter().position(|byte| *byte == 0).unwrap_or(line.len());
    serde_json::from_slice(&line[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{api::post, clock::DAY, lifecycle, store::World, wire::idempotency::IdempotentAnswer};

    /// Cannot be written to, until it is written anew.
    fn broken(path: &Path) -> Journal {
        let (journal, _) = Journal::open(path).unwrap();
        Journal { file: File::open(path).unwrap(), ..journal }
    }

    fn world(clock: Clock, journal: Journal) -> World {
        let mut world = World::new(clock, 1, String::new());
        world.open(journal, Vec::new());
        world
    }

    fn new_customer(world: &mut World, name: &str) -> u16 {
        post(world, "/v1/customers", &format!("name={name}")).status
    }

    #[test]
    fn what_could_not_be_written_is_told_and_written_with_the_next_change() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("state.jsonl");
        let mut world = world(Clock::Standing { at: 7 }, Journal::open(&path).unwrap().0);
        world.rewrite_journal().unwrap();
        assert_eq!(new_customer(&mut world, "Eve"), 200);
        world.close();
        world.open(broken(&path), Vec::new());
        assert_eq!(new_customer(&mut world, "Ada"), 500);
        assert!(world.unwritten().is_some());
        assert_eq!(new_customer(&mut world, "Bob"), 200);
        assert_eq!(world.unwritten(), None);
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains("Ada") && written.contains("Bob"), "{written}");
    }

    #[test]
    fn journal_rewritten_while_catching_up_keeps_the_clock() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("state.jsonl");
        let mut world = world(Clock::Running { ahead: 5 * DAY }, broken(&path));
        let mut tx = world.begin("acct_1", crate::store::Origin::default());
        tx.put(IdempotentAnswer {
            id: "key".to_owned(),
            created: 0,
            asked: String::new(),
            request: String::new(),
            status: 200,
            body: Value::Null.into(),
        });
        tx.commit();
        assert!(world.unwritten().is_some());
        lifecycle::catch_up(&mut world);
        assert_eq!(world.unwritten(), None);
        let written = std::fs::read_to_string(&path).unwrap();
        let clock = json!([{ "clock": { "running": { "ahead": 5 * DAY } } }]).to_string();
        assert!(written.lines().any(|line| line == clock), "{written}");
    }
}
