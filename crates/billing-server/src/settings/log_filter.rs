use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Targets;

/// The crates whose lines are the service's log.
const CRATES: [&str; 7] = [
    "billing_application",
    "billing_dashboard",
    "billing_diesel",
    "billing_http",
    "billing_server",
    "billing_tokens",
    "stripe_sandbox",
];

const GRAMMAR: &str =
    "levels (error, warn, info, debug, trace), alone or as crate=level, with commas between them";

/// The filter without blanks, if something is logged with it.
pub(super) fn checked(filter: &str) -> Result<String, String> {
    let directives: Vec<_> = filter.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
    let filter = directives.join(",");
    if filter.contains('[') || EnvFilter::try_new(&filter).is_err() {
        return Err(format!("KL_LOG cannot be read: it must be {GRAMMAR}"));
    }
    if !logs_something(&directives) {
        return Err(format!(
            "KL_LOG lets no line of the service through, not even its errors: it must be {GRAMMAR}, such as `error`"
        ));
    }
    Ok(filter)
}

/// Whether an error of one of our crates, or of a module that a directive names, would be logged. A word that is no
/// level is the name of a crate, so that `warning` alone logs nothing.
fn logs_something(directives: &[&str]) -> bool {
    let targets = if directives.is_empty() { Ok(Targets::new()) } else { directives.join(",").parse() };
    let Ok(targets) = targets else { return true };
    let named = directives.iter().filter_map(|directive| directive.split('=').next());
    let modules = named.filter(|name| CRATES.iter().any(|ours| name.starts_with(&format!("{ours}::"))));
    let logs = |target: &str| targets.would_enable(target, &Level::ERROR);
    CRATES.into_iter().chain(modules).any(logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_logs_something_is_taken() {
        for filter in [
            "info",
            "ERROR",
            "4",
            "info,actix_server=warn,actix_http=off",
            "billing_http=debug",
            "off,billing_http::middleware=warn",
            "billing=info",
        ] {
            assert_eq!(checked(filter).as_deref(), Ok(filter));
        }
        assert_eq!(checked(" info , billing_http=debug,").as_deref(), Ok("info,billing_http=debug"));
    }

    #[test]
    fn a_filter_in_which_nothing_is_ever_logged_is_refused() {
        for filter in ["off", "OFF", "0", ",", "warning", "info;debug", "billing=off", "actix_server=info"] {
            let told = checked(filter).unwrap_err();
            assert!(told.contains("KL_LOG lets no line of the service through"), "{filter}: {told}");
        }
    }

    #[test]
    fn a_filter_that_does_not_parse_is_refused() {
        for filter in [
            "billing_http=lots",
            "=info",
            "[",
            "a=b=c",
            "[request]=info",
            "billing_http[{request_id=1}]=trace,off",
        ] {
            let told = checked(filter).unwrap_err();
            assert!(told.contains("KL_LOG cannot be read: it must be levels"), "{filter}: {told}");
        }
    }
}
