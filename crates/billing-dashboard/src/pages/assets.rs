use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use actix_web::HttpResponse;

use crate::web::asset;

pub(crate) const STYLES: &str = concat!(
    include_str!("../../assets/styles/tokens.css"),
    include_str!("../../assets/styles/base.css"),
    include_str!("../../assets/styles/shell.css"),
    include_str!("../../assets/styles/parts.css"),
    include_str!("../../assets/styles/sales.css"),
    include_str!("../../assets/styles/charts.css"),
    include_str!("../../assets/styles/timeline.css"),
    include_str!("../../assets/styles/pages.css"),
    include_str!("../../assets/styles/sizes.css"),
);
pub(crate) const SCRIPT: &str = include_str!("../../assets/app.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Changes with the files, so that browsers do not use old ones.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    FILES.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
});

/// The files by name, with their content types. They are public: no session is read.
pub(crate) const FILES: [(&str, &str, &str); 3] = [
    ("app.css", "text/css; charset=utf-8", STYLES),
    ("app.js", "text/javascript; charset=utf-8", SCRIPT),
    ("icon.svg", "image/svg+xml", ICON),
];

pub(crate) fn answer(content_type: &'static str, text: &'static str, query: &str) -> HttpResponse {
    // A request for another version, as in a rolling deployment, must not be cached under that name.
    let is_this_version = query == format!("v={}", *VERSION);
    asset(content_type, text, is_this_version)
}
