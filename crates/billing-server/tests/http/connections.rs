//! Clients that make no progress, and requests that are not HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use billing_testing::{Answer, Service, Suite, TestDatabase};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

use crate::service;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "clients_that_read_nothing_are_cut_off_in_30_seconds",
            clients_that_read_nothing_are_cut_off,
        )
        .on_sqlite("heads_that_do_not_come_are_refused_in_30_seconds", heads_that_do_not_come_are_refused)
        .on_sqlite("clients_that_read_nothing_hold_no_copy_of_a_file", clients_that_read_nothing_hold_no_copy)
        .on_sqlite(
            "requests_that_are_not_http_are_refused_like_others",
            requests_that_are_not_http_are_refused,
        )
}

const PROMISED: Duration = Duration::from_secs(30);

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: billing\r\n\r\n")
}

/// A client that has room for little, so that what it does not read stays in the service.
async fn client(service: &Service) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(service.address().parse().unwrap()).await.unwrap()
}

async fn says(service: &Service, text: &str) -> TcpStream {
    let mut client = client(service).await;
    // The service may stop reading before it has all.
    let _ = timeout(Duration::from_secs(1), client.write_all(text.as_bytes())).await;
    client
}

/// The statuses and bodies of all answers up to the end of the connection.
async fn answers(mut client: TcpStream) -> Vec<(u16, Value)> {
    let mut text = Vec::new();
    client.read_to_end(&mut text).await.unwrap();
    let text = String::from_utf8(text).unwrap();
    let answer = |part: &str| {
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').next().unwrap().parse().unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        assert!(status < 400 || body["requestId"] == id.unwrap(), "{text}");
        assert!(head.contains("date: ") && head.contains("x-content-type-options: nosniff"), "{text}");
        (status, body)
    };
    text.split("HTTP/1.1 ").skip(1).map(answer).collect()
}

/// Whether the kernel has the service's end of a connection to this client and something to send on it.
fn is_served(service: &Service, client: SocketAddr) -> bool {
    const ESTABLISHED: &str = "01";
    const CLOSED_WITH_MORE_TO_SEND: &str = "04";
    let here: SocketAddr = service.address().parse().unwrap();
    let ends = [here, client].map(|end| format!("0100007F:{:04X}", end.port()));
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    sockets.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[1..3] == ends && [ESTABLISHED, CLOSED_WITH_MORE_TO_SEND].contains(&fields[3])
    })
}

async fn cut_off(service: &Service, kind: &str, client: &TcpStream) {
    let client = client.local_addr().unwrap();
    let mut looks = interval(Duration::from_millis(100));
    let end = async {
        while is_served(service, client) {
            looks.tick().await;
        }
    };
    assert!(timeout(PROMISED, end).await.is_ok(), "{kind}: served after {PROMISED:?}");
}

async fn clients_that_read_nothing_are_cut_off(database: TestDatabase) {
    let service = &service(&database).await;
    let kinds = [
        ("a page", get("/docs/api/")),
        ("many pages", get("/docs/api/").repeat(40)),
        ("the document", get("/openapi.json").repeat(40)),
        ("an answer that waits in the kernel alone", get("/docs/enable-billing")),
        ("many small answers", get("/healthz").repeat(20_000)),
        ("not HTTP, behind documents", get("/openapi.json").repeat(40) + "\0"),
    ];
    join_all(kinds.map(|(kind, request)| async move {
        let client = says(service, &request).await;
        assert!(is_served(service, client.local_addr().unwrap()), "{kind}");
        cut_off(service, kind, &client).await;
    }))
    .await;
    let others = service.send(service.request(Method::GET, "/healthz")).await;
    assert_eq!(others.status, 200);
}

async fn heads_that_do_not_come_are_refused(database: TestDatabase) {
    let service = &service(&database).await;
    let chunked = "GET /healthz HTTP/1.1\r\nhost: billing\r\ntransfer-encoding: chunked\r\n\r\n1\r\n";
    let kinds: [(&str, &str, &[u16]); 3] = [
        ("GET / HTTP/1.1\r\nhost: b", "", &[408]),
        (&get("/healthz"), "GET / HT", &[200, 408]),
        // The rest of a body that nobody reads.
        (chunked, "a", &[200]),
    ];
    join_all(kinds.map(|(at_once, later, statuses)| async move {
        let mut client = says(service, at_once).await;
        if !later.is_empty() {
            client.readable().await.unwrap();
            client.write_all(later.as_bytes()).await.unwrap();
        }
        let answers = timeout(PROMISED, answers(client)).await.unwrap_or_else(|_| panic!("{at_once}"));
        assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), statuses, "{at_once}");
        for (_, refusal) in answers.iter().filter(|(status, _)| *status == 408) {
            assert_eq!(refusal["error"], "request_timeout");
        }
    }))
    .await;
}

async fn clients_that_read_nothing_hold_no_copy(database: TestDatabase) {
    const CLIENTS: usize = 60;
    let service = &service(&database).await;
    let path = "/openapi.json";
    service.send(service.request(Method::GET, path)).await;
    let before = service.resident_bytes();

    let requests = &get(path).repeat(4);
    let clients = join_all((0..CLIENTS).map(|_| says(service, requests))).await;
    join_all(clients.iter().map(TcpStream::readable)).await;

    let each = service.resident_bytes().saturating_sub(before) / CLIENTS;
    assert!(each < 100_000, "each of {CLIENTS} clients holds {each} bytes");
}

async fn requests_that_are_not_http_are_refused(database: TestDatabase) {
    let service = service(&database).await;
    let post = "POST /sign-in HTTP/1.1\r\nhost: billing\r\n";
    let many = "x: y\r\n".repeat(110);
    for (request, status, code) in [
        (format!("{post}content-length: 2\r\ncontent-length: 3\r\n\r\nabc"), 400, "invalid_request"),
        (format!("{post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n"), 400, "invalid_request"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, "invalid_request"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 400, "invalid_request"),
        ("\u{16}\u{3}\u{1}".to_owned(), 400, "invalid_request"),
        (format!("{post}{many}\r\n"), 431, "request_head_too_large"),
        (get(&format!("/{}", "a".repeat(70_000))), 431, "request_head_too_large"),
        (format!("{post}x: {}", "y".repeat(300_000)), 431, "request_head_too_large"),
    ] {
        let told: String = request.chars().take(60).collect();
        let alone = answers(says(&service, &request).await).await;
        let behind = answers(says(&service, &(get("/healthz") + &request)).await).await;
        assert_eq!((alone.len(), behind.len(), behind[0].0), (1, 2, 200), "{told}");
        for refusal in [&alone[0], &behind[1]] {
            assert_eq!((refusal.0, &refusal.1["error"]), (status, &code.into()), "{told}");
        }
    }
    let metrics: Answer = service.send(service.request(Method::GET, "/metrics")).await;
    for (status, count) in [(400, 10), (431, 6)] {
        let labels = format!(r#"method="OTHER",route="unmatched",status="{status}""#);
        let line = format!("billing_http_request_duration_seconds_count{{{labels}}} {count}\n");
        assert!(metrics.text.contains(&line), "{line}{}", metrics.text);
    }
}
