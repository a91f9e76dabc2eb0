use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// What actix keeps of the answers that a client does not take, in bytes.
pub(crate) const WRITE_BUFFER: usize = 8 * 1024;

/// The body in slices, if it is large. actix copies each piece of a body before it sends it, so a client that does not
/// read would hold a copy of the whole.
pub(crate) fn in_slices(body: BoxBody) -> BoxBody {
    match body.try_into_bytes() {
        Ok(bytes) if bytes.len() > WRITE_BUFFER => BoxBody::new(Slices(bytes)),
        Ok(bytes) => BoxBody::new(bytes),
        Err(body) => BoxBody::new(SlicedStream { body, piece: Bytes::new() }),
    }
}

/// A body that comes in pieces, each in slices.
struct SlicedStream {
    body: BoxBody,
    /// What is left of the last piece.
    piece: Bytes,
}

impl MessageBody for SlicedStream {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        while self.piece.is_empty() {
            match ready!(self.body.as_pin_mut().poll_next(context)) {
                Some(Ok(piece)) => self.piece = piece,
                end => return Poll::Ready(end),
            }
        }
        let length = self.piece.len().min(WRITE_BUFFER);
        Poll::Ready(Some(Ok(self.piece.split_to(length))))
    }
}

struct Slices(Bytes);

impl MessageBody for Slices {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let length = self.0.len().min(WRITE_BUFFER);
        Poll::Ready((length > 0).then(|| Ok(self.0.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use actix_web::body::BodyStream;
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_stream_comes_in_slices_and_ends_with_its_error() {
        let pieces = [Ok(Bytes::new()), Ok(Bytes::from(vec![7; 20 * 1024])), Err("broken")];
        let mut body = in_slices(BoxBody::new(BodyStream::new(stream::iter(pieces))));
        let mut lengths = Vec::new();
        let error = loop {
            match poll_fn(|context| body.as_pin_mut().poll_next(context)).await {
                Some(Ok(piece)) => lengths.push(piece.len()),
                Some(Err(error)) => break error,
                None => panic!("the error was lost"),
            }
        };
        assert_eq!(lengths, [WRITE_BUFFER, WRITE_BUFFER, 20 * 1024 - 2 * WRITE_BUFFER]);
        assert_eq!(error.to_string(), "broken");
    }
}
