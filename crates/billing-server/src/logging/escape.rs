//! The log's text is printable: a caller's newline begins no line, and no escape sequence reaches a terminal.

use std::fmt::{self, Write};

use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};

const DELETE: char = '\u{7f}';

/// The message and the fields of events and spans in text, with everything that does not print escaped: controls, line
/// separators, marks of direction, invisible characters.
pub(super) struct EscapedFields;

impl<'writer> FormatFields<'writer> for EscapedFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        // Without colors: an escape sequence here is never ours.
        DefaultFields::new().format_fields(Writer::new(&mut Escaping(&mut writer)), fields)
    }
}

struct Escaping<'a, 'writer>(&'a mut Writer<'writer>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if is_printable(character) {
                self.0.write_char(character)?;
            } else {
                write!(self.0, "{}", character.escape_debug())?;
            }
        }
        Ok(())
    }
}

/// A line of JSON in which everything that does not print is escaped. JSON itself escapes the controls of ASCII only.
pub(super) fn escaped_json(line: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(line) else { return line.to_vec() };
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if (character.is_ascii() && character != DELETE) || is_printable(character) {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped.into_bytes()
}

fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~') || character.escape_debug().len() == 1
}
