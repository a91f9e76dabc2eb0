//! Text in the fonts that every reader of PDF has, in their encoding for Western Europe.

#[derive(Clone, Copy)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// In thousandths of the size, from the space to the tilde; from Adobe's metrics of the fonts.
#[rustfmt::skip]
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
#[rustfmt::skip]
const HELVETICA_BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
/// What the codes from 0x80 to 0x9f stand for; the others above are those of Latin-1.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

impl Face {
    pub(super) fn font(self) -> &'static [u8] {
        match self {
            Self::Regular => b"Helvetica",
            Self::Bold => b"Helvetica-Bold",
        }
    }

    /// As the pages call it.
    pub(super) fn name(self) -> &'static [u8] {
        match self {
            Self::Regular => b"F1",
            Self::Bold => b"F2",
        }
    }

    fn width_of(self, code: u8) -> u16 {
        let widths = match self {
            Self::Regular => &HELVETICA,
            Self::Bold => &HELVETICA_BOLD,
        };
        match code {
            b' '..=b'~' => widths[usize::from(code - b' ')],
            0x85 | 0x89 | 0x97 | 0x99 | 0xc6 => 1000,
            0x95 => 350,
            _ => self.width_of(plain(code)),
        }
    }
}

/// A letter is as wide without its marks, and a sign about as wide as another.
fn plain(code: u8) -> u8 {
    match code {
        0xc0..=0xc5 => b'A',
        0xc7 => b'C',
        0xc8..=0xcb => b'E',
        0xcc..=0xcf => b'I',
        0xd1 => b'N',
        0xd2..=0xd6 | 0xd8 => b'O',
        0xd9..=0xdc => b'U',
        0xdd => b'Y',
        0xe0..=0xe5 => b'a',
        0xe7 => b'c',
        0xe8..=0xeb => b'e',
        0xec..=0xef | 0xa0 | 0xb7 => b'f',
        0xf1 => b'n',
        0xf2..=0xf6 => b'o',
        0xf9..=0xfc => b'u',
        0xfd | 0xff => b'y',
        0x82 | 0x91 | 0x92 => b'\'',
        0x84 | 0x93 | 0x94 => b'"',
        _ => b'0',
    }
}

pub(super) fn width(text: &[u8], face: Face, size: f32) -> f32 {
    text.iter().map(|code| f32::from(face.width_of(*code))).sum::<f32>() * size / 1000.0
}

/// In the encoding of the fonts. What it lacks is told by what is nearest, or by a question mark.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut codes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match code_of(character) {
            Some(code) => codes.push(code),
            None => codes.extend_from_slice(nearest(character).as_bytes()),
        }
    }
    codes
}

fn code_of(character: char) -> Option<u8> {
    match character {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(character)).ok(),
        '\u{80}'..='\u{9f}' => None,
        _ => (0x80..=0x9f).zip(WINDOWS.chars()).find(|(_, known)| *known == character).map(|(code, _)| code),
    }
}

fn nearest(character: char) -> &'static str {
    match character {
        '₺' => "TRY ",
        '₹' => "INR ",
        '₩' => "KRW ",
        '₪' => "ILS ",
        '₱' => "PHP ",
        '₫' => "VND ",
        'ą' | 'ā' | 'ă' => "a",
        'Ą' | 'Ā' | 'Ă' => "A",
        'ć' | 'č' => "c",
        'Ć' | 'Č' => "C",
        'ď' | 'đ' => "d",
        'Ď' | 'Đ' => "D",
        'ę' | 'ě' | 'ē' => "e",
        'Ę' | 'Ě' | 'Ē' => "E",
        'ğ' => "g",
        'Ğ' => "G",
        'ı' | 'ī' => "i",
        'İ' | 'Ī' => "I",
        'ł' => "l",
        'Ł' => "L",
        'ń' | 'ň' => "n",
        'Ń' | 'Ň' => "N",
        'ő' | 'ō' => "o",
        'Ő' | 'Ō' => "O",
        'ř' => "r",
        'Ř' => "R",
        'ş' | 'ś' | 'ș' => "s",
        'Ş' | 'Ś' | 'Ș' => "S",
        'ť' | 'ț' => "t",
        'Ť' | 'Ț' => "T",
        'ů' | 'ű' | 'ū' => "u",
        'Ů' | 'Ű' | 'Ū' => "U",
        'ź' | 'ż' => "z",
        'Ź' | 'Ż' => "Z",
        '\u{2212}' => "-",
        _ if character.is_whitespace() || character.is_control() => " ",
        _ => "?",
    }
}

/// Broken into lines that are no wider than `room`, between words where it can be; at least one line.
pub(super) fn fit(text: &str, face: Face, size: f32, room: f32) -> Vec<String> {
    let fits = |line: &str| width(&encode(line), face, size) <= room;
    let mut lines = vec![];
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            line.push(character);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::{Face, encode, fit, width};

    #[test]
    fn what_the_fonts_lack_is_told_by_what_is_nearest() {
        assert_eq!(encode("€5 – ¥"), b"\x805 \x96 \xa5");
        assert_eq!(encode("₺20.00 Şişli ığ"), b"TRY 20.00 Sisli ig");
        assert_eq!(encode("日\n"), b"? ");
        assert_eq!(encode("Zoë\u{85}"), b"Zo\xeb ");
    }

    #[test]
    fn a_text_is_broken_between_words_and_a_long_word_inside() {
        assert_eq!(fit("one two three", Face::Regular, 10.0, 40.0), ["one two", "three"]);
        assert_eq!(fit("mmmmmm", Face::Regular, 10.0, 20.0), ["mm", "mm", "mm"]);
        assert_eq!(fit("", Face::Regular, 10.0, 20.0), [""]);
        assert_eq!(fit("ab", Face::Regular, 10.0, 0.0), ["a", "b"]);
    }

    #[test]
    fn every_code_has_a_width() {
        for face in [Face::Regular, Face::Bold] {
            for code in 0..=u8::MAX {
                assert!(width(&[code], face, 10.0) > 0.0, "{code}");
            }
        }
        assert!((width(b"Invoice", Face::Regular, 10.0) - 31.68).abs() < 0.001);
    }
}
