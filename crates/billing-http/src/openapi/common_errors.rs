use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, ToSchema};

use crate::error::ErrorBody;

/// What any operation may answer besides what it says itself.
pub(super) struct CommonErrors;

const OF_ANY: [(&str, &str); 2] =
    [("405", "`method_not_allowed`; the header `Allow` says what is"), ("500", "`internal_error`")];
const OF_AUTHENTICATED: [(&str, &str); 4] = [
    ("401", "`unauthenticated`"),
    ("403", "`insufficient_role` or `billing_not_enabled`"),
    ("429", "`too_many_requests`; the header `Retry-After` says when to try again"),
    (
        "503",
        "`database_unavailable` or `identity_provider_unavailable`; the header `Retry-After` says when to try again",
    ),
];
const WITH_INPUT: (&str, &str) = ("400", "`invalid_request`");
const WITH_BODY: [(&str, &str); 2] = [("413", "`payload_too_large`"), ("415", "`unsupported_media_type`")];
const WITH_IDS: (&str, &str) = ("404", "`not_found`: it is not there, or in another workspace");
const OF_CHANGES: (&str, &str) = ("409", "`concurrent_change`");

impl Modify for CommonErrors {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for item in document.paths.paths.values_mut() {
            if let Some(operation) = &mut item.get {
                add(operation, common_errors(operation));
            }
            let changes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in changes.into_iter().flatten() {
                let mut common = common_errors(operation);
                if needs_token(operation) {
                    common.push(OF_CHANGES);
                }
                add(operation, common);
            }
        }
    }
}

/// An operation that says `security(())` needs no token.
fn needs_token(operation: &Operation) -> bool {
    operation.security.is_none()
}

fn add(operation: &mut Operation, common: Vec<(&'static str, &'static str)>) {
    for (status, description) in common {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(error_response(description)));
    }
}

fn common_errors(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut common = OF_ANY.to_vec();
    if needs_token(operation) {
        common.extend(OF_AUTHENTICATED);
    }
    let is_in_path = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path);
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    if parameters.iter().any(is_in_path) {
        common.push(WITH_IDS);
    }
    if operation.request_body.is_some() || !parameters.iter().all(is_in_path) {
        common.push(WITH_INPUT);
    }
    if operation.request_body.is_some() && needs_token(operation) {
        common.extend(WITH_BODY);
    }
    common
}

fn error_response(description: &str) -> Response {
    let body = Ref::from_schema_name(ErrorBody::name());
    ResponseBuilder::new()
        .description(description)
        .content("application/json", Content::new(Some(body)))
        .build()
}
