//! Values that are refused, and in which words.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;

use super::tests::{load, load_with_file, problems, tempfile};
use super::*;

fn told(name: &str, value: &str) -> String {
    problems(&[(name, value)])
}

#[test]
fn a_value_of_a_list_is_refused_with_the_list() {
    for (name, value, sentence) in [
        ("KL_ENV", "prod", r#"KL_ENV must be development or production, not "prod""#),
        ("KL_ENV", "Production", r#"KL_ENV must be development or production, not "Production""#),
        ("KL_ENV", " ", r#"KL_ENV must be development or production, not " ""#),
        ("KL_LOG_FORMAT", "xml", r#"KL_LOG_FORMAT must be text or json, not "xml""#),
        (
            "KL_PAST_DUE_GRACE_DAYS",
            "366",
            r#"KL_PAST_DUE_GRACE_DAYS must be a whole number of days from 0 to 365, not "366""#,
        ),
    ] {
        assert_eq!(told(name, value), format!("the settings cannot be used:\n  - {sentence}"));
    }
}

#[test]
fn a_value_of_the_file_is_refused_with_its_variable_and_the_file() {
    for (line, sentence) in [
        ("env = \"prod\"", r#"KL_ENV must be development or production, not "prod""#),
        ("env = \"\"", r#"KL_ENV must be development or production, not """#),
        ("log_format = 5", r#"KL_LOG_FORMAT must be text or json, not "5""#),
    ] {
        let mut file = tempfile();
        writeln!(file.1, "{line}").unwrap();
        let told = load_with_file(&[], Some(&file.0)).unwrap_err().to_string();
        assert!(told.contains(sentence), "{told}");
        assert!(told.ends_with(&format!("(in {}, KL_X is the key `x`)", file.0.display())), "{told}");
    }
}

#[test]
fn a_blank_value_of_the_file_is_unset() {
    let mut file = tempfile();
    writeln!(file.1, "listen = \"\"\nlog = \" \"\nlog_format = \"\"\ndashboard_jwt_issuer = \"\"").unwrap();

    let settings = load_with_file(&[], Some(&file.0)).unwrap();

    assert_eq!(settings.listen.port(), 3001);
    assert_eq!(settings.dashboard_jwt_issuer, "kolaylogin");
    assert_eq!(settings.logging.format, LogFormat::Text);
}

#[test]
fn an_address_needs_an_ip_address_and_a_port() {
    for name in ["KL_LISTEN", "KL_STRIPE_SANDBOX_LISTEN"] {
        for value in ["localhost:3001", "127.0.0.1", "3001", ":3001", "127.0.0.1:65536"] {
            let sentence =
                format!("{name} must be an IP address and a port, such as 127.0.0.1:3001, not \"{value}\"");
            assert!(told(name, value).contains(&sentence), "{name} {value}");
        }
    }
}

#[test]
fn an_address_of_the_web_takes_no_user_and_no_password() {
    let all =
        ["KL_PUBLIC_BASE_URL", "KL_DASHBOARD_JWKS_URL", "KL_DASHBOARD_SIGN_IN_URL", "KL_STRIPE_API_BASE"];
    for name in all {
        for value in
            ["https://:hunter2@host.example", "https://user@host.example", "https://user:hunter2@host"]
        {
            let told = told(name, value);
            assert!(told.contains(&format!("{name} must be an address")), "{told}");
            assert!(!told.contains("hunter2") && !told.contains("user@"), "{told}");
        }
    }
}

#[test]
fn a_base_address_takes_no_query_and_no_fragment() {
    for name in ["KL_PUBLIC_BASE_URL", "KL_STRIPE_API_BASE"] {
        for value in ["https://host.example/?", "https://host.example?a=b", "https://host.example/#top"] {
            assert!(
                told(name, value).contains("without a query (?…) and without a fragment"),
                "{name} {value}"
            );
        }
        load(&[(name, "https://host.example/billing/")]).unwrap();
    }
}

#[test]
fn only_secret_keys_of_stripe_are_taken_and_none_is_shown() {
    for name in ["KL_STRIPE_SECRET_KEY", "KL_STRIPE_CONNECT_SECRET_KEY"] {
        for key in [
            "pk_live_51Hx",
            "pk_test_51Hx",
            "whsec_51Hx",
            "sk_live_",
            "sk_live_51 Hx",
            "sk_live_51Hx\n",
            "51Hx",
        ] {
            let told = told(name, key);
            assert!(told.contains(&format!("{name} must be a secret or restricted key of Stripe")), "{told}");
            assert!(!told.contains("51Hx"), "{told}");
        }
        for key in ["sk_live_51Hx", "sk_test_51Hx", "rk_live_51Hx", "rk_test_51Hx"] {
            load(&[(name, key)]).unwrap();
        }
    }
    let told = told("KL_STRIPE_CONNECT_CLIENT_ID", "sk_live_51Hx");
    assert!(told.contains("KL_STRIPE_CONNECT_CLIENT_ID must be") && !told.contains("51Hx"), "{told}");
}

#[test]
fn a_filter_of_the_log_that_logs_nothing_is_refused() {
    assert!(told("KL_LOG", "off").contains("KL_LOG lets no line of the service through"));
    assert!(told("KL_LOG", "info,billing=lots").contains("KL_LOG cannot be read"));
}

#[test]
fn a_variable_that_is_not_utf8_is_refused_and_named() {
    let raw = |name: &str, value: &[u8]| (OsString::from(name), OsString::from_vec(value.to_vec()));
    let variables = [
        raw("KL_ENV", b"production"),
        raw("PATH", b"\xff"),
        raw("KL_DASHBOARD_JWT_SECRET", &[0xf0, 0x9f].repeat(20)),
        raw("KL_CONFIG", b"/etc/\xff.toml"),
        raw("KL_UNKNOWN", b"\xff"),
    ];
    assert_eq!(
        raw::ours(variables.into_iter()).unwrap_err(),
        ["KL_CONFIG", "KL_DASHBOARD_JWT_SECRET", "KL_UNKNOWN"]
            .map(|name| format!("{name} is not valid UTF-8"))
    );
    // A replacement character that was written as one is a character as any other.
    let secret = raw("KL_DASHBOARD_JWT_SECRET", "\u{fffd}".repeat(20).as_bytes());
    assert_eq!(raw::ours([secret].into_iter()).unwrap().len(), 1);
}

#[test]
fn a_settings_file_that_is_not_utf8_is_refused() {
    let mut file = tempfile();
    file.1.write_all(b"dashboard_jwt_secret = \"\xf0\x9f\"").unwrap();
    let told = load_with_file(&[], Some(&file.0)).unwrap_err().to_string();
    assert!(told.contains(file.0.to_str().unwrap()) && told.contains("UTF-8"), "{told}");
}

#[test]
fn the_public_address_follows_where_the_service_listens() {
    let public = |listen, at: &str| {
        let settings = load(&[("KL_LISTEN", listen)]).unwrap().listening_on(at.parse().unwrap());
        assert_eq!(settings.public_base_url, settings.public_origin);
        settings.public_base_url
    };
    assert_eq!(public("0.0.0.0:8080", "0.0.0.0:8080"), "http://localhost:8080");
    assert_eq!(public("127.0.0.1:0", "127.0.0.1:4321"), "http://localhost:4321");
    assert_eq!(public("[::1]:80", "[::1]:80"), "http://localhost");
    assert_eq!(public("192.0.2.1:3001", "192.0.2.1:3001"), "http://192.0.2.1:3001");
    assert_eq!(load(&[("KL_LISTEN", "0.0.0.0:8080")]).unwrap().public_base_url, "http://localhost:8080");

    let set = [("KL_LISTEN", "127.0.0.1:0"), ("KL_PUBLIC_BASE_URL", "https://billing.example.com")];
    let settings = load(&set).unwrap().listening_on("127.0.0.1:4321".parse().unwrap());
    assert_eq!(settings.public_base_url, "https://billing.example.com");
}
