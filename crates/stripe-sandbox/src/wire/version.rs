//! API versions, which are dates: `2024-06-20`, `2026-09-30.endive`, and with betas `2026-09-30.preview; a_beta=v1`.

use chrono::NaiveDate;

use super::ApiError;

const LONGEST: usize = 200;

/// A version that is newer or older than the sandbox's is taken: its shapes are those of the sandbox's version.
///
/// # Errors
///
/// It is written as no version is.
pub fn checked(version: &str) -> Result<(), ApiError> {
    if version.len() <= LONGEST && is_version(version) {
        Ok(())
    } else {
        Err(ApiError::invalid(format!("Invalid Stripe API version: {version}")))
    }
}

fn is_version(version: &str) -> bool {
    let mut parts = version.split(';');
    let (date, release) = parts.next().map_or(("", None), |first| match first.split_once('.') {
        Some((date, release)) => (date, Some(release)),
        None => (first, None),
    });
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let is_beta =
        |beta: &str| beta.trim().split_once('=').is_some_and(|(name, of)| is_word(name) && is_word(of));
    date.len() == "2026-09-30".len()
        && NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok()
        && release
            .is_none_or(|release| !release.is_empty() && release.bytes().all(|it| it.is_ascii_lowercase()))
        && parts.all(is_beta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date_with_or_without_the_name_of_its_release() {
        for version in
            ["2024-06-20", "2026-10-28.endive", "2031-01-01.zinnia", "2026-09-30.preview; a_beta=v1"]
        {
            assert!(checked(version).is_ok(), "{version}");
        }
        let wrong =
            ["", "yesterday", "2026-13-01", "2026-9-30", "2026-09-30.", "2026-09-30.A", "2026-09-30; a", "é"];
        for version in wrong {
            let error = checked(version).unwrap_err();
            assert_eq!(
                (error.status, error.message),
                (400, format!("Invalid Stripe API version: {version}"))
            );
        }
    }
}
