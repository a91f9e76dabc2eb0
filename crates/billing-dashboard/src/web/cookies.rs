use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};

use crate::Dashboard;

/// A cookie hidden from scripts and not sent with requests of other sites.
pub(crate) fn set_cookie(dashboard: &Dashboard, name: String, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(dashboard.settings.is_secure())
        .finish()
}

/// The cookie that removes one of ours.
pub(crate) fn without_cookie(dashboard: &Dashboard, name: String) -> Cookie<'static> {
    let mut cookie = set_cookie(dashboard, name, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

pub(super) fn value(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty())
}

/// The name of a cookie that only this host can set, where browsers enforce the prefix.
pub(super) fn of_this_host(dashboard: &Dashboard, name: &str) -> String {
    if dashboard.settings.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}
