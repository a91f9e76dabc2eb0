use billing_domain::Payer;
use billing_domain::ports::{Edge, Part, PayerSearch, StoreError};

/// The number of rows that are read at once.
pub(super) const ROWS: u32 = 400;

/// The rows of an export that are not read yet.
#[derive(Debug, Clone)]
pub(super) struct Rest<F, K> {
    /// Without its payers.
    pub(super) filter: F,
    payers: Payers,
    from: Edge<K>,
}

#[derive(Debug, Clone)]
enum Payers {
    /// The store finds them.
    Found(Option<PayerSearch>),
    /// Each row is looked at for the beginning of an id: the store looks no further than at the newest.
    Begin(String),
}

/// How a row is told from others.
pub(super) struct Told<T, K> {
    pub(super) key: fn(&T) -> K,
    pub(super) payer: fn(&T) -> &Payer,
}

impl<F, K: Copy> Rest<F, K> {
    pub(super) fn all(filter: F, payers: Option<PayerSearch>) -> Self {
        Self { filter, payers: Payers::Found(payers), from: Edge::Newest }
    }

    /// The next rows, and the rest behind them. There is at least one, unless there is none at all or `is_late`. `read` reads
    /// a part of the list of these payers.
    pub(super) async fn next<T, Reading>(
        mut self,
        told: &Told<T, K>,
        is_late: impl Fn() -> bool,
        read: impl Fn(Option<PayerSearch>, Edge<K>) -> Reading,
    ) -> Result<(Vec<T>, Option<Self>), StoreError>
    where
        Reading: Future<Output = Result<Part<T>, StoreError>>,
    {
        loop {
            let payers = match &self.payers {
                Payers::Found(payers) => payers.clone(),
                Payers::Begin(_) => None,
            };
            let mut part = read(payers, self.from).await?;
            if part.is_cut
                && let Payers::Found(Some(PayerSearch::Begins(text))) = &self.payers
            {
                // From here on, so that the list is not read in vain again.
                self.payers = Payers::Begin(text.clone());
                continue;
            }
            let is_full = part.items.len() >= ROWS as usize;
            let last = part.items.last().filter(|_| is_full).map(told.key);
            if let Payers::Begin(text) = &self.payers {
                part.items.retain(|row| (told.payer)(row).id().starts_with(text.as_str()));
            }
            let Some(last) = last else { return Ok((part.items, None)) };
            self.from = Edge::OlderThan(last);
            if !part.items.is_empty() || is_late() {
                return Ok((part.items, Some(self)));
            }
        }
    }
}
