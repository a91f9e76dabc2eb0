//! Words that people type, within limits.

use serde::{Deserialize, Serialize};

/// The text is not what it was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must have {rule}")]
pub struct InvalidText {
    /// What the text was read as: `a name`.
    pub what: &'static str,
    /// What a valid one has.
    pub rule: &'static str,
}

/// Text without blanks around it, of at most `longest` characters, all of which can be seen. Lines may be kept.
fn readable(text: &str, longest: usize, lines: bool) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let text = text.trim();
    let seen = |character: char| !is_invisible(character) || (lines && character == '\n');
    let is_something = text.chars().any(|character| !is_joiner(character));
    let fits = is_something && text.chars().count() <= longest;
    (fits && text.chars().all(seen)).then(|| text.to_owned())
}

/// Control characters, and those that change the direction of what stands beside them: with them a name could pass for
/// another one. What joins letters and pictures is how people write.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}')
}

/// What joins letters and pictures or changes how they look; by itself it cannot be seen either.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether the text is `snake_case` of at most 64 characters.
fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads it from text.
            ///
            /// # Errors
            /// [`InvalidText`], with the rule the text breaks.
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

        impl crate::FromStored for $name {
            type Kept = String;

            fn from_stored(kept: String) -> Option<Self> {
                Some(Self(kept))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text_type! {
    /// What people call an app, a plan or a feature. Blanks around it do not count.
    DisplayName, "a name", "1 to 100 visible characters in one line", |text| readable(text, 100, false)
}
text_type! {
    /// What people say of a plan or a feature, in one or more lines.
    Description, "a description", "1 to 500 visible characters", |text| readable(text, 500, true)
}
text_type! {
    /// By which an app's code knows a plan. It never changes.
    PlanKey, "a plan key", "1 to 64 lower-case letters, digits or underscores, such as `pro_monthly`",
    |text| is_key(text).then(|| text.to_owned())
}
text_type! {
    /// By which an app's code asks for a feature. It never changes.
    FeatureKey, "a feature key", "1 to 64 lower-case letters, digits or underscores, such as `pro_export`",
    |text| is_key(text).then(|| text.to_owned())
}
text_type! {
    /// What a client calls one request (the header `Idempotency-Key`), so that repeating it does nothing twice.
    RequestKey, "an idempotency key", "1 to 255 visible ASCII characters",
    |text| ((1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_one_line_that_can_be_read() {
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
        fn what_was_read_reads_back_as_itself(text in "\\PC{1,100}") {
            if let Ok(name) = DisplayName::parse(&text) {
                prop_assert_eq!(DisplayName::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}
