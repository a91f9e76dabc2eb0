use actix_web::http::header::{HeaderMap, HeaderName};
use billing_domain::type_id;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The request id set by a proxy, or a new one. An id that could forge a log line is replaced.
pub(crate) fn of_request(headers: &HeaderMap, fresh: impl FnOnce() -> u128) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        (1..=LONGEST).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    });
    match given {
        Some(given) => given.to_owned(),
        None => type_id("req", fresh()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn of(given: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
        of_request(&headers, || 1)
    }

    #[test]
    fn the_request_id_of_a_proxy_is_kept() {
        assert_eq!(of("0a1b-2c3d_4e"), "0a1b-2c3d_4e");
    }

    #[test]
    fn an_unsafe_request_id_is_replaced() {
        let fresh = "req_00000000000000000000000001";
        for given in ["", "a b", "a\"b", "a=b", &"a".repeat(129)] {
            assert_eq!(of(given), fresh, "{given}");
        }
        assert_eq!(of_request(&HeaderMap::new(), || 1), fresh);
    }
}
