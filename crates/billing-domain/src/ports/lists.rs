use crate::Payer;

/// Where a part of a list begins. Lists are newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge<K> {
    /// At the newest item.
    Newest,
    /// Behind the key, towards older items. No item needs to have it.
    OlderThan(K),
    /// Before the key, towards newer items: those next to it, still newest first. No item needs to have it.
    NewerThan(K),
}

impl<K> Edge<K> {
    /// The edge with another form of its key.
    #[must_use]
    pub fn map<L>(self, key: impl FnOnce(K) -> L) -> Edge<L> {
        match self {
            Self::Newest => Edge::Newest,
            Self::OlderThan(than) => Edge::OlderThan(key(than)),
            Self::NewerThan(than) => Edge::NewerThan(key(than)),
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// Whether the list has items older than those at which its filter looks one by one.
    pub is_cut: bool,
    /// The numbers of items of the list and of those newer than the first one here, where they are known without counting.
    pub counted: Option<Counted>,
}

/// The number of a list's newest items that a filter looks at one by one, so that its time is bounded.
pub const SCANNED: u32 = 10_000;

/// The numbers of items of a list, counted up to [`Counted::BOUND`] from the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Items newer than the given key, up to the bound; 0 without one.
    pub newer: u64,
    /// All items, up to the bound unless the number is kept.
    pub total: u64,
    /// Whether `total` is the number of all items: the list ended before the bound and all of it was looked at, or the number
    /// is kept.
    pub is_exact: bool,
}

impl Counted {
    /// The largest number that is counted to.
    pub const BOUND: u32 = 1_000;

    /// The counts, of which the store counted each up to one more than the bound.
    #[must_use]
    pub fn bounded(newer: u64, total: u64) -> Self {
        let bound = u64::from(Self::BOUND);
        Self { newer: newer.min(bound), total: total.min(bound), is_exact: total <= bound }
    }
}

/// The payers whose items a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayerSearch {
    /// This one.
    Payer(Payer),
    /// The user and the organization of this id.
    Is(String),
    /// Those whose ids begin so. If more than [`PayerSearch::SCANNED`] items of the app are theirs, they are looked for among
    /// so many of the newest of the list only, so that its time is bounded.
    Begins(String),
}

impl PayerSearch {
    /// The number of items that are looked at one by one for the beginning of an id.
    pub const SCANNED: u32 = 5_000;

    /// The largest number of characters, as many as an id has.
    pub const LONGEST: usize = 128;

    /// The payers whose ids begin with the text, cut to the length of an id; `None` if the text is blank.
    #[must_use]
    pub fn begins(text: &str) -> Option<Self> {
        // No id has a control character, and Postgres fails on NUL.
        let text: String =
            text.trim().chars().filter(|character| !character.is_control()).take(Self::LONGEST).collect();
        (!text.is_empty()).then_some(Self::Begins(text))
    }
}

/// Text that is looked for in the names and keys of a list: a part of one of them, whatever the case of its ASCII letters.
/// Other letters are found in the case they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The largest number of characters, as many as a name has.
    pub const LONGEST: usize = 100;

    /// The text without surrounding blanks, cut to [`Self::LONGEST`]; `None` if nothing is left of it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().take(Self::LONGEST).collect();
        (!text.is_empty()).then_some(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
