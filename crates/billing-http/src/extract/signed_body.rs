use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use billing_application::WebhookError;
use billing_domain::ports::WebhookRefused;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::{Extracting, read_in_time};
use crate::BillingApi;
use crate::error::ApiError;

const SIGNATURE: &str = "Stripe-Signature";
const LARGEST_BODY: usize = 1024 * 1024;

/// The part of a body that counts for nothing: connections, which are bounded, may each have one of this size. Stripe's
/// events are smaller, so that large bodies of others do not keep them out.
const SMALL: usize = 32 * 1024;
/// The bytes of all bodies beyond [`SMALL`].
const LARGE_TOGETHER: usize = 32 * 1024 * 1024;

/// The memory for the large bodies of senders without a credential, which all share (contract, I11).
#[derive(Clone)]
pub(crate) struct LargeBodies(Arc<Semaphore>);

impl Default for LargeBodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_TOGETHER)))
    }
}

#[cfg(test)]
impl LargeBodies {
    /// No memory for any large body.
    pub(crate) fn none() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

/// A body as it was sent, with the header that signs it.
pub(crate) struct SignedBody {
    pub bytes: BytesMut,
    pub signature: String,
    /// Held as long as the body.
    _memory: Option<OwnedSemaphorePermit>,
}

impl FromRequest for SignedBody {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let signature = signature(&request)?;
            let api = request.app_data::<Data<BillingApi>>();
            let api = api.ok_or_else(|| ApiError::internal("a webhook was mounted without its API"))?;
            let mut memory = Memory { of: &api.large_bodies, taken: None };
            let bytes =
                read_in_time(&request, payload, LARGEST_BODY, |length| Ok(memory.grow_to(length)?)).await?;
            Ok(Self { bytes, signature, _memory: memory.taken })
        })
    }
}

/// The signature. Without one, nothing of the body is read.
fn signature(request: &HttpRequest) -> Result<String, WebhookError> {
    let refused = |reason| WebhookError::Refused(WebhookRefused::Signature(reason));
    let mut given = request.headers().get_all(SIGNATURE);
    let header = given.next().ok_or_else(|| refused("the header is missing"))?;
    if given.next().is_some() {
        return Err(refused("the header is there more than once"));
    }
    header.to_str().map(str::to_owned).map_err(|_| refused("the header cannot be read"))
}

/// The share of one body in the common memory.
struct Memory<'a> {
    of: &'a LargeBodies,
    taken: Option<OwnedSemaphorePermit>,
}

impl Memory<'_> {
    fn grow_to(&mut self, length: usize) -> Result<(), WebhookError> {
        let has = SMALL + self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(length.saturating_sub(has)).map_err(|_| WebhookError::Crowded)?;
        if more == 0 {
            return Ok(());
        }
        let semaphore = Arc::clone(&self.of.0);
        let more = semaphore.try_acquire_many_owned(more).map_err(|_| WebhookError::Crowded)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    fn grown(of: &LargeBodies, lengths: &[usize]) -> Result<Option<OwnedSemaphorePermit>, WebhookError> {
        let mut memory = Memory { of, taken: None };
        lengths.iter().try_for_each(|length| memory.grow_to(*length))?;
        Ok(memory.taken)
    }

    #[test]
    fn large_bodies_share_their_memory_until_they_are_dropped() {
        let bodies = LargeBodies::default();
        let largest = || grown(&bodies, &[SMALL, SMALL + 1, MIB / 2, MIB]);
        let mut held: Vec<_> = std::iter::from_fn(|| largest().ok()).collect();

        assert_eq!(held.len(), LARGE_TOGETHER / (MIB - SMALL));
        assert!(matches!(largest(), Err(WebhookError::Crowded)));
        held.pop();
        assert!(largest().is_ok());
    }

    #[test]
    fn large_bodies_keep_no_small_one_out() {
        let bodies = LargeBodies::default();
        let _held: Vec<_> = std::iter::from_fn(|| grown(&bodies, &[SMALL + 4096]).ok()).collect();

        assert!(grown(&bodies, &[SMALL + 4096]).is_err());
        assert!(matches!(grown(&bodies, &[1, SMALL]), Ok(None)));
    }
}
