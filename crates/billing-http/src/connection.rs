//! A client's connection below HTTP: how long it may stay without progress, how far it is read ahead, and the answer
//! to what cannot be read as HTTP.
//!
//! actix has no limits of its own for most of this: its timer of the head is for the first request only, it reads 128
//! KiB of further requests while an answer waits for its reader, and its refusals of malformed requests are bare heads
//! that no middleware sees.

mod activity;
mod bare_refusal;

use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

pub(crate) use activity::Activity;
use bare_refusal::BareRefusal;

/// How long a connection may do nothing while no request is with its handler: neither take a byte of an answer nor
/// complete a request's head.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long the client may take to read a refusal and close.
const FAREWELL: Duration = Duration::from_secs(1);

/// As many bytes are read before what they say is handled. Most requests have less.
const READ_AT_ONCE: usize = 2048;

/// Makes the whole answer of this status with these header lines of actix's own, such as `date`.
pub(crate) type Refuse = dyn Fn(StatusCode, &str) -> Bytes;

/// A client's connection. Of an answer it takes as much as the client reads; requests are read one at a time.
pub(crate) struct Connection<Io> {
    io: Io,
    activity: Rc<Activity>,
    deadline: Pin<Box<Sleep>>,
    is_overdue: bool,
    /// The refusal that ends the connection.
    ended_with: Option<StatusCode>,
    /// Whether the client has to take what was written before it is heard again.
    is_full: bool,
    has_more_to_read: bool,
    refuse: Rc<Refuse>,
    refusal: Option<Refusal>,
}

struct Refusal {
    answer: Bytes,
    /// Set when the answer is written.
    farewell: Option<Pin<Box<Sleep>>>,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Connection<Io> {
    pub(crate) fn new(io: Io, refuse: Rc<Refuse>) -> Self {
        Self {
            io,
            activity: Rc::new(Activity::new()),
            deadline: Box::pin(sleep(PATIENCE)),
            is_overdue: false,
            ended_with: None,
            is_full: false,
            has_more_to_read: false,
            refuse,
            refusal: None,
        }
    }

    pub(crate) fn activity(&self) -> Rc<Activity> {
        Rc::clone(&self.activity)
    }

    /// Ready when the connection has been without progress for too long.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.is_overdue {
            ready!(self.deadline.as_mut().poll(cx));
            let due = self.activity.idle_since() + PATIENCE;
            self.is_overdue = due <= Instant::now();
            self.deadline.as_mut().reset(due);
        }
        Poll::Ready(())
    }

    fn poll_end_when_overdue(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_overdue(cx));
        self.end_with(StatusCode::REQUEST_TIMEOUT, buffer);
        Poll::Ready(Ok(()))
    }

    /// Ends the connection. A head may contain no NUL: actix refuses what has come so far, and its refusal becomes this
    /// one. Within the rest of a body it closes.
    fn end_with(&mut self, status: StatusCode, buffer: &mut ReadBuf<'_>) {
        self.ended_with = Some(status);
        buffer.put_slice(b"\0");
    }

    /// Writes our refusal instead of actix's, and lets the client read it: closing while it still sends would reset the
    /// connection, and what it has not read yet would be lost.
    fn poll_refusal(&mut self, cx: &mut Context<'_>, of_actix: &BareRefusal<'_>) -> Poll<io::Result<()>> {
        let status = self.ended_with.unwrap_or(of_actix.status);
        let refusal = self.refusal.get_or_insert_with(|| Refusal {
            answer: (self.refuse)(status, of_actix.headers),
            farewell: None,
        });
        while !refusal.answer.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &refusal.answer))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            refusal.answer.advance(written);
        }
        ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
        let farewell = refusal.farewell.get_or_insert_with(|| Box::pin(sleep(FAREWELL)));
        let mut ignored = [MaybeUninit::uninit(); READ_AT_ONCE];
        while farewell.as_mut().poll(cx).is_pending() {
            let mut ignored = ReadBuf::uninit(&mut ignored);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut ignored))?;
            if ignored.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ended_with.is_some() {
            return Poll::Ready(Ok(()));
        }
        // Further requests wait in the client until it has taken the answers to these.
        if this.is_full || this.activity.is_with_handler_alone() {
            this.activity.wake_on_progress(cx.waker());
            return Poll::Pending;
        }
        if std::mem::take(&mut this.has_more_to_read) {
            cx.waker().wake_by_ref();
            return this.poll_end_when_overdue(cx, buffer);
        }
        let mut part = [MaybeUninit::uninit(); READ_AT_ONCE];
        let mut part = ReadBuf::uninit(&mut part[..buffer.remaining().min(READ_AT_ONCE)]);
        if Pin::new(&mut this.io).poll_read(cx, &mut part)?.is_pending() {
            return this.poll_end_when_overdue(cx, buffer);
        }
        this.has_more_to_read = part.remaining() == 0;
        if let Err(status) = this.activity.read(part.filled().len()) {
            this.end_with(status, buffer);
            return Poll::Ready(Ok(()));
        }
        buffer.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<Io> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let refusal = BareRefusal::at_the_end_of(buffer);
        let before = refusal.as_ref().map_or(buffer.len(), |refusal| refusal.begins_at);
        let written = match refusal {
            Some(refusal) if before == 0 => this.poll_refusal(cx, &refusal).map_ok(|()| buffer.len()),
            _ => Pin::new(&mut this.io).poll_write(cx, &buffer[..before]),
        };
        this.is_full = written.is_pending();
        match written {
            Poll::Pending => this.poll_overdue(cx).map(|()| Err(ErrorKind::TimedOut.into())),
            Poll::Ready(written) => {
                this.activity.progress();
                Poll::Ready(written)
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
