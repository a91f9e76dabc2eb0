//! Lists at Stripe, page by page.

use billing_domain::{StripeId, ports::GatewayError};
use futures_util::future::try_join_all;
use serde::de::DeserializeOwned;

use crate::{
    accounts::Client,
    answer::StripeError,
    transport::StripeTransport,
    wire::{HasId, Page},
};

/// The most objects that Stripe gives at once.
const PAGE: (&str, &str) = ("limit", "100");
/// The requests of one caller under way at a time. With Stripe's usual answer within 200 ms they use all of the rate of
/// test mode.
pub(crate) const AT_A_TIME: usize = 8;

/// The filter of a list; empty for none.
pub(crate) type Filter<'a> = &'a [(&'a str, &'a str)];

impl<C: StripeTransport> Client<'_, C> {
    /// One page of a list, the newest first, which begins after an object.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        filter: Filter<'_>,
        after: Option<&StripeId>,
        is_important: bool,
    ) -> Result<Result<Page<T>, StripeError>, GatewayError> {
        let mut query = [&[PAGE], filter].concat();
        query.extend(after.map(|after| ("starting_after", after.as_str())));
        self.get(path, &query, is_important).await
    }

    /// All pages of a list.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`] too when the list changes while it is read, so that a page cannot be found again.
    pub(crate) async fn all<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: Filter<'_>,
        is_important: bool,
    ) -> Result<Vec<T>, GatewayError> {
        let listed = self.pages(path, filter, usize::MAX, is_important).await?.map_err(of_list)?;
        Ok(listed.unwrap_or_default())
    }

    /// A list of at most `most` pages; `None` for a longer one, and for one that changes while it is read.
    pub(crate) async fn short<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: Filter<'_>,
        most: usize,
    ) -> Result<Option<Vec<T>>, GatewayError> {
        match self.pages(path, filter, most, true).await? {
            Err(error) if error.is_missing_param("starting_after") => Ok(None),
            listed => listed.map_err(StripeError::of_read),
        }
    }

    /// All pages of a list for each of these customers. A customer that does not exist has nothing.
    pub(crate) async fn all_of_customers<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: Filter<'_>,
        customers: &[StripeId],
        is_important: bool,
    ) -> Result<Vec<T>, GatewayError> {
        let mut objects = Vec::new();
        for customers in customers.chunks(AT_A_TIME) {
            let asked: Vec<_> = customers
                .iter()
                .map(|customer| self.all_of_customer(path, filter, customer, is_important))
                .collect();
            objects.extend(try_join_all(asked).await?.into_iter().flatten());
        }
        Ok(objects)
    }

    async fn all_of_customer<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: Filter<'_>,
        customer: &StripeId,
        is_important: bool,
    ) -> Result<Vec<T>, GatewayError> {
        let filter = [filter, &[("customer", customer.as_str())]].concat();
        match self.pages(path, &filter, usize::MAX, is_important).await? {
            Err(error) if error.is_missing_param("customer") => Ok(Vec::new()),
            listed => Ok(listed.map_err(of_list)?.unwrap_or_default()),
        }
    }

    /// A list of at most `most` pages; `None` for a longer one.
    async fn pages<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: Filter<'_>,
        most: usize,
        is_important: bool,
    ) -> Result<Result<Option<Vec<T>>, StripeError>, GatewayError> {
        let (mut objects, mut after) = (Vec::new(), None);
        for _ in 0..most {
            let page: Page<T> = match self.page(path, filter, after.as_ref(), is_important).await? {
                Ok(page) => page,
                Err(error) => return Ok(Err(error)),
            };
            after = page.next()?;
            objects.extend(page.data);
            if after.is_none() {
                return Ok(Ok(Some(objects)));
            }
        }
        Ok(Ok(None))
    }
}

/// A cursor that is gone from the list is no fault of the request's.
fn of_list(error: StripeError) -> GatewayError {
    if error.is_missing_param("starting_after") {
        GatewayError::Unknown(Box::new(error))
    } else {
        error.of_read()
    }
}
