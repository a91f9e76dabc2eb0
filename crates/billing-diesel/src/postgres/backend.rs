use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// Whether the process that answers is the one that the connection was made to. Otherwise a pooler is in between, and
/// may answer each transaction with another process: it announces a process id of its own, because the announced one is
/// for cancelling, and the pooler itself must find whom to cancel.
pub(super) async fn is_direct(client: &Client) -> Result<bool, Error> {
    let announced = announced_process(client).await?;
    let answer = client.simple_query("SELECT pg_backend_pid()").await?;
    let answering = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse::<i32>().ok(),
        _ => None,
    });
    Ok(answering.is_some_and(|answering| announced == Some(answering)))
}

/// The process id that the server announced when the connection was made. The driver shows it to nobody but the server
/// that it asks to cancel, so it is asked to cancel here.
async fn announced_process(client: &Client) -> Result<Option<i32>, Error> {
    let mut told = Told::default();
    client.cancel_token().cancel_query_raw(&mut told, AsIs).await?;
    Ok(told.process())
}

/// Stands for a server, and keeps what it is told.
#[derive(Default)]
struct Told(Vec<u8>);

impl Told {
    /// A cancel request ends the conversation: its length, its code, the process and the key, of four bytes each.
    fn process(&self) -> Option<i32> {
        let request = self.0.last_chunk::<16>()?;
        let process = request.strip_prefix(&[0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e])?;
        process.first_chunk().copied().map(i32::from_be_bytes)
    }
}

impl AsyncRead for Told {
    /// Agrees to encryption, the only thing that is asked for.
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        out.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Told {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for &mut Told {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Encrypts nothing: nothing leaves the process.
struct AsIs;

impl<'a> TlsConnect<&'a mut Told> for AsIs {
    type Stream = &'a mut Told;
    type Error = Infallible;
    type Future = Ready<Result<&'a mut Told, Infallible>>;

    fn connect(self, stream: &'a mut Told) -> Self::Future {
        ready(Ok(stream))
    }
}
