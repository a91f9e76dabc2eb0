//! Text that people enter, within limits.

use serde::{Deserialize, Serialize};

/// The text breaks the rule of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must have {rule}")]
pub struct InvalidText {
    /// The kind, such as `a name`.
    pub what: &'static str,
    /// The rule for a valid text.
    pub rule: &'static str,
}

/// The trimmed text if it has 1 to `longest` visible characters; line breaks are allowed with `lines`.
fn readable(text: &str, longest: usize, lines: bool) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let text = text.trim();
    let seen = |character: char| !is_invisible(character) || (lines && character == '\n');
    let is_something = text.chars().any(|character| !is_joiner(character));
    let fits = is_something && text.chars().count() <= longest;
    (fits && text.chars().all(seen)).then(|| text.to_owned())
}

/// Control characters and direction changes, with which one name could pass for another. Joiners are allowed: scripts
/// and emoji need them.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}')
}

/// Joiners and variation selectors, which are invisible by themselves.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether the text is `snake_case` of at most 64 characters.
fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $read:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a text.
            ///
            /// # Errors
            /// [`InvalidText`] with the broken rule.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                let read: fn(&str) -> Option<String> = $read;
                read(text).map(Self).ok_or(InvalidText { what: $what, rule: $rule })
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_forms!($name(String), InvalidText);
    )+};
}

text_types! {
    /// The displayed name of an app, a plan or a feature. Surrounding blanks are trimmed.
    DisplayName, "a name", "1 to 100 visible characters in one line", |text| readable(text, 100, false);
    /// The displayed description of a plan or a feature, in one or more lines.
    Description, "a description", "1 to 500 visible characters", |text| readable(text, 500, true);
    /// The name of a plan in an app's code. Never changes.
    PlanKey, "a plan key", "1 to 64 lower-case letters, digits or underscores, such as `pro_monthly`",
    |text| is_key(text).then(|| text.to_owned());
    /// The name of a feature in an app's code. Never changes.
    FeatureKey, "a feature key", "1 to 64 lower-case letters, digits or underscores, such as `pro_export`",
    |text| is_key(text).then(|| text.to_owned());
    /// A request's idempotency key (the header `Idempotency-Key`), chosen by the client.
    RequestKey, "an idempotency key", "1 to 255 visible ASCII characters",
    |text| ((1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.to_owned());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_one_visible_line() {
        assert_eq!(DisplayName::parse("  Pro \n").unwrap().as_str(), "Pro");
        for text in ["Équipe 東京 🚀", "می‌خواهم", "👩‍💻 team"] {
            assert_eq!(DisplayName::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "   ",
            "a\nb",
            "a\0b",
            "a\u{202e}b",
            "a\u{200b}b",
            "\u{200d}",
            "\u{3164}",
            "a\u{2028}b",
            &"x".repeat(101),
        ] {
            assert!(DisplayName::parse(text).is_err(), "{text:?}");
        }
        assert!(DisplayName::parse(&"東".repeat(100)).is_ok());
    }

    #[test]
    fn a_description_keeps_its_lines() {
        assert_eq!(Description::parse("one\r\ntwo\n").unwrap().as_str(), "one\ntwo");
        assert_eq!(Description::parse("a\tb").unwrap().as_str(), "a b");
        assert!(Description::parse("a\u{7}b").is_err());
        assert!(Description::parse(&"x".repeat(501)).is_err());
    }

    #[test]
    fn a_key_is_snake_case() {
        for text in ["pro", "pro_export", "2fa", "_", &"k".repeat(64)] {
            assert_eq!(FeatureKey::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "Pro", "pro-export", "pro export", "prö", " pro", "pro;--", &"k".repeat(65)] {
            assert!(PlanKey::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_rule() {
        assert_eq!(
            PlanKey::parse("Pro!").unwrap_err().to_string(),
            "a plan key must have 1 to 64 lower-case letters, digits or underscores, such as `pro_monthly`"
        );
    }

    proptest! {
        #[test]
        fn a_parsed_name_parses_back(text in "\\PC{1,100}") {
            if let Ok(name) = DisplayName::parse(&text) {
                prop_assert_eq!(DisplayName::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}
