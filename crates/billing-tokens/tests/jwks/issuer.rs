use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// An answer of the issuer, as it goes over the connection.
#[derive(Clone)]
pub(crate) enum Answer {
    Whole(Vec<u8>),
    /// Nothing, and the connection stays open.
    Nothing,
    /// The first bytes at once, and then a byte a second.
    Slow(Vec<u8>, Vec<u8>),
    /// The head, and then bytes without an end.
    Endless(Vec<u8>),
}

/// An issuer that answers over HTTP and counts the requests.
pub(crate) struct Issuer {
    pub url: String,
    answer: watch::Sender<Answer>,
    asked: Arc<watch::Sender<usize>>,
}

impl Issuer {
    pub(crate) async fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let (answer, answers) = watch::channel(answer);
        let asked = Arc::new(watch::Sender::new(0));
        let counter = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let (answer, counter) = (answers.borrow().clone(), Arc::clone(&counter));
                tokio::spawn(serve(connection, answer, counter));
            }
        });
        Self { url, answer, asked }
    }

    pub(crate) async fn publishing(keys: &[Value]) -> Self {
        Self::answering(key_set(keys)).await
    }

    pub(crate) fn answer(&self, answer: Answer) {
        self.answer.send_replace(answer);
    }

    pub(crate) fn publish(&self, keys: &[Value]) {
        self.answer(key_set(keys));
    }

    pub(crate) fn break_down(&self) {
        self.answer(response("500 Internal Server Error", "", b""));
    }

    pub(crate) fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    pub(crate) async fn is_asked(&self) {
        self.asked.subscribe().wait_for(|asked| *asked > 0).await.unwrap();
    }
}

async fn serve(mut connection: TcpStream, answer: Answer, asked: Arc<watch::Sender<usize>>) {
    // The head of a request for keys fits one read.
    let _ = connection.read(&mut [0; 4096]).await;
    asked.send_modify(|asked| *asked += 1);
    // The service may hang up at any time.
    let _ = match answer {
        Answer::Whole(bytes) => connection.write_all(&bytes).await,
        Answer::Nothing => std::future::pending().await,
        Answer::Slow(start, rest) => slowly(connection, &start, &rest).await,
        Answer::Endless(head) => without_end(connection, &head).await,
    };
}

async fn slowly(mut connection: TcpStream, start: &[u8], rest: &[u8]) -> std::io::Result<()> {
    connection.write_all(start).await?;
    let mut second = tokio::time::interval(Duration::from_secs(1));
    for byte in rest {
        second.tick().await;
        connection.write_all(&[*byte]).await?;
    }
    Ok(())
}

async fn without_end(mut connection: TcpStream, head: &[u8]) -> std::io::Result<()> {
    connection.write_all(head).await?;
    loop {
        connection.write_all(&[b' '; 4096]).await?;
    }
}

pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    Answer::Whole([head.as_bytes(), body].concat())
}

pub(crate) fn key_set(keys: &[Value]) -> Answer {
    response("200 OK", "", json!({ "keys": keys }).to_string().as_bytes())
}

/// An Ed25519 key pair that this byte decides.
pub(crate) fn key_pair(byte: u8) -> EncodingKey {
    // RFC 8410, section 7: the head of a private key in PKCS #8.
    let head = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    EncodingKey::from_ed_der(&[head.as_slice(), &[byte; 32]].concat())
}

pub(crate) fn published(byte: u8, id: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(&key_pair(byte), Algorithm::EdDSA).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    serde_json::to_value(jwk).unwrap()
}
