//! Paths, methods and headers of all kinds, written to the socket as they are.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use proptest::{collection::vec, prelude::*};

use super::{Target, cases};

/// The status of the answer; `None` when the connection ends without one.
fn exchange(target: &Target, request: &[u8]) -> Option<u16> {
    let address = target.sandbox.as_ref().unwrap().url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may refuse, and hang up, before it has read everything.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    while answer.len() < 12 {
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&some[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("no answer to {request:?}")
            }
            Err(_) => break,
        }
    }
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

fn well_formed(method: &str, target: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let headers =
        headers.iter().fold(String::new(), |text, (name, value)| text + &format!("{name}: {value}\r\n"));
    format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn key() -> (String, String) {
    ("authorization".to_owned(), "Bearer sk_test_tests".to_owned())
}

fn method() -> impl Strategy<Value = String> {
    let usual = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "get"];
    prop_oneof![3 => proptest::sample::select(usual.to_vec()).prop_map(str::to_owned), 1 => "[A-Z]{1,12}"]
}

/// Anything that may stand in a request's first line.
fn address() -> impl Strategy<Value = String> {
    let roots = [
        "/v1/",
        "/v1/customers/",
        "/v1/subscriptions/",
        "/v1/invoices/",
        "/_sandbox/",
        "/",
        "/v1/customers?",
    ];
    let rest = prop_oneof![
        "[!-~]{0,40}",
        "(%[0-9a-fA-F]{2}|/|\\.\\.|[a-z_]|%){0,30}",
        "(cus|sub|in|price)_[A-Za-z0-9]{0,20}(/[a-z_]{0,12}){0,3}",
        "([a-z_]{1,8}(\\[[a-z0-9]{0,3}\\]){0,2}=[!-~]{0,10}&){0,5}",
    ];
    (proptest::sample::select(roots.to_vec()), rest).prop_map(|(root, rest)| format!("{root}{rest}"))
}

fn header() -> impl Strategy<Value = (String, String)> {
    let names = [
        "authorization",
        "stripe-account",
        "stripe-version",
        "idempotency-key",
        "content-type",
        "x-other",
        "accept",
        "expect",
        "range",
    ];
    let name = prop_oneof![4 => proptest::sample::select(names.to_vec()).prop_map(str::to_owned), 1 => "[A-Za-z-]{1,20}"];
    let value =
        prop_oneof!["[ -~]{0,60}", "(Bearer|Basic) [ -~]{0,40}", "[\u{80}-\u{ff}]{0,10}", "k{250,260}"];
    // A second length or encoding of the body would make it another request.
    let harmless = |name: &String| {
        !["content-length", "transfer-encoding", "connection", "host", "upgrade"]
            .contains(&name.to_lowercase().as_str())
    };
    (name.prop_filter("framing", harmless), value)
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn any_method_address_and_headers_have_an_answer(
        requests in vec((method(), address(), vec(header(), 0..4), any::<bool>(), "[ -~]{0,60}"), 30)
    ) {
        let target = Target::new();
        for (method, address, headers, has_key, body) in &requests {
            let headers: Vec<_> = has_key.then(key).into_iter().chain(headers.iter().cloned()).collect();
            let request = well_formed(method, address, &headers, body);
            let status = exchange(&target, &request);
            let shown = String::from_utf8_lossy(&request).into_owned();
            prop_assert!(status.is_some_and(|status| status < 500), "{:?} to {}", status, shown);
        }
        target.assert_well();
    }

    #[test]
    fn bytes_that_are_no_http_break_nothing(requests in vec(vec(any::<u8>(), 0..200), 20)) {
        let target = Target::new();
        for request in &requests {
            let status = exchange(&target, request);
            prop_assert!(status.is_none_or(|status| status < 500), "{:?} to {:?}", status, request);
        }
        target.assert_well();
    }

    #[test]
    fn a_request_that_ends_anywhere_breaks_nothing(ends in vec(0_usize..200, 10)) {
        let target = Target::new();
        let whole = well_formed("POST", "/v1/customers", &[key()], "name=Ada&metadata[a]=1");
        for end in ends {
            let status = exchange(&target, &whole[..end.min(whole.len())]);
            prop_assert!(status.is_none_or(|status| status < 500), "{:?} at {}", status, end);
        }
        target.assert_well();
    }
}
