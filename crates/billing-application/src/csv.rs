//! Tables as CSV: RFC 4180, in UTF-8.

use std::io;

use billing_domain::{Money, Timestamp, wire_time};
use csv::{Terminator, Writer, WriterBuilder};

/// Rows of text. Writing to memory cannot fail, and every row has the same number of cells.
pub(crate) struct Table(Writer<Vec<u8>>);

impl Table {
    pub(crate) fn new() -> Self {
        // Rows that differ in length would be an error otherwise.
        Self(WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(Vec::new()))
    }

    pub(crate) fn row(&mut self, cells: &[impl AsRef<[u8]>]) -> csv::Result<()> {
        self.0.write_record(cells)
    }

    pub(crate) fn into_bytes(self) -> csv::Result<Vec<u8>> {
        self.0.into_inner().map_err(|error| io::Error::other(error.to_string()).into())
    }
}

/// The characters with which a formula begins. Spreadsheets take those of full width for the others.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A text that comes from people or from Stripe. Spreadsheets take one that begins so for a formula: it gets an apostrophe in
/// front, which they do not show. They may also begin a cell at a semicolon or a tab: before a sign it becomes a space.
pub(crate) fn text(text: impl Into<String>) -> String {
    let text = text.into();
    let is_between = |character: char| character == ';' || character.is_whitespace();
    let begins_cell = |at: usize| text[at..].trim_start_matches(is_between).starts_with(SIGNS);
    let safe = text.char_indices().map(|(at, character)| match character {
        ';' | '\t' if begins_cell(at + 1) => ' ',
        _ => character,
    });
    let apostrophe = text.starts_with(SIGNS) || text.starts_with(['\t', '\r', '\n']);
    apostrophe.then_some('\'').into_iter().chain(safe).collect()
}

pub(crate) fn optional(value: Option<impl Into<String>>) -> String {
    value.map(text).unwrap_or_default()
}

/// RFC 3339, or nothing.
pub(crate) fn moment(at: Option<Timestamp>) -> String {
    at.map(wire_time).unwrap_or_default()
}

/// The decimal number, which may begin with a minus; the currency has a cell of its own.
pub(crate) fn amount(money: Option<Money>) -> String {
    money.map(Money::to_decimal).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let mut table = Table::new();
        let cells = ["plain", "a,b", "say \"hi\"", "two\nlines", "", "Çay ☕"].map(text);
        table.row(&cells).unwrap();
        table.row(&["=1+1", "+1", "-2", "@SUM(A1)", "\tx", "\rx"].map(text)).unwrap();
        table.row(&["＝1+1", "＋1", "－2", "＠SUM(A1)"].map(text)).unwrap();
        let csv = String::from_utf8(table.into_bytes().unwrap()).unwrap();
        assert_eq!(
            csv,
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,Çay ☕\r\n\
            '=1+1,'+1,'-2,'@SUM(A1),'\tx,\"'\rx\"\r\n\
            '＝1+1,'＋1,'－2,'＠SUM(A1)\r\n"
        );
    }

    #[test]
    fn no_cell_begins_with_a_formula_behind_another_separator() {
        for (given, written) in [
            ("Pro;=1+1", "Pro =1+1"),
            ("Pro; \t＠SUM(A1)", "Pro   ＠SUM(A1)"),
            ("Pro\t-2", "Pro -2"),
            ("\t=1", "' =1"),
            ("a;;+1;b", "a  +1;b"),
            ("Pro; 3 seats", "Pro; 3 seats"),
            ("a\tb - c", "a\tb - c"),
            ("Çay; ☕", "Çay; ☕"),
        ] {
            assert_eq!(text(given), written, "{given:?}");
        }
    }
}
