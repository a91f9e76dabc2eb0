use actix_web::HttpResponse;

use crate::web::asset;

pub(crate) const STYLES: &str = concat!(
    include_str!("../../assets/styles/base.css"),
    include_str!("../../assets/styles/layout.css"),
    include_str!("../../assets/styles/parts.css"),
    include_str!("../../assets/styles/tables.css"),
    include_str!("../../assets/styles/forms.css"),
);
pub(crate) const SCRIPT: &str = include_str!("../../assets/app.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Changes with the files, so that browsers do not use old ones.
pub(crate) const VERSION: &str = VERSION_TEXT.as_str();

struct VersionText([u8; 16]);

impl VersionText {
    const fn as_str(&self) -> &str {
        match std::str::from_utf8(&self.0) {
            Ok(text) => text,
            Err(_) => "0",
        }
    }
}

const VERSION_TEXT: &VersionText = &VersionText(hexadecimal(hash(hash(hash(OFFSET, STYLES), SCRIPT), ICON)));

/// FNV-1a: not cryptographic, but computable at compile time.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

const fn hash(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut position = 0;
    while position < bytes.len() {
        hash = (hash ^ bytes[position] as u64).wrapping_mul(PRIME);
        position += 1;
    }
    hash
}

const fn hexadecimal(number: u64) -> [u8; 16] {
    let digits = b"0123456789abcdef";
    let mut text = [0; 16];
    let mut position = 0;
    while position < 16 {
        text[position] = digits[((number >> (60 - 4 * position)) & 0xf) as usize];
        position += 1;
    }
    text
}

/// The files by name, with their content types. They are public: no session is read.
pub(crate) const FILES: [(&str, &str, &str); 3] = [
    ("app.css", "text/css; charset=utf-8", STYLES),
    ("app.js", "text/javascript; charset=utf-8", SCRIPT),
    ("icon.svg", "image/svg+xml", ICON),
];

pub(crate) fn answer(content_type: &'static str, text: &'static str, query: &str) -> HttpResponse {
    // A request for another version, as in a rolling deployment, must not be cached under that name.
    let is_this_version = query == format!("v={VERSION}");
    asset(content_type, text, is_this_version)
}
