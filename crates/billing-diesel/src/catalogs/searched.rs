use billing_domain::ports::SearchText;
use memchr::memmem::Finder;

/// The names and keys of a list, with ASCII letters in lower case. In one text, which is searched much faster than many.
#[derive(Default)]
pub(super) struct Searched {
    /// Behind each name and each key stands a NUL, which no text of a database has.
    text: String,
    /// The ends of the items in the text.
    ends: Vec<usize>,
}

impl Searched {
    /// Adds the next item. The memory that this takes, in bytes.
    pub(super) fn add(&mut self, name_and_key: [&str; 2]) -> usize {
        let before = self.text.len();
        for text in name_and_key {
            self.text.push_str(text);
            self.text.push('\0');
        }
        self.text[before..].make_ascii_lowercase();
        self.ends.push(self.text.len());
        self.text.len() - before + size_of::<usize>()
    }

    /// The indexes of the items that have the text, of the first `scanned`.
    pub(super) fn find(&self, text: &SearchText, scanned: usize) -> Vec<usize> {
        let text = text.as_str().to_ascii_lowercase();
        if text.contains('\0') {
            return Vec::new();
        }
        let (finder, ends) = (Finder::new(&text), &self.ends[..scanned]);
        let searched = &self.text.as_bytes()[..ends.last().copied().unwrap_or_default()];
        let (mut found, mut item, mut from) = (Vec::new(), 0, 0);
        while let Some(at) = finder.find(&searched[from..]) {
            while ends[item] <= from + at {
                item += 1;
            }
            found.push(item);
            from = ends[item];
        }
        found
    }
}
