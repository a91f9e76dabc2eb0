use actix_web::http::StatusCode;
use billing_domain::Role;

use crate::SignIn;
use crate::views::{DemoForm, SignInPage};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect, rendered, set_cookie, without_cookie};

pub(crate) async fn show(visit: Visit) -> Reply {
    let return_to = own_path(visit.of_query("returnTo"));
    let (demo, address) = match &visit.dashboard.settings.sign_in {
        SignIn::Demo(_) => (Some(DemoForm { csrf: visit.form_token(), return_to }), None),
        SignIn::Platform { address } => {
            (None, address.as_deref().map(|address| with_return(address, &return_to)))
        }
    };
    let expired = visit.of_query("expired").is_some();
    rendered(StatusCode::OK, &SignInPage { flash: visit.said(), expired, demo, address })
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let dashboard = &submission.visit.dashboard;
    let SignIn::Demo(tokens) = &dashboard.settings.sign_in else { return Err(Failure::not_found()) };
    let role = match submission.fields.text("as") {
        "owner" => Role::Owner,
        "member" => Role::Member,
        _ => return Err(Failure::refused("Choose whom to sign in as: the demo owner or a demo member.")),
    };
    let token = tokens.demo_token(role).map_err(Failure::internal)?;
    let mut response = redirect(&own_path(Some(submission.fields.text("returnTo").to_owned())));
    let cookie = set_cookie(dashboard, dashboard.settings.session_cookie.clone(), token);
    response.add_cookie(&cookie).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(response)
}

pub(crate) async fn sign_out(submission: Submission) -> Reply {
    let visit = &submission.visit;
    // The platform's sessions are ended by the platform only.
    let SignIn::Demo(_) = &visit.dashboard.settings.sign_in else { return Err(Failure::not_found()) };
    let mut response = visit.done(Flash::SignedOut, "/sign-in")?;
    let cookie = without_cookie(&visit.dashboard, visit.dashboard.settings.session_cookie.clone());
    response.add_cookie(&cookie).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(response)
}

/// A path of this site, to prevent open redirects.
fn own_path(asked: Option<String>) -> String {
    let is_own = |path: &String| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= 2048
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    asked.filter(is_own).unwrap_or_else(|| "/app".to_owned())
}

fn with_return(address: &str, return_to: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("returnTo", return_to);
    let joined = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joined}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_returns_to_this_site_only() {
        for path in ["/app", "/app/a/billing?cursor=x", "/settings/billing"] {
            assert_eq!(own_path(Some(path.to_owned())), path);
        }
        for path in
            ["", "app", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nx: y", "/ä"]
        {
            assert_eq!(own_path(Some(path.to_owned())), "/app", "{path:?}");
        }
        assert_eq!(own_path(None), "/app");
    }

    #[test]
    fn the_platform_gets_the_return_address() {
        let back = with_return("https://id.example/sign-in", "/app?cursor=x");
        assert_eq!(back, "https://id.example/sign-in?returnTo=%2Fapp%3Fcursor%3Dx");
        assert_eq!(with_return("https://id.example/?a=b", "/app"), "https://id.example/?a=b&returnTo=%2Fapp");
    }
}
