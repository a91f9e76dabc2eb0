//! A form that is sent twice, by a double click or a reload, acts once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{Resource, Tx, stored_as};

/// Until then; no clock ends it, for a form may be what moves the clock.
const KEPT_AT_MOST: usize = 5_000;
const LONGEST: usize = 64;

/// Where the browser was sent when what a form asked for was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Submission {
    pub id: String,
    pub location: String,
}

impl Resource for Submission {
    stored_as!(Submission);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        Value::Null
    }
}

/// The hidden `submission` of a form that is about to be shown.
pub(crate) fn new_submission() -> String {
    format!("{:016x}", fastrand::u64(..))
}

/// Does what a form asks for and gives the address to go on to; sent again, the same address, and nothing is done.
///
/// `form` says which form it is, with the id of what it is about. What was refused is not kept, so it can be sent
/// again, and neither is what came without a `submission` of ours.
pub(crate) fn once<R>(
    tx: &mut Tx<'_>,
    form: &str,
    submission: &str,
    act: impl FnOnce(&mut Tx<'_>) -> Result<String, R>,
) -> Result<String, R> {
    let is_ours = (1..=LONGEST).contains(&submission.len());
    let id = format!("{form} {submission}");
    if let Some(done) = tx.find::<Submission>(&id).filter(|_| is_ours) {
        return Ok(done.location.clone());
    }
    let location = act(tx)?;
    if is_ours {
        tx.put(Submission { id, location: location.clone() });
        for id in tx.oldest_beyond::<Submission>(KEPT_AT_MOST, 1) {
            tx.remove::<Submission>(&id);
        }
    }
    Ok(location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        store::{Origin, World},
    };

    fn world() -> World {
        World::new(Clock::Standing { at: 7 }, 1, String::new())
    }

    /// The address that a form is sent on to which would go to `/{to}`, and whether it acted.
    fn sent(tx: &mut Tx<'_>, form: &str, submission: &str, to: &str) -> (String, bool) {
        let mut acted = false;
        let location = once(tx, form, submission, |_| {
            acted = true;
            Ok::<_, ()>(to.to_owned())
        });
        (location.unwrap(), acted)
    }

    #[test]
    fn the_same_submission_acts_once_and_goes_to_the_same_address() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        assert_eq!(sent(&mut tx, "pay cs_1", "a", "/first"), ("/first".to_owned(), true));
        assert_eq!(sent(&mut tx, "pay cs_1", "a", "/second"), ("/first".to_owned(), false));
        assert_eq!(sent(&mut tx, "pay cs_1", "b", "/second"), ("/second".to_owned(), true));
        assert_eq!(sent(&mut tx, "pay cs_2", "a", "/second"), ("/second".to_owned(), true));
    }

    #[test]
    fn a_refused_form_can_be_sent_again() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        assert_eq!(once(&mut tx, "pay cs_1", "a", |_| Err("declined")), Err("declined"));
        assert_eq!(sent(&mut tx, "pay cs_1", "a", "/paid"), ("/paid".to_owned(), true));
    }

    #[test]
    fn a_form_without_a_submission_of_ours_acts_each_time() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        for submission in ["", &"x".repeat(LONGEST + 1)] {
            assert!(sent(&mut tx, "pay cs_1", submission, "/paid").1);
            assert!(sent(&mut tx, "pay cs_1", submission, "/paid").1);
        }
    }
}
