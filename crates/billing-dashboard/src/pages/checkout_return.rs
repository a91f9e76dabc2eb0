use actix_web::http::StatusCode;

use crate::views::CheckoutReturnPage;
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn thanks(_: Visit) -> Reply {
    page("Thank you", "Your checkout is complete. You can close this page.")
}

pub(crate) async fn canceled(_: Visit) -> Reply {
    page("Checkout left", "Nothing was bought. You can close this page, or open the link again to subscribe.")
}

pub(crate) async fn payment_method(_: Visit) -> Reply {
    page("Thank you", "You can close this page.")
}

fn page(heading: &str, text: &str) -> Reply {
    let page = CheckoutReturnPage { heading: heading.to_owned(), text: text.to_owned() };
    rendered(StatusCode::OK, &page)
}
