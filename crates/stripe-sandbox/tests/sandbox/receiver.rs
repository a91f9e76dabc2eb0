//! A webhook receiver: it keeps what it is sent, and answers what the test wants.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
};

/// Longer than the sandbox waits between the third attempt and the fourth.
const DEADLINE: Duration = Duration::from_mins(1);

#[derive(Clone, Debug)]
pub struct Delivery {
    pub headers: HashMap<String, String>,
    pub body: String,
    pub at: Instant,
}

impl Delivery {
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn id(&self) -> String {
        self.event()["id"].as_str().unwrap().to_owned()
    }

    pub fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }
}

pub struct Receiver {
    url: String,
    deliveries: watch::Receiver<Vec<Delivery>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn on(listener: TcpListener) -> Self {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (record, deliveries) = watch::channel(Vec::new());
        let answers = Arc::<Mutex<VecDeque<u16>>>::default();
        let coming = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (record, coming) = (record.clone(), Arc::clone(&coming));
                tokio::spawn(async move { receive(stream, &record, &coming).await });
            }
        });
        Self { url, deliveries, answers }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The statuses of the next answers; after them it answers 200.
    pub fn answers(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub fn so_far(&self) -> Vec<Delivery> {
        self.deliveries.borrow().clone()
    }

    /// Waits until enough has come, and returns all of it.
    pub async fn wait_until(&self, enough: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        let mut deliveries = self.deliveries.clone();
        let found = tokio::time::timeout(DEADLINE, deliveries.wait_for(|found| enough(found))).await;
        match found {
            Ok(found) => found.unwrap().clone(),
            Err(elapsed) => panic!("not enough was delivered ({elapsed}): {:#?}", self.so_far()),
        }
    }

    pub async fn wait_for(&self, count: usize) -> Vec<Delivery> {
        self.wait_until(|deliveries| deliveries.len() >= count).await
    }

    pub async fn wait_for_kind(&self, kind: &str) -> Delivery {
        let deliveries = self.wait_until(|deliveries| deliveries.iter().any(|it| it.kind() == kind)).await;
        deliveries.into_iter().find(|delivery| delivery.kind() == kind).unwrap()
    }
}

/// An address at which nobody listens, and nobody else will: connections to it are refused until it is opened.
pub struct Closed(TcpSocket);

impl Closed {
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.0.local_addr().unwrap())
    }

    pub fn open(self) -> Receiver {
        Receiver::on(self.0.listen(128).unwrap())
    }
}

async fn receive(
    mut stream: TcpStream,
    record: &watch::Sender<Vec<Delivery>>,
    answers: &Mutex<VecDeque<u16>>,
) {
    let Some((headers, body)) = read_request(&mut stream).await else { return };
    let status = answers.lock().unwrap().pop_front().unwrap_or(200);
    let location = if (300..400).contains(&status) { "location: /elsewhere\r\n" } else { "" };
    let answer =
        format!("HTTP/1.1 {status} Answer\r\n{location}content-length: 0\r\nconnection: close\r\n\r\n");
    record.send_modify(|deliveries| deliveries.push(Delivery { headers, body, at: Instant::now() }));
    // A sender that has gone away is no concern of the test.
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read_request(stream: &mut TcpStream) -> Option<(HashMap<String, String>, String)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = parse(&bytes) {
            return Some(request);
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(HashMap<String, String>, String)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let headers: HashMap<_, _> = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse::<usize>().unwrap());
    let body = bytes.get(end + 4..end + 4 + length)?;
    Some((headers, String::from_utf8(body.to_vec()).ok()?))
}
