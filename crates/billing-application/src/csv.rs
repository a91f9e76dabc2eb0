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

/// A text that comes from people or from Stripe. Spreadsheets take one that begins so for a formula: it gets an apostrophe in
/// front, which they do not show.
pub(crate) fn text(text: impl Into<String>) -> String {
    let text = text.into();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text }
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
        let csv = String::from_utf8(table.into_bytes().unwrap()).unwrap();
        assert_eq!(
            csv,
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,Çay ☕\r\n\
            '=1+1,'+1,'-2,'@SUM(A1),'\tx,\"'\rx\"\r\n"
        );
    }
}
