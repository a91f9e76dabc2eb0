//! Money is never a float (contract, section 2).

use crate::sources::sources;

/// The crates through which an amount can pass.
const CRATES: [&str; 10] = [
    "billing-domain",
    "billing-application",
    "billing-diesel",
    "billing-http",
    "billing-dashboard",
    "billing-stripe",
    "billing-tokens",
    "billing-server",
    "stripe-sandbox",
    "billing-simulation",
];

/// The files that may have floats, and what they count with them. None of it is an amount.
const EXCEPTIONS: [(&str, &str); 15] = [
    ("billing-http/metrics.rs", "seconds that a request took"),
    ("billing-stripe/http/budget.rs", "requests in a second"),
    ("billing-stripe/http/retry.rs", "the jitter of a pause"),
    ("stripe-sandbox/control/chaos.rs", "chances of a delivery"),
    ("stripe-sandbox/control/faults.rs", "the chance of a fault"),
    ("stripe-sandbox/pages/present/home.rs", "chances of a delivery, shown"),
    ("stripe-sandbox/pages/pdf.rs", "places on paper"),
    ("stripe-sandbox/pages/pdf/sheet.rs", "places on paper and shades of ink"),
    ("stripe-sandbox/pages/pdf/text.rs", "widths of letters"),
    // A percentage is kept in hundredths, and is a float only as Stripe's API and a person write it.
    ("stripe-sandbox/resources/coupons.rs", "a percentage in a request and an answer"),
    ("stripe-sandbox/pages/present/mod.rs", "a percentage, shown"),
    ("stripe-sandbox/wire/read.rs", "a percentage or a chance in a form"),
    ("billing-simulation/life.rs", "chances of an event"),
    ("billing-simulation/life/events.rs", "chances of an event"),
    ("billing-simulation/weather.rs", "chances of an event"),
];

#[test]
fn no_amount_can_be_a_float() {
    let (mut found, mut files) = (Vec::new(), 0);
    for name in CRATES {
        for (file, source) in sources(name) {
            files += 1;
            if let Some(float) = float_in(&code_of(&source)) {
                found.push(format!("{name}/{}: {float}", file.replace('\\', "/")));
            }
        }
    }
    let is_excepted =
        |found: &&String| EXCEPTIONS.iter().any(|(file, _)| found.starts_with(&format!("{file}: ")));
    let (excepted, others): (Vec<_>, Vec<_>) = found.iter().partition(is_excepted);
    assert_eq!(others, [""; 0], "floats outside the exceptions");
    assert_eq!(excepted.len(), EXCEPTIONS.len(), "an exception has no floats: {excepted:?}");
    assert!(files > 300, "{files} files only");
}

/// The source without comments, strings and characters.
fn code_of(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let skipped = match next {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            'r' if raw_string(rest).is_some() => raw_string(rest).unwrap_or(1),
            '"' => string(rest),
            '\'' if character(rest).is_some() => character(rest).unwrap_or(1),
            _ => {
                code.push(next);
                rest = &rest[next.len_utf8()..];
                continue;
            }
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// The length of a string with escapes.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a raw string, if one begins here.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|letter| *letter == '#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + body.find(&end)? + end.len())
}

/// The length of a character, which a lifetime is not.
fn character(text: &str) -> Option<usize> {
    let inner = text[1..].chars().next()?;
    if inner == '\\' {
        return text[2..].char_indices().skip(1).find(|(_, letter)| *letter == '\'').map(|(at, _)| at + 3);
    }
    text[1 + inner.len_utf8()..].starts_with('\'').then_some(2 + inner.len_utf8())
}

/// The first type or literal of a float.
fn float_in(code: &str) -> Option<String> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
    code.split(|letter| !is_word(letter)).find(|word| is_float(word)).map(str::to_owned)
}

fn is_float(word: &str) -> bool {
    let is_type = word.split('.').any(|part| {
        let part = part.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '_');
        part == "f32" || part == "f64"
    });
    is_type || is_literal(word)
}

/// Whether it begins with a number that has a fraction or an exponent, unlike `0..5`, `1.max` and `0x1e5`.
fn is_literal(word: &str) -> bool {
    let digits = |text: &str| {
        text.find(|letter: char| !letter.is_ascii_digit() && letter != '_').unwrap_or(text.len())
    };
    let whole = digits(word);
    if whole == 0 || word.starts_with('_') {
        return false;
    }
    let rest = &word[whole..];
    match rest.strip_prefix('.') {
        Some(fraction) => !fraction.starts_with('.') && (fraction.is_empty() || digits(fraction) > 0),
        None => rest.strip_prefix(['e', 'E']).is_some_and(|exponent| digits(exponent) > 0),
    }
}

#[test]
fn a_float_is_told_from_what_looks_like_one() {
    for code in
        ["let x: f64 = y;", "f32::from(1)", "1.5", "2.", "1e3", "1_000.0", "3f64", "x(0.5)", "a.mul_f64(0.5)"]
    {
        assert!(float_in(&code_of(code)).is_some(), "{code}");
    }
    for code in [
        "pair.0.1",
        "0..5",
        "1.max(2)",
        "0x1e5",
        "\"1.5\"",
        "// 1.5 f64\n",
        "r#\"1.5 \" f64\"#",
        "'.'",
        "'\\''",
        "&'a str",
        "v1_5",
        "self.0",
        "as_f64_",
        "1..=2",
        "[0; 5]",
    ] {
        assert_eq!(float_in(&code_of(code)), None, "{code}");
    }
}
