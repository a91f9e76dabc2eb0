use std::cell::Cell;
use std::rc::Rc;
use std::task::Waker;

use actix_web::http::StatusCode;
use tokio::time::Instant;

/// The largest head. actix would keep 128 KiB of one.
const HEAD_AT_MOST: usize = 32 * 1024;

/// Whether a request of the connection is with its handler. Shared with the middleware through the connection's data.
pub(crate) struct Activity {
    state: Cell<State>,
    last: Cell<Instant>,
    /// The bytes that were read since a request came to its handler.
    unclaimed: Cell<usize>,
    /// The reader that was held back.
    waiting: Cell<Option<Waker>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    WithHandler {
        has_body: bool,
    },
    /// A head is to come. If the last request had a body, the rest of the body may come first.
    Between {
        had_body: bool,
    },
}

/// A request that is with its handler, until this is dropped.
pub(crate) struct InHandler {
    activity: Rc<Activity>,
    has_body: bool,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            state: Cell::new(State::Between { had_body: false }),
            last: Cell::new(Instant::now()),
            unclaimed: Cell::new(0),
            waiting: Cell::new(None),
        }
    }

    pub(crate) fn handle(self: &Rc<Self>, has_body: bool) -> InHandler {
        self.state.set(State::WithHandler { has_body });
        self.unclaimed.set(0);
        InHandler { activity: Rc::clone(self), has_body }
    }

    /// Takes note of bytes that were read. Fails if they belong to a head that is too large.
    pub(super) fn read(&self, length: usize) -> Result<(), StatusCode> {
        self.unclaimed.set(self.unclaimed.get() + length);
        let is_head = self.state.get() == State::Between { had_body: false };
        if is_head && self.unclaimed.get() > HEAD_AT_MOST {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        Ok(())
    }

    /// The time since which the client is to blame if nothing happens.
    pub(super) fn idle_since(&self) -> Instant {
        match self.state.get() {
            State::WithHandler { .. } => Instant::now(),
            State::Between { .. } => self.last.get(),
        }
    }

    /// Whether there is nothing to read for the handler at work.
    pub(super) fn is_with_handler_alone(&self) -> bool {
        self.state.get() == State::WithHandler { has_body: false }
    }

    pub(super) fn wake_on_progress(&self, reader: &Waker) {
        self.waiting.set(Some(reader.clone()));
    }

    pub(super) fn progress(&self) {
        self.last.set(Instant::now());
        if let Some(reader) = self.waiting.take() {
            reader.wake();
        }
    }
}

impl Drop for InHandler {
    fn drop(&mut self) {
        self.activity.state.set(State::Between { had_body: self.has_body });
        self.activity.progress();
    }
}
