use proptest::prelude::*;

use super::*;

const SECRET: &str = "whsec_a";
const NOW: i64 = 1_700_000_000;
// printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_a
const KNOWN: &str = "04339dc4f01d6541e8d3b7e4bd93cd2d4f680ccb28592270900b08e49cc09e57";

fn judged(header: &str) -> Result<bool, WebhookRefused> {
    Header::parse(header).map(|header| header.is_signed_with(&SECRET.into(), b"{}"))
}

#[test]
fn a_signature_of_the_secret_is_taken() {
    assert_eq!(header_of(SECRET, NOW, b"{}"), format!("t={NOW},v1={KNOWN}"));
    for header in [
        format!("t={NOW},v1={KNOWN}"),
        format!("v1={KNOWN},t={NOW}"),
        format!("t={NOW},v1=0000,v1={KNOWN}"),
        format!("t={NOW},v0=ignored,v1={KNOWN},v2={KNOWN}"),
        format!("t={NOW},v1={KNOWN},other=a=b"),
    ] {
        assert_eq!(judged(&header), Ok(true), "{header}");
    }
}

#[test]
fn another_signature_time_or_case_is_not_the_secrets() {
    for header in [
        format!("t={NOW},v1={}", &KNOWN[1..]),
        format!("t={NOW},v1={KNOWN}0"),
        format!("t={NOW},v1={}", KNOWN.to_uppercase()),
        format!("t={NOW},v1= {KNOWN}"),
        format!("t={},v1={KNOWN}", NOW + 1),
    ] {
        assert_eq!(judged(&header), Ok(false), "{header}");
    }
    let header = format!("t={NOW},v1={KNOWN}");
    let header = Header::parse(&header).unwrap();
    assert!(!header.is_signed_with(&"whsec_b".into(), b"{}"));
    assert!(!header.is_signed_with(&SECRET.into(), b"{ }"));
}

#[test]
fn a_malformed_header_is_refused() {
    for header in [
        String::new(),
        "garbage".to_owned(),
        format!("t={NOW}"),
        format!("v1={KNOWN}"),
        format!("t={NOW},v0={KNOWN}"),
        format!("t={NOW}, v1={KNOWN}"),
        format!("T={NOW},v1={KNOWN}"),
        format!("t=,v1={KNOWN}"),
        format!("t=+{NOW},v1={KNOWN}"),
        format!("t=-1,v1={KNOWN}"),
        format!("t={NOW}.0,v1={KNOWN}"),
        format!("t={NOW}x,v1={KNOWN}"),
        format!("t=0{NOW},v1={KNOWN}"),
        format!("t={NOW},v1="),
        format!("t={NOW},v1=,v1={KNOWN}"),
        format!("t=99999999999999999999,v1={KNOWN}"),
        format!("t={NOW},t={NOW},v1={KNOWN}"),
        format!("t={NOW},v1={KNOWN},"),
        format!("t={NOW},v1={KNOWN},v2"),
        format!("t={NOW};v1={KNOWN}"),
    ] {
        assert!(matches!(judged(&header), Err(WebhookRefused::Signature(_))), "{header}");
    }
}

#[test]
fn a_time_more_than_five_minutes_off_is_refused_in_both_directions() {
    let header = format!("t={NOW},v1={KNOWN}");
    let header = Header::parse(&header).unwrap();
    let at = |seconds| header.check_time(Timestamp::from_timestamp(seconds, 0).unwrap()).is_ok();
    for (offset, is_taken) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
        assert_eq!(at(NOW + offset), is_taken, "{offset}");
    }
}

proptest! {
    #[test]
    fn a_signed_body_is_taken_and_no_other(body: Vec<u8>, other: Vec<u8>, seconds in 0..i64::MAX) {
        let text = header_of(SECRET, seconds, &body);
        let header = Header::parse(&text).unwrap();
        prop_assert!(header.is_signed_with(&SECRET.into(), &body));
        prop_assert_eq!(header.is_signed_with(&SECRET.into(), &other), body == other);
    }

    #[test]
    fn no_header_breaks_the_parser(header in ".{0,64}|(t|v1|v0)=[0-9a-f,=]{0,32}") {
        if let Ok(header) = Header::parse(&header) {
            let is_signed = header.is_signed_with(&SECRET.into(), b"body");
            prop_assert!(!is_signed);
        }
    }
}
