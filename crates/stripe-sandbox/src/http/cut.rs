//! Answers that never come, or break off.

use std::{
    io::{Error, ErrorKind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::{BodySize, MessageBody},
    web::Bytes,
};
use tokio::time::Sleep;

/// So that what was said before the break is on its way: the server drops what it has not written yet.
const BEFORE_THE_BREAK: Duration = Duration::from_millis(50);

/// Holds the connection, and then closes it without an answer.
pub async fn silence(hold_ms: u64) -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(hold_ms)).await;
    HttpResponse::Ok().body(Cut { first: None, length: 1, wait: None })
}

/// All of the headers, half of the body, and then nothing.
pub fn torn(head: &mut HttpResponseBuilder, body: &[u8]) -> HttpResponse {
    let first = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let wait = Some(Box::pin(tokio::time::sleep(BEFORE_THE_BREAK)));
    head.content_type("application/json").body(Cut { first: Some(first), length: body.len() as u64, wait })
}

/// A body that says how long it is, and breaks before.
struct Cut {
    first: Option<Bytes>,
    length: u64,
    wait: Option<Pin<Box<Sleep>>>,
}

impl MessageBody for Cut {
    type Error = Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        if let Some(wait) = &mut self.wait
            && wait.as_mut().poll(context).is_pending()
        {
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Error::from(ErrorKind::ConnectionReset))))
    }
}
