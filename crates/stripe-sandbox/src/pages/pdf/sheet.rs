use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::text::{Face, encode, width};
use super::{LEFT, RIGHT};

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const TOP: f32 = 770.0;
const BOTTOM: f32 = 64.0;
const NOTICE: &str = "Sandbox: no real money moves here";

#[derive(Clone, Copy)]
pub(super) enum Ink {
    Black,
    Gray,
}

/// A4 pages that are written from the top down.
pub(super) struct Sheet {
    full: Vec<Content>,
    page: Content,
    /// Where the next line stands.
    y: f32,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self { full: vec![], page: blank(), y: TOP }
    }

    pub(super) fn down(&mut self, distance: f32) {
        self.y -= distance;
    }

    /// Whether a new page had to begin.
    pub(super) fn make_room(&mut self, height: f32) -> bool {
        let is_full = self.y - height < BOTTOM;
        if is_full {
            self.full.push(std::mem::replace(&mut self.page, blank()));
            self.y = TOP;
        }
        is_full
    }

    pub(super) fn text(&mut self, x: f32, face: Face, size: f32, ink: Ink, text: &str) {
        write(&mut self.page, (x, self.y), face, size, ink, &encode(text));
    }

    pub(super) fn text_ending(&mut self, end: f32, face: Face, size: f32, ink: Ink, text: &str) {
        self.text(end - width(&encode(text), face, size), face, size, ink, text);
    }

    pub(super) fn rule(&mut self, from: f32, to: f32) {
        let y = self.y + 6.0;
        self.page.set_stroke_gray(0.8).set_line_width(0.75).move_to(from, y).line_to(to, y).stroke();
    }

    pub(super) fn finish(self, title: &str, author: &str) -> Vec<u8> {
        let mut pages = self.full;
        pages.push(self.page);
        let mut pdf = Pdf::new();
        let mut next = Ref::new(1);
        let (catalog, tree, info) = (next.bump(), next.bump(), next.bump());
        let faces = [(Face::Regular, next.bump()), (Face::Bold, next.bump())];
        let refs: Vec<_> = pages.iter().map(|_| (next.bump(), next.bump())).collect();

        let mut root = pdf.catalog(catalog);
        root.pages(tree).lang(TextStr("en"));
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        pdf.document_info(info)
            .title(TextStr(title))
            .author(TextStr(author))
            .producer(TextStr("stripe-sandbox"));
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(refs.iter().map(|(page, _)| *page)).count(count);
        for (face, font) in faces {
            let mut writer = pdf.type1_font(font);
            writer.base_font(Name(face.font())).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let last = pages.len();
        for (number, (mut content, (page, stream))) in (1..).zip(pages.into_iter().zip(refs)) {
            footer(&mut content, title, &format!("Page {number} of {last}"));
            let mut writer = pdf.page(page);
            writer.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(stream);
            let mut resources = writer.resources();
            resources.fonts().pairs(faces.map(|(face, font)| (Name(face.name()), font)));
            resources.finish();
            writer.finish();
            pdf.stream(stream, &content.finish());
        }
        pdf.finish()
    }
}

fn blank() -> Content {
    let mut page = Content::new();
    page.set_fill_rgb(0.98, 0.84, 0.36).rect(0.0, HEIGHT - 26.0, WIDTH, 26.0).fill_nonzero();
    write(&mut page, (LEFT, HEIGHT - 17.0), Face::Bold, 9.0, Ink::Black, &encode(NOTICE));
    page
}

fn footer(page: &mut Content, title: &str, position: &str) {
    let (title, position) = (encode(title), encode(position));
    let end = RIGHT - width(&position, Face::Regular, 9.0);
    write(page, (LEFT, 36.0), Face::Regular, 9.0, Ink::Gray, &title);
    write(page, (end, 36.0), Face::Regular, 9.0, Ink::Gray, &position);
}

fn write(page: &mut Content, (x, y): (f32, f32), face: Face, size: f32, ink: Ink, text: &[u8]) {
    let gray = match ink {
        Ink::Black => 0.1,
        Ink::Gray => 0.4,
    };
    page.set_fill_gray(gray).begin_text().set_font(Name(face.name()), size).next_line(x, y);
    page.show(Str(text)).end_text();
}
