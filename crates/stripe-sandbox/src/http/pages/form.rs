//! Forms as browsers send them, from our own pages only.

use std::sync::Arc;

use actix_web::{
    FromRequest, HttpRequest,
    dev::{Payload, UrlEncoded},
    error::UrlencodedError,
    web::{Data, Query},
};
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, Ready, ready},
};
use serde::de::DeserializeOwned;

use super::PageError;
use crate::http::Shared;

const LARGEST_FORM: usize = 32 * 1024;

/// The body of a form. One that a page of another site has sent is refused; who is no browser says nothing of where
/// it comes from, and passes.
pub struct PageForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for PageForm<T> {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_ours(request) {
            return ready(Err(PageError::foreign())).boxed_local();
        }
        let form = UrlEncoded::<T>::new(request, payload).limit(LARGEST_FORM);
        async move { form.await.map(Self).map_err(|error| unreadable(&error)) }.boxed_local()
    }
}

fn unreadable(error: &UrlencodedError) -> PageError {
    match error {
        UrlencodedError::Overflow { .. } => PageError::too_large(),
        other => PageError::bad("This form cannot be read", format!("{other}.")),
    }
}

/// Where the form was, as the browser tells: in `Sec-Fetch-Site` to this machine and by TLS, in `Origin` always.
fn is_ours(request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (header("sec-fetch-site"), header("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            let is_asked_here = authority.is_some() && authority == header("host");
            // A proxy may have changed the host.
            let is_known = |shared: &Data<Arc<Shared>>| shared.with(|world| is_of(&world.url, origin));
            is_asked_here || request.app_data().is_some_and(is_known)
        }
    }
}

fn is_of(url: &str, origin: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| url.origin().ascii_serialization() == origin)
}

/// The query of a page. One that cannot be read is told on a page.
pub struct PageQuery<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for PageQuery<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = Query::<T>::from_query(request.query_string());
        ready(read.map(|query| Self(query.into_inner())).map_err(|error| {
            PageError::bad("This link does not work", format!("Its parameters cannot be read: {error}."))
        }))
    }
}
