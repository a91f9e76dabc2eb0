//! Text that people enter, within limits.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The text breaks the rule of its kind. Displayed as a sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct InvalidText {
    /// The kind, such as `name`.
    pub what: &'static str,
    /// The broken rule.
    pub problem: TextProblem,
}

/// The rule that a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextProblem {
    /// The text is empty.
    Missing,
    /// The text has more characters than this.
    LongerThan(usize),
    /// A character cannot be seen.
    Invisible(Unseen),
    /// A character is not one of the allowed ones.
    NotOnly {
        /// The allowed characters.
        allowed: &'static str,
        /// The first other character, if it cannot be seen or told from another one.
        unseen: Option<Unseen>,
    },
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
        let what = self.what;
        match self.problem {
            TextProblem::Missing => {
                let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                write!(f, "Enter {article} {what}.")
            }
            TextProblem::LongerThan(longest) => write!(f, "Use at most {longest} characters in the {what}."),
            TextProblem::Invisible(Unseen { character, position }) => {
                write!(
                    f,
                    "Remove character {position} from the {what}: it is U+{:04X}.",
                    u32::from(character)
                )
            }
            TextProblem::NotOnly { allowed, unseen: None } => {
                write!(f, "Use only {allowed} in the {what}.")
            }
            TextProblem::NotOnly { allowed, unseen: Some(Unseen { character, position }) } => {
                let character = u32::from(character);
                write!(f, "Use only {allowed} in the {what}: character {position} is U+{character:04X}.")
            }
        }
    }
}

/// The first of these characters in the text.
fn first(text: &str, is_forbidden: impl Fn(char) -> bool) -> Option<Unseen> {
    let found = text.chars().zip(1..).find(|(character, _)| is_forbidden(*character));
    found.map(|(character, position)| Unseen { character, position })
}

/// The text if it has 1 to `longest` characters.
fn within(text: &str, longest: usize) -> Result<String, TextProblem> {
    match text.chars().count() {
        0 => Err(TextProblem::Missing),
        length if length > longest => Err(TextProblem::LongerThan(longest)),
        _ => Ok(text.to_owned()),
    }
}

/// The trimmed text if it has 1 to `longest` visible characters; line breaks are allowed with `lines`.
fn readable(text: &str, longest: usize, lines: bool) -> Result<String, TextProblem> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let text = text.trim();
    let is_forbidden = |character| is_invisible(character) && !(lines && character == '\n');
    let only_joiners = text.chars().all(is_joiner);
    match first(text, |character| only_joiners || is_forbidden(character)) {
        Some(unseen) => Err(TextProblem::Invisible(unseen)),
        None => within(text, longest),
    }
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
fn of_ascii(
    text: &str,
    longest: usize,
    allowed: &'static str,
    is_allowed: fn(char) -> bool,
) -> Result<String, TextProblem> {
    match first(text, |character| !is_allowed(character)) {
        Some(found) => {
            let unseen = Some(found).filter(|found| !found.character.is_ascii_graphic());
            Err(TextProblem::NotOnly { allowed, unseen })
        }
        None => within(text, longest),
    }
}

/// The text if it is a key: 1 to 64 lower-case letters, digits or underscores.
fn key(text: &str) -> Result<String, TextProblem> {
    let is_allowed = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    of_ascii(text, 64, "a–z, 0–9 and _", is_allowed)
}

macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $read:expr;)+) => {$(
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
                let read: fn(&str) -> Result<String, TextProblem> = $read;
                read(text).map(Self).map_err(|problem| InvalidText { what: $what, problem })
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
    DisplayName, "name", |text| readable(text, 100, false);
    /// The displayed description of a plan or a feature, in one or more lines.
    Description, "description", |text| readable(text, 500, true);
    /// The name of a plan in an app's code, such as `pro_monthly`. Never changes.
    PlanKey, "key", key;
    /// The name of a feature in an app's code, such as `pro_export`. Never changes.
    FeatureKey, "key", key;
    /// A request's idempotency key (the header `Idempotency-Key`), chosen by the client.
    RequestKey, "idempotency key",
    |text| of_ascii(text, 255, "visible ASCII characters", |character| character.is_ascii_graphic());
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
        for (text, position, character) in [
            ("Pro\u{200f}", 4, "U+200F"),
            ("\u{feff}Pro", 1, "U+FEFF"),
            (" Pro\u{1d173} ", 4, "U+1D173"),
            ("Pro\nPlus", 4, "U+000A"),
            ("Pro\r\nPlus", 4, "U+000A"),
            ("Pro\0", 4, "U+0000"),
            ("\u{200d}\u{fe0f}", 1, "U+200D"),
            ("\u{e0100}", 1, "U+E0100"),
        ] {
            let told = format!("Remove character {position} from the name: it is {character}.");
            assert_eq!(name(text), told, "{text:?}");
        }
        let description = Description::parse("one\ntw\u{7}o").unwrap_err().to_string();
        assert_eq!(description, "Remove character 7 from the description: it is U+0007.");
        for (key, end) in [
            ("pro\u{200b}", ": character 4 is U+200B."),
            ("pro key", ": character 4 is U+0020."),
            ("pr\u{43e}", ": character 3 is U+043E."),
            ("pro!", "."),
        ] {
            let told = FeatureKey::parse(key).unwrap_err().to_string();
            assert_eq!(told, format!("Use only a–z, 0–9 and _ in the key{end}"));
        }
    }

    #[test]
    fn an_invalid_text_is_told_what_to_do() {
        let told = |refused: InvalidText| refused.to_string();
        for blank in ["", " \t "] {
            assert_eq!(told(DisplayName::parse(blank).unwrap_err()), "Enter a name.");
        }
        let long = "x".repeat(501);
        assert_eq!(told(DisplayName::parse(&long).unwrap_err()), "Use at most 100 characters in the name.");
        assert_eq!(told(Description::parse("").unwrap_err()), "Enter a description.");
        assert_eq!(
            told(Description::parse(&long).unwrap_err()),
            "Use at most 500 characters in the description."
        );
        assert_eq!(told(PlanKey::parse("").unwrap_err()), "Enter a key.");
        assert_eq!(told(PlanKey::parse("Pro").unwrap_err()), "Use only a–z, 0–9 and _ in the key.");
        assert_eq!(told(FeatureKey::parse(&long).unwrap_err()), "Use at most 64 characters in the key.");
        assert_eq!(told(RequestKey::parse("").unwrap_err()), "Enter an idempotency key.");
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

    proptest! {
        #[test]
        fn a_parsed_name_parses_back(text in "\\PC{1,100}") {
            if let Ok(name) = DisplayName::parse(&text) {
                prop_assert_eq!(DisplayName::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}
