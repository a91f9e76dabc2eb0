use std::io::Write;

use billing_domain::Gateway;

use super::*;

const SECRET: (&str, &str) = ("KL_DASHBOARD_JWT_SECRET", "a-secret-for-tests-of-at-least-32-bytes");
const PRODUCTION: [(&str, &str); 4] = [
    ("KL_ENV", "production"),
    ("KL_DATABASE_URL", "postgres://db/billing"),
    ("KL_PUBLIC_BASE_URL", "https://billing.example.com/"),
    SECRET,
];

pub(super) fn load(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    load_with_file(variables, None)
}

pub(super) fn load_with_file(
    variables: &[(&str, &str)],
    file: Option<&Path>,
) -> Result<Settings, SettingsError> {
    Settings::from_variables(owned(variables), file, true)
}

/// The settings in a build without the sandbox.
fn load_without_sandbox(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::from_variables(owned(variables), None, false)
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn problems(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

fn is_available(settings: &Settings, gateway: Gateway) -> bool {
    settings.gateways.require(gateway).is_ok()
}

#[test]
fn development_needs_no_settings() {
    let settings = load(&[]).unwrap();

    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:3001");
    assert_eq!(settings.public_base_url, "http://localhost:3001");
    assert_eq!(settings.dashboard_jwt_issuer, "kolaylogin");
    assert_eq!(settings.grace, GraceDays::default());
    assert_eq!(load(&[("KL_PAST_DUE_GRACE_DAYS", "0")]).unwrap().grace, GraceDays::new(0).unwrap());
    assert!(matches!(settings.dashboard_tokens, DashboardTokenSource::GeneratedSecret));
    assert!(
        matches!(settings.database_url, DatabaseUrl::Sqlite(path) if path == Path::new("data/billing.db"))
    );
}

#[test]
fn production_names_every_missing_setting() {
    let problems = problems(&[("KL_ENV", "production")]);

    for name in ["KL_DATABASE_URL", "KL_PUBLIC_BASE_URL", "KL_DASHBOARD_JWT_SECRET or KL_DASHBOARD_JWKS_URL"]
    {
        assert!(problems.contains(&format!("{name} is missing")), "{name} in {problems}");
    }
}

#[test]
fn production_has_no_gateway_by_default() {
    let settings = load(&PRODUCTION).unwrap();

    assert_eq!(settings.public_base_url, "https://billing.example.com");
    for gateway in Gateway::ALL {
        assert!(!is_available(&settings, gateway), "{gateway}");
    }
}

#[test]
fn a_gateway_with_its_settings_is_available() {
    for (gateway, needed) in [
        (Gateway::Managed, vec![("KL_STRIPE_MANAGED_SECRET_KEY", "sk_test_1")]),
        (Gateway::StripePlatform, vec![("KL_STRIPE_SECRET_KEY", "sk_live_1")]),
        (
            Gateway::StripeConnect,
            vec![("KL_STRIPE_CONNECT_SECRET_KEY", "sk_live_1"), ("KL_STRIPE_CONNECT_CLIENT_ID", "ca_1")],
        ),
    ] {
        let mut variables = PRODUCTION.to_vec();
        for (number, setting) in needed.iter().enumerate() {
            assert!(!is_available(&load(&variables).unwrap(), gateway), "{gateway} after {number}");
            variables.push(*setting);
        }
        assert!(is_available(&load(&variables).unwrap(), gateway), "{gateway}");
    }
}

#[test]
fn in_development_only_stripe_platform_needs_a_key() {
    let settings = load(&[]).unwrap();

    assert_eq!(settings.stripe_sandbox, Some(SandboxListen::Usual));
    assert!(is_available(&settings, Gateway::Managed));
    assert!(is_available(&settings, Gateway::StripeConnect));
    assert!(!is_available(&settings, Gateway::StripePlatform));
}

#[test]
fn sandbox_is_served_until_every_development_gateway_has_a_key() {
    let managed = ("KL_STRIPE_MANAGED_SECRET_KEY", "sk_test_1");
    let connect = [("KL_STRIPE_CONNECT_SECRET_KEY", "sk_test_2"), ("KL_STRIPE_CONNECT_CLIENT_ID", "ca_1")];
    let with_all = [managed, connect[0], connect[1]];

    for set in [&[][..], &[managed], &connect, &with_all[..2]] {
        assert!(load(set).unwrap().stripe_sandbox.is_some(), "{set:?}");
    }
    assert_eq!(load(&with_all).unwrap().stripe_sandbox, None);
}

#[test]
fn another_stripe_address_replaces_the_sandbox() {
    let elsewhere = ("KL_STRIPE_API_BASE", "http://127.0.0.1:12111");
    let settings = load(&[elsewhere, ("KL_STRIPE_MANAGED_SECRET_KEY", "sk_test_1")]).unwrap();

    assert_eq!(settings.stripe_sandbox, None);
    assert!(is_available(&settings, Gateway::Managed));
    assert!(!is_available(&settings, Gateway::StripeConnect));
}

#[test]
fn the_sandbox_listens_at_its_configured_address() {
    let listen = ("KL_STRIPE_SANDBOX_LISTEN", "0.0.0.0:4242");
    let settings = load(&[listen]).unwrap();
    assert_eq!(settings.stripe_sandbox, Some(SandboxListen::At(([0, 0, 0, 0], 4242).into())));
}

#[test]
fn production_has_no_sandbox_and_takes_no_address_for_one() {
    let mut variables = PRODUCTION.to_vec();
    assert_eq!(load(&variables).unwrap().stripe_sandbox, None);

    variables.push(("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:12111"));
    assert!(problems(&variables).contains("KL_STRIPE_SANDBOX_LISTEN is for development"));
}

#[test]
fn development_without_the_sandbox_names_the_variables_it_lacks() {
    let settings = load_without_sandbox(&[("KL_STRIPE_CONNECT_SECRET_KEY", "sk_test_1")]).unwrap();

    assert_eq!(settings.stripe_sandbox, None);
    for gateway in Gateway::ALL {
        assert!(!is_available(&settings, gateway), "{gateway}");
    }
    assert_eq!(
        settings.missing_sandbox.unwrap(),
        "this build has no Stripe sandbox, so these gateways are not available: `managed` without \
         KL_STRIPE_MANAGED_SECRET_KEY, `stripe_connect` without KL_STRIPE_CONNECT_CLIENT_ID; set the variables, or \
         build with the feature `stripe-sandbox`"
    );
}

#[test]
fn a_missing_sandbox_is_reported_only_if_it_would_be_served() {
    assert_eq!(load(&[]).unwrap().missing_sandbox, None);
    let elsewhere = [("KL_STRIPE_API_BASE", "http://127.0.0.1:12111")];
    for variables in [&PRODUCTION[..], &elsewhere] {
        assert_eq!(load_without_sandbox(variables).unwrap().missing_sandbox, None, "{variables:?}");
    }
}

#[test]
fn an_address_for_a_sandbox_that_is_not_built_in_is_refused() {
    let listen = ("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:12111");
    let refused = |variables: &[_]| load_without_sandbox(variables).unwrap_err().to_string();

    assert!(
        refused(&[listen]).contains("KL_STRIPE_SANDBOX_LISTEN is set, and this build has no Stripe sandbox")
    );
    let in_production = [&PRODUCTION[..], &[listen]].concat();
    assert_eq!(refused(&in_production), problems(&in_production));
}

#[test]
fn the_shared_gateway_takes_a_test_key_only() {
    for environment in ["development", "production"] {
        let mut variables = PRODUCTION.to_vec();
        variables[0] = ("KL_ENV", environment);
        variables.push(("KL_STRIPE_MANAGED_SECRET_KEY", "sk_live_0123456789"));
        let problems = problems(&variables);
        assert!(problems.contains("KL_STRIPE_MANAGED_SECRET_KEY must be a Stripe test key"), "{problems}");
        assert!(!problems.contains("sk_live_0123456789"), "{problems}");
    }
}

#[test]
fn tokens_have_exactly_one_source_of_keys() {
    let jwks = ("KL_DASHBOARD_JWKS_URL", "https://login.example.com/jwks.json");

    assert!(problems(&[SECRET, jwks]).contains("remove one of them"));
    assert!(matches!(load(&[jwks]).unwrap().dashboard_tokens, DashboardTokenSource::JwksUrl(_)));
    assert!(matches!(load(&[SECRET]).unwrap().dashboard_tokens, DashboardTokenSource::Secret(_)));
}

#[test]
fn a_malformed_value_names_its_variable() {
    for (name, value) in [
        ("KL_LISTEN", "localhost"),
        ("KL_DATABASE_URL", "mysql://db"),
        ("KL_PUBLIC_BASE_URL", "billing.example.com"),
        ("KL_DASHBOARD_JWKS_URL", "ftp://login.example.com"),
        ("KL_STRIPE_API_BASE", "api.stripe.com"),
        ("KL_STRIPE_SANDBOX_LISTEN", "12111"),
    ] {
        let problems = problems(&[(name, value)]);
        assert!(problems.contains(name), "{problems}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let mut file = tempfile();
    writeln!(file.1, "listen = \"127.0.0.1:4000\"\ndashboard_jwt_issuer = \"from-the-file\"").unwrap();

    let settings = load_with_file(&[("KL_LISTEN", "127.0.0.1:5000")], Some(&file.0)).unwrap();

    assert_eq!(settings.listen.port(), 5000);
    assert_eq!(settings.dashboard_jwt_issuer, "from-the-file");
}

#[test]
fn kl_config_names_the_file_unless_the_command_line_does() {
    let (mut named, mut given) = (tempfile(), tempfile());
    writeln!(named.1, "listen = \"127.0.0.1:4000\"").unwrap();
    writeln!(given.1, "listen = \"127.0.0.1:5000\"").unwrap();
    let variable = [("KL_CONFIG", named.0.to_str().unwrap())];

    assert_eq!(load(&variable).unwrap().listen.port(), 4000);
    assert_eq!(load_with_file(&variable, Some(&given.0)).unwrap().listen.port(), 5000);
    assert_eq!(load(&[("KL_CONFIG", " ")]).unwrap().listen.port(), 3001);
    assert!(load(&variable).unwrap().unused.is_empty());
    assert!(problems(&[("KL_CONFIG", "/nowhere/settings.toml")]).contains("/nowhere/settings.toml"));
}

#[test]
fn an_unknown_setting_in_the_file_is_refused() {
    let mut file = tempfile();
    writeln!(file.1, "databse_url = \"sqlite://x.db\"").unwrap();

    let error = load_with_file(&[], Some(&file.0)).unwrap_err().to_string();

    assert!(error.contains("databse_url"), "{error}");
}

#[test]
fn an_unknown_variable_is_reported_and_an_empty_one_is_unset() {
    let settings = load(&[
        ("KL_DATABSE_URL", "sqlite://x.db"),
        ("KL_TEST_REQUIRE_ALL", "1"),
        ("KL_DASHBOARD_JWKS_URL", ""),
    ])
    .unwrap();

    assert_eq!(settings.unused, ["KL_DATABSE_URL"]);
    assert!(matches!(settings.dashboard_tokens, DashboardTokenSource::GeneratedSecret));
}

#[test]
fn an_error_of_the_settings_file_shows_no_secrets() {
    for line in ["dashboard_jwt_secret = \"hunter2", "stripe_secret_key = hunter2"] {
        let mut file = tempfile();
        writeln!(file.1, "listen = \"127.0.0.1:4000\"\n{line}").unwrap();

        let told = load_with_file(&[], Some(&file.0)).unwrap_err().to_string();

        assert!(told.contains("line 2") && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn a_blank_value_is_unset() {
    let mut file = tempfile();
    writeln!(file.1, "stripe_secret_key = \"\"").unwrap();
    let settings = load_with_file(&[], Some(&file.0)).unwrap();
    assert!(!is_available(&settings, Gateway::StripePlatform));

    let mut variables = PRODUCTION.to_vec();
    let blanks = " ".repeat(40);
    variables[3].1 = &blanks;
    assert!(problems(&variables).contains("KL_DASHBOARD_JWT_SECRET or KL_DASHBOARD_JWKS_URL is missing"));
}

#[test]
fn the_environment_is_never_development_by_accident() {
    assert!(problems(&[("KL_ENV", "")]).contains("KL_ENV"));
    let mut variables = PRODUCTION.to_vec();
    variables.push(("KL_env", "development"));
    let settings = load(&variables).unwrap();
    assert_eq!(settings.environment, Environment::Production);
    assert_eq!(settings.unused, ["KL_env"]);
}

#[test]
fn the_jwks_url_is_encrypted_in_production() {
    let mut variables = PRODUCTION.to_vec();
    variables[3] = ("KL_DASHBOARD_JWKS_URL", "http://login.example.com/jwks.json");
    assert!(problems(&variables).contains("https://"));
    variables[3].1 = "https://login.example.com/jwks/";
    let settings = load(&variables).unwrap();
    assert!(
        matches!(settings.dashboard_tokens, DashboardTokenSource::JwksUrl(url) if url.ends_with("/jwks/"))
    );
}

#[test]
fn the_stripe_api_base_is_encrypted_in_production() {
    let mut variables = PRODUCTION.to_vec();
    variables.push(("KL_STRIPE_API_BASE", "http://stripe.example.com"));
    assert!(problems(&variables).contains("KL_STRIPE_API_BASE must begin with https://"));
    variables[4].1 = "https://stripe.example.com";
    load(&variables).unwrap();
}

#[test]
fn secrets_are_never_shown() {
    let settings = load(&[SECRET, ("KL_DATABASE_URL", "postgres://billing:hunter2@db/billing")]).unwrap();
    let shown = format!("{settings:?}");
    assert!(!shown.contains(SECRET.1) && !shown.contains("hunter2"), "{shown}");
}

pub(super) fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    let (file, path) = tempfile::Builder::new().suffix(".toml").tempfile().unwrap().keep().unwrap();
    (path, file)
}
