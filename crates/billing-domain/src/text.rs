//! Text that people enter, within limits.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The text breaks the rule of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct InvalidText {
    /// The kind, such as `a name`.
    pub what: &'static str,
    /// The rule for a valid text.
    pub rule: &'static str,
    /// A forbidden character that cannot be seen, or not told from another one.
    pub unseen: Option<Unseen>,
}

/// A character of a text and its position, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// The character.
    pub character: char,
    /// The position in the text without surrounding blanks.
    pub position: usize,
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, rule, unseen } = self;
        write!(f, "{what} must have {rule}")?;
        if let Some(Unseen { character, position }) = unseen {
            write!(f, "; character {position} is U+{:04X}", u32::from(*character))?;
        }
        Ok(())
    }
}

/// The first of these characters in the text.
fn first(text: &str, is_forbidden: impl Fn(char) -> bool) -> Option<Unseen> {
    let found = text.chars().zip(1..).find(|(character, _)| is_forbidden(*character));
    found.map(|(character, position)| Unseen { character, position })
}

/// The trimmed text if it has 1 to `longest` visible characters; line breaks are allowed with `lines`.
fn readable(text: &str, longest: usize, lines: bool) -> Result<String, Option<Unseen>> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let text = text.trim();
    if let Some(unseen) = first(text, |character| is_invisible(character) && !(lines && character == '\n')) {
        return Err(Some(unseen));
    }
    if text.chars().all(is_joiner) {
        return Err(first(text, |_| true));
    }
    if text.chars().count() > longest { Err(None) } else { Ok(text.to_owned()) }
}

/// Control characters and direction changes, with which one name could pass for another. Joiners are allowed: scripts
/// and emoji need them.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}')
}

/// Joiners and variation selectors, which are invisible by themselves.
fn is_joiner(character: char) -> bool {
    matches!(character,
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The text if it has 1 to `longest` characters, all of them allowed ones. Of those that are not, one is named unless
/// it is plain to see: a letter of another script may look like a Latin one.
fn of_ascii(text: &str, longest: usize, is_allowed: fn(char) -> bool) -> Result<String, Option<Unseen>> {
    if let Some(found) = first(text, |character| !is_allowed(character)) {
        return Err(Some(found).filter(|found| !found.character.is_ascii_graphic()));
    }
    if (1..=longest).contains(&text.len()) { Ok(text.to_owned()) } else { Err(None) }
}

/// Whether a key may have the character.
fn is_of_keys(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
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
                let read: fn(&str) -> Result<String, Option<Unseen>> = $read;
                read(text).map(Self).map_err(|unseen| InvalidText { what: $what, rule: $rule, unseen })
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
    |text| of_ascii(text, 64, is_of_keys);
    /// The name of a feature in an app's code. Never changes.
    FeatureKey, "a feature key", "1 to 64 lower-case letters, digits or underscores, such as `pro_export`",
    |text| of_ascii(text, 64, is_of_keys);
    /// A request's idempotency key (the header `Idempotency-Key`), chosen by the client.
    RequestKey, "an idempotency key", "1 to 255 visible ASCII characters",
    |text| of_ascii(text, 255, |character| character.is_ascii_graphic());
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

    /// Whoever pasted the text cannot see what is wrong with it.
    #[test]
    fn a_character_that_cannot_be_seen_is_named() {
        let name = |text: &str| DisplayName::parse(text).unwrap_err().to_string();
        let rule = "a name must have 1 to 100 visible characters in one line";
        for (text, end) in [
            ("Pro\u{200f}", "; character 4 is U+200F"),
            ("\u{feff}Pro", "; character 1 is U+FEFF"),
            (" Pro\u{1d173} ", "; character 4 is U+1D173"),
            ("Pro\nPlus", "; character 4 is U+000A"),
            ("Pro\r\nPlus", "; character 4 is U+000A"),
            ("Pro\0", "; character 4 is U+0000"),
            ("\u{200d}\u{fe0f}", "; character 1 is U+200D"),
            ("\u{e0100}", "; character 1 is U+E0100"),
            ("", ""),
            (" \t ", ""),
            (&"x".repeat(101), ""),
        ] {
            assert_eq!(name(text), format!("{rule}{end}"), "{text:?}");
        }
        let told = |told: InvalidText| told.to_string();
        let description = told(Description::parse("one\ntw\u{7}o").unwrap_err());
        assert_eq!(description, "a description must have 1 to 500 visible characters; character 7 is U+0007");
        for (key, end) in [
            ("pro\u{200b}", "; character 4 is U+200B"),
            ("pro key", "; character 4 is U+0020"),
            ("pr\u{43e}", "; character 3 is U+043E"),
            ("pro!", "such as `pro_export`"),
            ("", "such as `pro_export`"),
        ] {
            let told = told(FeatureKey::parse(key).unwrap_err());
            assert!(told.ends_with(end), "{told}");
        }
    }

    #[test]
    fn a_description_keeps_its_lines() {
        assert_eq!(Description::parse("one\r\ntwo\n").unwrap().as_str(), "one\ntwo");
        assert!(Description::parse("one\rtwo").is_err());
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
