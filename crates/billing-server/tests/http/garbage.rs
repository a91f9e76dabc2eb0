use billing_testing::{Service, Suite, Tenant, TestDatabase, dashboard_operations};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::shop::Shop;
use crate::{APPS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("random_bodies_never_fail_the_server", random_bodies_never_fail_the_server)
        .on_every_database(
            "weird_paths_and_queries_never_fail_the_server",
            weird_paths_and_queries_never_fail_the_server,
        )
        .on_every_database(
            "cursors_of_no_list_never_fail_the_server",
            cursors_of_no_list_never_fail_the_server,
        )
        .on_sqlite("deep_and_large_bodies_never_fail_the_server", deep_and_large_bodies_never_fail_the_server)
}

/// The same numbers in each run (xorshift), so that what fails fails again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

async fn random_bodies_never_fail_the_server(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    let mut chance = Chance(0x5eed_0fba_5e00);
    for operation in dashboard_operations(&service) {
        let Some(valid) = &operation.body else { continue };
        let valid = valid.to_string().into_bytes();
        for round in 0..40 {
            let body: Vec<u8> = if round % 2 == 0 {
                (0..chance.below(200)).map(|_| chance.byte()).collect()
            } else {
                // A valid body with a few bytes changed gets further.
                let mut body = valid.clone();
                for _ in 0..=chance.below(3) {
                    let position = chance.below(body.len());
                    body[position] = chance.byte();
                }
                body
            };
            let request = service
                .request(operation.method.clone(), &operation.path(&ids))
                .bearer_auth(&token)
                .header("content-type", "application/json")
                .body(body.clone());
            let answer = service.send(request).await;
            let told = String::from_utf8_lossy(&body);
            assert!(!answer.status.is_server_error(), "{operation:?} {told:?}: {}", answer.text);
        }
    }
}

async fn deep_and_large_bodies_never_fail_the_server(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let deep = |open: &str, close: &str, times: usize| {
        format!("{{\"key\":\"a\",\"name\":\"a\",\"prices\":{}{}}}", open.repeat(times), close.repeat(times))
    };
    let bodies = [
        deep("[", "]", 30_000),
        deep("{\"a\":", "}", 9_000),
        format!("{{\"key\":\"a\",\"name\":\"a\",\"trialDays\":{}}}", "9".repeat(60_000)),
        format!("{{\"key\":\"a\",\"name\":\"{}\"}}", "\\ud83d".repeat(10_000)),
        format!(
            "{{\"key\":\"a\",\"name\":\"a\",\"prices\":[{}]}}",
            vec![crate::shop::usd(7).to_string(); 900].join(",")
        ),
        format!("{{{}}}", vec!["\"name\":\"a\""; 6_000].join(",")),
        r#"{"key":"a","name":"a","trialDays":1e400}"#.to_owned(),
        r#"{"key":"a","name":"a","trialDays":-0}"#.to_owned(),
    ];
    for body in bodies {
        let shown: String = body.chars().take(60).collect();
        let request = shop.service.request(Method::POST, &shop.at("/plans")).bearer_auth(&shop.owner);
        let request = request.header("content-type", "application/json").body(body);
        let answer = shop.service.send(request).await;
        assert!(answer.status.is_client_error() || shown.contains("-0"), "{shown}: {}", answer.text);
    }
}

async fn weird_paths_and_queries_never_fail_the_server(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    let long = "a".repeat(5_000);
    let weird = [
        "%",
        "%%",
        "%zz",
        "%0",
        "%00",
        "a%00b",
        "%ff",
        "%c0%ae",
        "%e2%82",
        "%2f",
        "%2F..%2F",
        "..",
        ".",
        "...",
        "%2e%2e",
        "%252e",
        "%20",
        "+",
        "~",
        "'",
        "\"",
        "%27%20OR%201=1--",
        ";drop",
        "*",
        "$%7b7*7%7d",
        "<script>",
        "\u{e9}",
        "\u{202e}",
        "\u{0}",
        "\\",
        "|",
        "-",
        "_",
        "0",
        "null",
        long.as_str(),
    ];
    let ask = async |method: &Method, target: &str| raw(&service, &token, method, target).await;
    for operation in dashboard_operations(&service) {
        for name in operation.names() {
            for weird in weird {
                let path = operation.path(&ids.with(&name, weird));
                let answer = ask(&operation.method, &path).await;
                assert!((400..500).contains(&answer), "{} {weird:?}: {answer}", operation.template);
            }
        }
        for weird in weird.iter().filter(|_| operation.reads()) {
            let parameters = operation.query_parameters().map(|parameter| format!("{parameter}={weird}"));
            for query in parameters.chain([(*weird).to_owned(), format!("&=&{weird}&")]) {
                let answer = ask(&Method::GET, &format!("{}?{query}", operation.path(&ids))).await;
                assert!((200..500).contains(&answer), "{}?{query:?}: {answer}", operation.template);
            }
        }
    }
}

/// Positions that no list has ever had, in the form of those it gives.
async fn cursors_of_no_list_never_fail_the_server(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for micros in [
        "-1",
        "0",
        "9223372036854775807",
        "-9223372036854775808",
        "8000000000000000000",
        "253402300800000000",
        "-62135596800000001",
        "-210866803200000001",
        "-8000000000000000000",
        "9224318016000000000",
    ] {
        let path = format!("{APPS}?cursor={micros}.app_demo");
        let answer = shop.service.get(&path, &shop.owner).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.text);
    }
    for (list, prefix) in [("/plans", "plan"), ("/features", "feature")] {
        for digits in ["00000000000000000000000000", "7zzzzzzzzzzzzzzzzzzzzzzzzz"] {
            let answer = shop.get(&format!("{list}?cursor={prefix}_{digits}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
}

/// The status of a request that no HTTP library would send.
async fn raw(service: &Service, token: &str, method: &Method, target: &str) -> u16 {
    let mut connection = TcpStream::connect(service.address()).await.unwrap();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: billing\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    let line = String::from_utf8_lossy(&answer).into_owned();
    let status =
        line.split(' ').nth(1).unwrap_or_else(|| panic!("{method} {target:?} was not answered: {line:?}"));
    status.parse().unwrap()
}
