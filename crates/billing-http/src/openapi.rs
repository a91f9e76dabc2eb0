use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Required, Response, ResponseBuilder, Server};
use utoipa::{Modify, OpenApi, ToSchema};

use crate::error::{ErrorBody, ErrorCode};
use crate::handlers::{disable_billing, enable_billing, preflight_disable, read_billing_status};
use crate::operations;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "KolayLogin Billing",
        description = "Turns end-user billing on and off for a workspace. Every error has the body `ErrorBody`; its codes are explained in docs/errors.md.",
        license(name = "Proprietary", identifier = "LicenseRef-Proprietary"),
    ),
    paths(
        read_billing_status::read_billing_status,
        enable_billing::enable_billing,
        disable_billing::disable_billing,
        preflight_disable::preflight_disable,
        operations::health,
        operations::readiness,
        operations::metrics,
    ),
    components(schemas(ErrorBody, ErrorCode)),
    security(("dashboardToken" = [])),
    modifiers(&DashboardToken, &CommonErrors),
)]
struct Document;

/// The API's description, from the code that serves it, for a service reached at this address.
#[must_use]
pub fn openapi_document(public_base_url: &str) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.servers = Some(vec![Server::new(public_base_url)]);
    document
}

struct DashboardToken;

impl Modify for DashboardToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        scheme.description = Some(
            "A dashboard token with the claims `sub`, `workspaceId`, `role`, `iss`, `aud` = `dashboard` and `exp`."
                .to_owned(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("dashboardToken", SecurityScheme::Http(scheme));
    }
}

/// What any operation may answer besides what it says itself.
struct CommonErrors;

const OF_ANY: [(&str, &str); 2] =
    [("405", "`method_not_allowed`; the header `Allow` says what is"), ("500", "`internal_error`")];
const OF_AUTHENTICATED: [(&str, &str); 3] = [
    ("401", "`unauthenticated`"),
    ("403", "`insufficient_role` or `billing_not_enabled`"),
    (
        "503",
        "`database_unavailable` or `identity_provider_unavailable`; the header `Retry-After` says when to try again",
    ),
];
const WITH_BODY: [(&str, &str); 2] = [("413", "`payload_too_large`"), ("415", "`unsupported_media_type`")];

impl Modify for CommonErrors {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for item in document.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                // An operation that says `security(())` needs no token.
                let open = operation.security.is_some();
                let mut common = OF_ANY.to_vec();
                if !open {
                    common.extend(OF_AUTHENTICATED);
                }
                if let Some(RefOr::T(body)) = &mut operation.request_body {
                    body.required = Some(Required::False);
                    common.extend(WITH_BODY);
                }
                for (status, description) in common {
                    let responses = &mut operation.responses.responses;
                    responses
                        .entry(status.to_owned())
                        .or_insert_with(|| RefOr::T(error_response(description)));
                }
            }
        }
    }
}

fn error_response(description: &str) -> Response {
    let body = Ref::from_schema_name(ErrorBody::name());
    ResponseBuilder::new()
        .description(description)
        .content("application/json", Content::new(Some(body)))
        .build()
}
