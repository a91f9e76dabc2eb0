use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use billing_http::Metrics;

use super::escape::escaped_json;
use crate::settings::LogFormat;

/// The maximum of bytes that wait to be written.
pub(super) const MAX_QUEUED: usize = 4 * 1024 * 1024;
/// The time limit for writing what is queued at the end of the process.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Lines of the log on their way out, which a thread of its own writes. Logging never fails and never waits: a line that
/// cannot be queued or written is counted as lost.
#[derive(Clone)]
pub(crate) struct LogLines {
    queue: Sender<Entry>,
    queued: Arc<AtomicUsize>,
    count_lost: Arc<dyn Fn() + Send + Sync>,
}

enum Entry {
    Line(Vec<u8>),
    Flush(Sender<()>),
}

impl LogLines {
    /// Lines to standard error.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn to_standard_error(metrics: Metrics) -> io::Result<Self> {
        Self::to(io::stderr(), move || metrics.count_lost_log_line())
    }

    pub(super) fn to(
        output: impl Write + Send + 'static,
        count_lost: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (queue, entries) = mpsc::channel();
        let lines = Self { queue, queued: Arc::default(), count_lost: Arc::new(count_lost) };
        let (queued, count_lost) = (Arc::clone(&lines.queued), Arc::clone(&lines.count_lost));
        let write = move || write(output, &entries, &queued, &*count_lost);
        thread::Builder::new().name("log".to_owned()).spawn(write)?;
        Ok(lines)
    }

    pub(crate) fn push(&self, line: Vec<u8>) {
        let size = line.len();
        let was_queued = self.queued.fetch_add(size, Ordering::Relaxed);
        if was_queued.saturating_add(size) > MAX_QUEUED || self.queue.send(Entry::Line(line)).is_err() {
            self.queued.fetch_sub(size, Ordering::Relaxed);
            (self.count_lost)();
        }
    }

    /// Waits until the lines so far are written, for a second at most.
    pub(crate) fn flush(&self) {
        let (done, written) = mpsc::channel();
        if self.queue.send(Entry::Flush(done)).is_ok() {
            // Too late or not: there is nobody to tell.
            let _ = written.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

fn write(mut output: impl Write, entries: &Receiver<Entry>, queued: &AtomicUsize, count_lost: &dyn Fn()) {
    for entry in entries {
        match entry {
            Entry::Line(line) => {
                if output.write_all(&line).is_err() {
                    count_lost();
                }
                queued.fetch_sub(line.len(), Ordering::Relaxed);
            }
            // The caller may have stopped waiting.
            Entry::Flush(done) => drop(done.send(())),
        }
    }
}

/// The formatter's way to the queue: it writes each line at once.
pub(super) struct Formatted {
    pub lines: LogLines,
    pub format: LogFormat,
}

impl Write for &Formatted {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.push(match self.format {
            LogFormat::Text => line.to_vec(),
            LogFormat::Json => escaped_json(line),
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
