use actix_web::http::StatusCode;

/// The answer with which actix ends a connection: a head without a request id, which each of ours has. It is the last
/// of what is written, and no body of ours ends like a head.
pub(super) struct BareRefusal<'a> {
    pub(super) begins_at: usize,
    pub(super) status: StatusCode,
    pub(super) headers: &'a str,
}

impl<'a> BareRefusal<'a> {
    pub(super) fn at_the_end_of(written: &'a [u8]) -> Option<Self> {
        const LINE: &[u8] = b"HTTP/1.";
        if !written.ends_with(b"\r\n\r\n") {
            return None;
        }
        let begins_at = written.windows(LINE.len()).rposition(|part| part == LINE)?;
        let head = std::str::from_utf8(&written[begins_at..]).ok()?;
        let (line, headers) = head.split_once("\r\n")?;
        let status: StatusCode = line.split(' ').nth(1)?.parse().ok()?;
        let is_refusal = status.is_client_error() || status.is_server_error();
        (is_refusal && !headers.contains("x-request-id: ")).then_some(Self { begins_at, status, headers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(written: &str) -> Option<(usize, u16)> {
        let refusal = BareRefusal::at_the_end_of(written.as_bytes())?;
        Some((refusal.begins_at, refusal.status.as_u16()))
    }

    #[test]
    fn refusals_of_actix_are_told_from_ours() {
        let bare = "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        assert_eq!(found(bare), Some((0, 431)));
        let ours = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: req_1\r\n\r\n{}";
        assert_eq!(found(&format!("{ours}{bare}")), Some((ours.len(), 431)));

        for written in [
            ours,
            "HTTP/1.1 404 Not Found\r\nx-request-id: req_1\r\n\r\n",
            "HTTP/1.1 303 See Other\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "{\"name\":\"HTTP/1.1 400 Bad Request\\r\\n\\r\\n\"}",
            "",
        ] {
            assert_eq!(found(written), None, "{written}");
        }
    }
}
