use crate::web::{Failure, Reply, Visit, asset};

const STYLES: &str = include_str!("../../assets/app.css");
const SCRIPT: &str = include_str!("../../assets/app.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Changes with what is served, so that no browser keeps yesterday's files.
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

/// FNV-1a: not for secrets, but it can be worked out while compiling.
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

pub(crate) async fn show(visit: Visit) -> Reply {
    match visit.of_path::<String>("file")?.as_str() {
        "app.css" => Ok(asset("text/css; charset=utf-8", STYLES)),
        "app.js" => Ok(asset("text/javascript; charset=utf-8", SCRIPT)),
        "icon.svg" => Ok(asset("image/svg+xml", ICON)),
        _ => Err(Failure::not_found()),
    }
}
