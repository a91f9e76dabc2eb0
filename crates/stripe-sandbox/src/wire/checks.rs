//! Rules for single values that many endpoints share.

use super::ApiError;
use crate::clock::Timestamp;

const LONGEST_URL: usize = 5000;

/// An address that the sandbox, or a browser it sends on, can open.
///
/// # Errors
///
/// It is none, or of another scheme: a browser would run what follows `javascript:`.
pub fn checked_url(url: String, param: &str) -> Result<String, ApiError> {
    let is_whole = url.len() <= LONGEST_URL && url.chars().all(|it| !it.is_control() && !it.is_whitespace());
    match reqwest::Url::parse(&url) {
        Ok(parsed) if is_whole && matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(url),
        _ => Err(ApiError::invalid(format!("Invalid URL: {url}. It must start with http:// or https://."))
            .about(param)
            .coded("url_invalid")),
    }
}

/// A language of the pages, which are in English.
///
/// # Errors
///
/// Another language.
pub fn checked_locale(locale: String) -> Result<String, ApiError> {
    if matches!(locale.as_str(), "auto" | "en") || locale.starts_with("en-") {
        return Ok(locale);
    }
    let message =
        format!("Invalid locale: the sandbox's pages are in English (`auto`, `en`), not in `{locale}`.");
    Err(ApiError::invalid(message).about("locale").before_execution())
}

/// Refuses a value that Stripe takes and the sandbox does not support.
///
/// # Errors
///
/// When the value is asked for.
pub fn check_absent(is_asked: bool, param: &str) -> Result<(), ApiError> {
    if !is_asked {
        return Ok(());
    }
    let message = format!("`{param}` is not in the sandbox with this value.");
    Err(ApiError::invalid(message).about(param).before_execution())
}

/// The name of a parameter within another, or as it stands where there is none.
pub fn under(param: &str, name: &str) -> String {
    if param.is_empty() { name.to_owned() } else { format!("{param}[{name}]") }
}

/// # Errors
///
/// The time is not ahead.
pub fn check_ahead(time: Option<Timestamp>, now: Timestamp, param: &str) -> Result<(), ApiError> {
    if time.is_none_or(|time| time > now) {
        return Ok(());
    }
    let message = "Invalid timestamp: must be an integer Unix timestamp in the future.";
    Err(ApiError::invalid(message).about(param))
}

/// # Errors
///
/// The number is 0.
pub fn check_positive(number: Option<u64>, param: &str) -> Result<(), ApiError> {
    if number != Some(0) {
        return Ok(());
    }
    let message = "This value must be greater than or equal to 1.";
    Err(ApiError::invalid(message).about(param).coded("parameter_invalid_integer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_a_browser_opens_is_taken() {
        for url in ["https://app.example", "http://127.0.0.1:3000/a?s={CHECKOUT_SESSION_ID}#b"] {
            assert_eq!(checked_url(url.to_owned(), "return_url").unwrap(), url);
        }
        let long = format!("https://app.example/{}", "a".repeat(LONGEST_URL));
        for url in ["", "app.example", "javascript:alert(1)", "https://", "https://a b", " https://a", &long]
        {
            let error = checked_url(url.to_owned(), "return_url").unwrap_err();
            assert_eq!(
                (error.code, error.param.as_deref()),
                (Some("url_invalid"), Some("return_url")),
                "{url}"
            );
        }
    }
}
