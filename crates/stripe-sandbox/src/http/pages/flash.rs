//! What the request before this one did, told once: the browser carries it to the next page and forgets it there, so
//! that who reloads that page is not told again.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
};

use super::{PageError, Said, see_other};

const COOKIE: &str = "sandbox_done";
const LASTS: Duration = Duration::minutes(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Moved,
    Resent,
    Reset,
}

impl Done {
    const ALL: [Self; 3] = [Self::Moved, Self::Resent, Self::Reset];

    fn name(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Resent => "resent",
            Self::Reset => "reset",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Moved => "The clock was moved forward.",
            Self::Resent => "Sent again.",
            Self::Reset => "Everything was deleted.",
        }
    }

    /// Sends the browser on to a page that tells it.
    ///
    /// # Errors
    ///
    /// See [`see_other`].
    pub fn told_at(self, location: &str) -> Said {
        with_cookie(see_other(location), &cookie(self.name(), LASTS))
    }
}

/// What the page is to tell.
pub struct Before(Option<Done>);

impl FromRequest for Before {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = request.cookie(COOKIE);
        let known = |sent: Cookie<'_>| Done::ALL.into_iter().find(|done| done.name() == sent.value());
        ready(Ok(Self(sent.and_then(known))))
    }
}

impl Before {
    pub fn words(&self) -> Option<String> {
        self.0.map(|done| done.words().to_owned())
    }

    /// The page that has told it.
    ///
    /// # Errors
    ///
    /// Those of the page itself.
    pub fn told_by(self, page: Said) -> Said {
        match self.0 {
            Some(_) => with_cookie(page, &cookie("", Duration::ZERO)),
            None => page,
        }
    }
}

fn cookie(value: &'static str, lasts: Duration) -> Cookie<'static> {
    let cookie = Cookie::build(COOKIE, value).path("/").http_only(true).same_site(SameSite::Lax);
    cookie.max_age(lasts).finish()
}

fn with_cookie(said: Said, cookie: &Cookie<'_>) -> Said {
    let mut response = said?;
    response.add_cookie(cookie).map_err(|_| PageError::internal("The page cannot be answered."))?;
    Ok(response)
}
