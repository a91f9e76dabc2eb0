use serde::{Deserialize, Serialize};

use crate::RedirectOrigin;

/// A page of an app to which a hosted page leads back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnUrl(String);

/// The text is not the address of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter the address of a page, such as https://example.com/thanks. Only localhost may have http.")]
pub struct InvalidReturnUrl;

impl ReturnUrl {
    /// The largest number of bytes.
    pub const LONGEST: usize = 2_000;

    /// Parses an address. `{CHECKOUT_SESSION_ID}` in it is filled in by Stripe.
    ///
    /// # Errors
    /// [`InvalidReturnUrl`]: not https (or http to this machine), a user name in it, blanks or control characters, or
    /// too long.
    pub fn parse(text: &str) -> Result<Self, InvalidReturnUrl> {
        let text = text.trim();
        let is_plain =
            text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>'));
        if text.len() > Self::LONGEST || !is_plain {
            return Err(InvalidReturnUrl);
        }
        let url = Self(text.to_owned());
        url.parsed_origin().map(|_| url).ok_or(InvalidReturnUrl)
    }

    /// The origin, which the app must allow.
    #[must_use]
    pub fn is_of_one(&self, allowed: &[RedirectOrigin]) -> bool {
        self.parsed_origin().is_some_and(|origin| allowed.contains(&origin))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parsed_origin(&self) -> Option<RedirectOrigin> {
        let (scheme, rest) = self.0.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        RedirectOrigin::parse(&format!("{scheme}://{authority}")).ok()
    }
}

text_forms!(ReturnUrl(String), InvalidReturnUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_url_is_allowed_by_its_origin() {
        let allowed = [RedirectOrigin::parse("https://shop.example").unwrap()];
        for url in [
            "https://shop.example",
            "https://SHOP.example:443/thanks?session={CHECKOUT_SESSION_ID}#top",
            "https://shop.example?a=https://evil.example",
        ] {
            assert!(ReturnUrl::parse(url).unwrap().is_of_one(&allowed), "{url}");
        }
        for url in [
            "https://shop.example.evil.example/",
            "https://evil.example/https://shop.example",
            "http://localhost/",
        ] {
            assert!(!ReturnUrl::parse(url).unwrap().is_of_one(&allowed), "{url}");
        }
    }

    #[test]
    fn an_address_that_browsers_read_otherwise_is_refused() {
        for url in [
            "",
            "shop.example",
            "http://shop.example/",
            "javascript://shop.example/%0aalert(1)",
            "https://shop.example@evil.example/",
            "https://shop.example\\@evil.example/",
            "https://shop.example/a b",
            "https://shop.example/\u{7f}",
            "https:///path",
        ] {
            assert_eq!(ReturnUrl::parse(url), Err(InvalidReturnUrl), "{url}");
        }
        assert!(ReturnUrl::parse(&format!("https://shop.example/{}", "a".repeat(2_000))).is_err());
    }
}
