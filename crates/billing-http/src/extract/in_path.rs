use std::convert::Infallible;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use billing_application::{Absent, Refused};
use billing_domain::{
    AppId, CheckoutIntentId, FeatureKey, InvoiceId, Payer, PayerKind, PlanId, PriceId, SubscriptionId,
};

use crate::error::ApiError;

/// The ids of a path. An invalid id is absent, like an unknown one.
pub(crate) struct InPath<T>(pub T);

/// An id as a path parameter.
trait Segment: FromStr {
    /// The parameter's name in the path.
    const NAME: &'static str;
    /// The error for an invalid id.
    const ABSENT: Absent;
}

impl Segment for AppId {
    const NAME: &'static str = "appId";
    const ABSENT: Absent = Absent::App;
}

impl Segment for PlanId {
    const NAME: &'static str = "planId";
    const ABSENT: Absent = Absent::Plan;
}

impl Segment for PriceId {
    const NAME: &'static str = "priceId";
    const ABSENT: Absent = Absent::Price;
}

impl Segment for FeatureKey {
    const NAME: &'static str = "key";
    const ABSENT: Absent = Absent::Feature;
}

impl Segment for CheckoutIntentId {
    const NAME: &'static str = "checkoutLinkId";
    const ABSENT: Absent = Absent::CheckoutLink;
}

impl Segment for SubscriptionId {
    const NAME: &'static str = "subscriptionId";
    const ABSENT: Absent = Absent::Subscription;
}

impl Segment for InvoiceId {
    const NAME: &'static str = "invoiceId";
    const ABSENT: Absent = Absent::Invoice;
}

fn segment<T: Segment>(request: &HttpRequest) -> Result<T, Absent> {
    request.match_info().get(T::NAME).and_then(|text| text.parse().ok()).ok_or(T::ABSENT)
}

/// One or several ids.
pub(crate) trait Ids: Sized {
    fn in_path_of(request: &HttpRequest) -> Result<Self, Absent>;
}

impl<A: Segment> Ids for A {
    fn in_path_of(request: &HttpRequest) -> Result<Self, Absent> {
        segment(request)
    }
}

impl<A: Segment, B: Segment> Ids for (A, B) {
    fn in_path_of(request: &HttpRequest) -> Result<Self, Absent> {
        Ok((segment(request)?, segment(request)?))
    }
}

impl<A: Segment, B: Segment, C: Segment> Ids for (A, B, C) {
    fn in_path_of(request: &HttpRequest) -> Result<Self, Absent> {
        Ok((segment(request)?, segment(request)?, segment(request)?))
    }
}

/// The payer of a path, by its kind and id. One that cannot be is absent.
pub(crate) struct PayerInPath(pub Payer);

impl FromRequest for PayerInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let [kind, id] = ["payerKind", "payerId"].map(|name| request.match_info().query(name));
        let payer = kind.parse().ok().and_then(|kind: PayerKind| Payer::parse(kind, id).ok());
        ready(payer.map(Self).ok_or_else(|| Refused::<Infallible>::Absent(Absent::Payer).into()))
    }
}

impl<T: Ids> FromRequest for InPath<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let ids = T::in_path_of(request);
        ready(ids.map(Self).map_err(|absent| Refused::<Infallible>::Absent(absent).into()))
    }
}
