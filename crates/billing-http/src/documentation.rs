//! The API's documentation in a browser: Swagger UI, from this process alone.

use std::borrow::Cow;
use std::future::ready;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY};
use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::endpoint::endpoint;
use crate::files::File;

const FOLDER: &str = "/docs/api/";
const START: &str = "index.html";

/// The files Swagger UI consists of in a browser.
const NAMES: [&str; 8] = [
    START,
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
];

static FILES: LazyLock<Vec<(&'static str, File)>> = LazyLock::new(|| {
    // Swagger UI asks swagger.io to validate a document that is not on this machine, unless it is told not to.
    let config = Config::from("/openapi.json").validator_url("none");
    let config = Arc::new(config);
    NAMES.into_iter().filter_map(|name| Some((name, file(name, Arc::clone(&config))?))).collect()
});

fn file(name: &str, config: Arc<Config<'static>>) -> Option<File> {
    let served = utoipa_swagger_ui::serve(name, config).ok()??;
    let bytes = match served.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let content_type = match served.content_type.as_str() {
        text if text.starts_with("text/") => HeaderValue::from_str(&format!("{text}; charset=utf-8")),
        other => HeaderValue::from_str(other),
    };
    Some(File::new(content_type.ok()?, bytes))
}

/// Own files and `data:` images only, and nothing inline but one style sheet. Swagger UI inserts it, so its hash changes
/// with Swagger UI's version; the test in the browser says when.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

pub(crate) fn mount(config: &mut ServiceConfig) {
    config.service(endpoint("", "/docs/api").get(to_start));
    config.service(endpoint("", FOLDER).get(|request: HttpRequest| ready(answer(START, &request))));
    for name in NAMES {
        config.service(
            endpoint("", &format!("{FOLDER}{name}"))
                .get(move |request: HttpRequest| ready(answer(name, &request))),
        );
    }
}

fn answer(name: &str, request: &HttpRequest) -> HttpResponse {
    let file = FILES.iter().find(|(known, _)| *known == name);
    file.map_or_else(|| HttpResponse::NotFound().finish(), |(_, file)| file.answer(request, &HEADERS))
}

async fn to_start() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, FOLDER)).finish()
}
