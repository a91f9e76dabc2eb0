//! An invoice or a credit note as a PDF file, over as many pages as it needs.

mod sheet;
mod text;

use sheet::{Ink, Sheet};
use text::{Face, fit};

use super::views::{AmountRow, Document, DocumentLine, Fact};

const LEFT: f32 = 48.0;
const RIGHT: f32 = 547.0;
const MIDDLE: f32 = 297.0;
const QUANTITY_END: f32 = 370.0;
const UNIT_PRICE_END: f32 = 460.0;
const DESCRIPTION_WIDTH: f32 = 260.0;
const PARTY_WIDTH: f32 = 235.0;
const TOTAL_LABEL_WIDTH: f32 = 170.0;
const BODY: f32 = 10.0;
const LINE: f32 = 14.0;

/// The same bytes for the same document.
pub(crate) fn render_document(document: &Document) -> Vec<u8> {
    let mut sheet = Sheet::new();
    let (title, label) = (document.kind.title(), document.kind.amount_label());
    heading(&mut sheet, document);
    parties(&mut sheet, document);
    sheet.down(10.0);
    sheet.text(LEFT, Face::Bold, 15.0, Ink::Black, &format!("{label}: {}", document.amount));
    sheet.down(30.0);
    lines(&mut sheet, &document.lines);
    totals(&mut sheet, &document.totals, label, &document.amount);
    notes(&mut sheet, &document.notes);
    sheet.finish(&format!("{title} {}", document.number), &document.merchant)
}

fn heading(sheet: &mut Sheet, document: &Document) {
    let title = document.kind.title();
    sheet.text(LEFT, Face::Bold, 22.0, Ink::Black, title);
    sheet.text_ending(RIGHT, Face::Bold, 12.0, Ink::Black, &document.status.text);
    sheet.down(28.0);
    let number = Fact { label: format!("{title} number"), value: document.number.clone() };
    for fact in std::iter::once(&number).chain(&document.facts) {
        sheet.make_room(LINE);
        sheet.text(LEFT, Face::Regular, BODY, Ink::Gray, &fact.label);
        for part in fit(&fact.value, Face::Regular, BODY, RIGHT - 160.0) {
            sheet.text(160.0, Face::Regular, BODY, Ink::Black, &part);
            sheet.down(LINE);
        }
    }
    sheet.down(12.0);
}

/// Side by side, and as tall as the taller one.
fn parties(sheet: &mut Sheet, document: &Document) {
    let from: Vec<&str> =
        std::iter::once(document.merchant.as_str()).chain(document.from.iter().map(String::as_str)).collect();
    let to: Vec<&str> = document.to.iter().map(String::as_str).collect();
    sheet.text(LEFT, Face::Bold, BODY, Ink::Black, "From");
    sheet.text(MIDDLE, Face::Bold, BODY, Ink::Black, "Bill to");
    sheet.down(LINE);
    let (from, to) = (wrapped(&from), wrapped(&to));
    for row in 0..from.len().max(to.len()) {
        sheet.make_room(LINE);
        for (column, party) in [(LEFT, &from), (MIDDLE, &to)] {
            if let Some(line) = party.get(row) {
                sheet.text(column, Face::Regular, BODY, Ink::Black, line);
            }
        }
        sheet.down(LINE);
    }
    sheet.down(12.0);
}

fn wrapped(texts: &[&str]) -> Vec<String> {
    texts.iter().flat_map(|text| fit(text, Face::Regular, BODY, PARTY_WIDTH)).collect()
}

fn lines(sheet: &mut Sheet, lines: &[DocumentLine]) {
    table_head(sheet);
    for line in lines {
        let description = fit(&line.description, Face::Regular, BODY, DESCRIPTION_WIDTH);
        let period = line.period.iter().flat_map(|text| fit(text, Face::Regular, 9.0, DESCRIPTION_WIDTH));
        let texts = description
            .into_iter()
            .map(|text| (text, BODY, Ink::Black))
            .chain(period.map(|text| (text, 9.0, Ink::Gray)));
        for (row, (text, size, ink)) in texts.enumerate() {
            let is_first = row == 0;
            if sheet.make_room(if is_first { LINE * 2.0 } else { LINE }) {
                table_head(sheet);
            }
            sheet.text(LEFT, Face::Regular, size, ink, &text);
            if is_first {
                sheet.text_ending(QUANTITY_END, Face::Regular, BODY, Ink::Black, &line.quantity);
                sheet.text_ending(UNIT_PRICE_END, Face::Regular, BODY, Ink::Black, &line.unit_price);
                sheet.text_ending(RIGHT, Face::Regular, BODY, Ink::Black, &line.amount);
            }
            sheet.down(LINE);
        }
        sheet.down(6.0);
    }
    sheet.rule(LEFT, RIGHT);
    sheet.down(18.0);
}

fn table_head(sheet: &mut Sheet) {
    sheet.text(LEFT, Face::Regular, 9.0, Ink::Gray, "Description");
    sheet.text_ending(QUANTITY_END, Face::Regular, 9.0, Ink::Gray, "Qty");
    sheet.text_ending(UNIT_PRICE_END, Face::Regular, 9.0, Ink::Gray, "Unit price");
    sheet.text_ending(RIGHT, Face::Regular, 9.0, Ink::Gray, "Amount");
    sheet.down(LINE);
    sheet.rule(LEFT, RIGHT);
    sheet.down(8.0);
}

fn totals(sheet: &mut Sheet, rows: &[AmountRow], label: &str, amount: &str) {
    for row in rows {
        total(sheet, Face::Regular, &row.label, &row.amount);
    }
    total(sheet, Face::Bold, label, amount);
}

fn notes(sheet: &mut Sheet, notes: &[String]) {
    sheet.down(18.0);
    for note in notes {
        for part in fit(note, Face::Regular, BODY, RIGHT - LEFT) {
            sheet.make_room(LINE);
            sheet.text(LEFT, Face::Regular, BODY, Ink::Black, &part);
            sheet.down(LINE);
        }
        sheet.down(4.0);
    }
}

fn total(sheet: &mut Sheet, face: Face, label: &str, amount: &str) {
    for (row, part) in fit(label, face, BODY, TOTAL_LABEL_WIDTH).iter().enumerate() {
        sheet.make_room(LINE);
        sheet.text(MIDDLE, face, BODY, Ink::Black, part);
        if row == 0 {
            sheet.text_ending(RIGHT, face, BODY, Ink::Black, amount);
        }
        sheet.down(LINE);
    }
    sheet.down(4.0);
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::render_document;
    use crate::pages::views::{Document, DocumentLine, Words};

    fn invoice_with(lines: impl IntoIterator<Item = String>) -> Document {
        let lines = lines.into_iter().map(|text| DocumentLine::sample(Words::Friendly, &text)).collect();
        Document { lines, ..Document::sample(Words::Friendly) }
    }

    fn occurrences(pdf: &[u8], text: &str) -> usize {
        pdf.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    }

    #[test]
    fn an_invoice_fits_one_page_and_says_what_is_owed_and_that_it_is_a_sandbox() {
        let pdf = render_document(&Document::sample(Words::Friendly));
        keep("invoice", &pdf);
        assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF"));
        assert_eq!(occurrences(&pdf, "/Type /Page\n"), 1);
        let wanted = [
            "ACME-0001",
            "Seats",
            "-$6.45",
            "LAUNCH20",
            "Thank you for your business.",
            "Sandbox: no real money moves here",
            "Page 1 of 1",
        ];
        for text in wanted {
            assert!(occurrences(&pdf, text) > 0, "{text} is missing");
        }
        assert_eq!(occurrences(&pdf, "($42.84)"), 2);
    }

    #[test]
    fn a_credit_note_says_what_it_is_and_what_became_of_the_money() {
        let pdf = render_document(&Document::credit_note(Words::Friendly));
        keep("credit-note", &pdf);
        for text in
            ["(Credit note)", "(Credit note number)", "Amount credited", "$42.84 was refunded.", "(Issued)"]
        {
            assert!(occurrences(&pdf, text) > 0, "{text} is missing");
        }
        assert_eq!(occurrences(&pdf, "Amount due"), 0);
    }

    #[test]
    fn a_long_invoice_goes_on_over_pages_and_loses_no_line() {
        let pdf = render_document(&invoice_with((0..80).map(|number| format!("Item number {number}."))));
        keep("invoice-long", &pdf);
        let pages = occurrences(&pdf, "/Type /Page\n");
        assert!(pages >= 3, "{pages} pages");
        assert_eq!(occurrences(&pdf, "(Description)"), pages);
        assert_eq!(occurrences(&pdf, "Sandbox: no real money moves here"), pages);
        assert_eq!(occurrences(&pdf, &format!("Page {pages} of {pages}")), 1);
        for number in 0..80 {
            assert_eq!(occurrences(&pdf, &format!("(Item number {number}.)")), 1, "line {number}");
        }
    }

    #[test]
    fn a_description_without_spaces_and_longer_than_a_page_is_broken() {
        let pdf = render_document(&invoice_with(["~".repeat(6000)]));
        assert!(occurrences(&pdf, "/Type /Page\n") >= 2);
        assert_eq!(occurrences(&pdf, "~"), 6000);
    }

    /// Writes invoices where a reader can be pointed at them, if `KEEP_SAMPLES_IN` names a folder.
    fn keep(name: &str, pdf: &[u8]) {
        let Some(folder) = option_env!("KEEP_SAMPLES_IN").map(Path::new) else { return };
        fs::write(folder.join(format!("{name}.pdf")), pdf).expect("the folder of samples is writable");
    }

    #[test]
    fn a_file_leads_to_its_table_of_objects() {
        let pdf = render_document(&Document::sample(Words::Friendly));
        let text = String::from_utf8_lossy(&pdf[pdf.len() - 60..]).into_owned();
        let (_, rest) = text.split_once("startxref").expect("a trailer");
        let offset: usize = rest.split_whitespace().next().and_then(|it| it.parse().ok()).expect("an offset");
        assert!(pdf[offset..].starts_with(b"xref"));
    }
}
