//! Under which names the sandbox is reached. A page of the web can give its own name the address of this machine (DNS
//! rebinding) and would then read and turn everything here: what it cannot do is send another `Host` than its name.

use std::{net::IpAddr, sync::Arc};

use actix_web::{
    Error, ResponseError,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCEPT, HOST, HeaderName},
    middleware::Next,
    web::Data,
};

use super::{Shared, control_api::Refusal, pages::PageError, stripe_api};
use crate::{api::ApiResponse, wire::ApiError};

/// Refuses a request to a name that may be another site's.
pub async fn known_only<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let shared = request.app_data::<Data<Arc<Shared>>>();
    let own = shared.and_then(|shared| shared.host.as_deref());
    // Who is no browser may send none.
    let Some(foreign) = header(&request, HOST).filter(|host| !is_known(host, own)) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let message = format!(
        "This sandbox does not answer to the name {foreign}, which may be another site's. Reach it by its address, as \
         localhost, or start it with --url and the address you use."
    );
    let refused = if request.path().starts_with("/v1/") {
        stripe_api::spoken(&ApiResponse::refused(&ApiError::forbidden(message)))
    } else if header(&request, ACCEPT).is_some_and(|kinds| kinds.contains("text/html")) {
        PageError::unknown_name(message).error_response()
    } else {
        Refusal::forbidden(message).error_response()
    };
    Ok(request.into_response(refused).map_into_right_body())
}

fn header(request: &ServiceRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).map(|value| value.to_str().unwrap_or("that cannot be read"))
}

/// `own` is the name in the sandbox's own address.
fn is_known(host: &str, own: Option<&str>) -> bool {
    let name = without_port(host).trim_end_matches('.').to_ascii_lowercase();
    own == Some(name.as_str()) || is_address(&name) || is_of_no_site(&name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

/// A browser asks nobody where that is.
fn is_address(name: &str) -> bool {
    name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// Names that nobody can have on the web: this machine, and those without a dot or under `internal`, as containers have.
fn is_of_no_site(name: &str) -> bool {
    !name.contains('.') || name.ends_with(".localhost") || name.ends_with(".internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hosts_are_local_names_addresses_and_the_public_name() {
        for known in [
            "localhost",
            "localhost:12111",
            "LOCALHOST.",
            "shop.localhost:1",
            "127.0.0.1",
            "127.8.0.1:80",
            "[::1]:12111",
            "[::1]",
            "192.168.0.7:12111",
            "stripe-sandbox:12111",
            "host.docker.internal:12111",
            "pay.example.com:443",
        ] {
            assert!(is_known(known, Some("pay.example.com")), "{known}");
        }
        for foreign in [
            "evil.example",
            "evil.example:12111",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "evil-localhost.example",
            "pay.example.com.evil.example",
            "example.com",
            "evil.example.",
            "[::1].evil.example",
            "internal.evil.example",
        ] {
            assert!(!is_known(foreign, Some("pay.example.com")), "{foreign}");
        }
        assert!(!is_known("pay.example.com", Some("localhost")));
    }
}
