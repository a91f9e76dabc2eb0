use billing_application::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// A part of a list, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListBody<T> {
    items: Vec<T>,
    /// Asks for the next part as `cursor`; null when there is none.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<T, Body: From<T>> From<Page<T>> for ListBody<Body> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items.into_iter().map(Body::from).collect(), next_cursor: page.next_cursor }
    }
}
