use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use tracing::{Instrument, Span};

use super::SalesExport;

/// The number of times that a part is read again.
const REPEATS: u32 = 5;
/// The pause before the first of them; doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A part of an export, and the export from there on.
type Read = (Vec<u8>, Option<SalesExport>);

impl SalesExport {
    /// The parts of the export. `read` reads one, when the one before was taken; the first is read before there are parts, so
    /// that a refusal is one. A further part whose error `passes` is read up to five times again, in the span of the caller.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn parts<E, Reading>(
        self,
        read: impl Fn(Self) -> Reading + Clone,
        passes: fn(&E) -> bool,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, E>>, E>
    where
        Reading: Future<Output = Result<Read, E>>,
    {
        let (first, rest) = read(self).await?;
        let span = Span::current();
        let rest = stream::try_unfold(rest, move |rest| {
            let read = read.clone();
            let reading = async move {
                let Some(export) = rest else { return Ok(None) };
                read_again(export, read, passes).await.map(Some)
            };
            reading.instrument(span.clone())
        });
        Ok(stream::once(async move { Ok(first) }).chain(rest))
    }
}

async fn read_again<E, Reading>(
    export: SalesExport,
    read: impl Fn(SalesExport) -> Reading,
    passes: fn(&E) -> bool,
) -> Result<Read, E>
where
    Reading: Future<Output = Result<Read, E>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 0..REPEATS {
        match read(export.clone()).await {
            Err(error) if passes(&error) => {}
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    read(export).await
}
