use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// An origin a checkout may redirect to: scheme, host and optional port, without a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectOrigin(String);

/// The text is not an allowed redirect origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter an origin such as https://example.com, without a path. Only localhost may have http.")]
pub struct InvalidOrigin;

impl RedirectOrigin {
    /// Parses an origin. The host becomes lower case; the scheme's default port is dropped.
    ///
    /// # Errors
    /// [`InvalidOrigin`].
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority)?;
        let default_port = match scheme {
            "https" => 443,
            "http" if is_this_machine(host) => 80,
            _ => return Err(InvalidOrigin),
        };
        if !is_host(host) {
            return Err(InvalidOrigin);
        }
        Ok(Self(match port {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    /// The origin as browsers serialize it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_forms!(RedirectOrigin(String), InvalidOrigin);

fn split_port(authority: &str) -> Result<(&str, Option<u16>), InvalidOrigin> {
    let behind_brackets = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority[behind_brackets..].find(':') else { return Ok((authority, None)) };
    let (host, port) = authority.split_at(behind_brackets + colon);
    let port = &port[1..];
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidOrigin);
    }
    port.parse().ok().filter(|port| *port > 0).map(|port| (host, Some(port))).ok_or(InvalidOrigin)
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
}

/// Whether the host is a DNS name (`xn--` form for other scripts), an IPv4 address or the loopback IPv6 address.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if host == "[::1]" {
        return true;
    }
    let numeric = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numeric {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= 253 && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_normalized_as_browsers_do() {
        for (text, origin) in [
            ("https://example.com", "https://example.com"),
            (" HTTPS://Shop.Example.COM/ ", "https://shop.example.com"),
            ("https://example.com:443", "https://example.com"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://app.localhost:3000", "http://app.localhost:3000"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(RedirectOrigin::parse(text).unwrap().as_str(), origin, "{text}");
        }
    }

    #[test]
    fn an_unsafe_redirect_origin_is_refused() {
        for text in [
            "",
            "example.com",
            "http://example.com",
            "https://",
            "https://*.example.com",
            "https://example.com/back",
            "https://example.com?x",
            "https://example.com#x",
            "https://user@example.com",
            "https://example.com@evil.example",
            "https://example.com:",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:+80",
            "https://-example.com",
            "https://exa mple.com",
            "https://1.2.3",
            "https://999.1.1.1",
            "https://bücher.example",
            "javascript://example.com",
            "https://a..b",
            "http://localhost.evil.example",
        ] {
            assert_eq!(RedirectOrigin::parse(text), Err(InvalidOrigin), "{text:?}");
        }
    }
}
