use askama::Template;

view! {
    /// The page of a failed request.
    #[derive(Template)]
    #[template(path = "error.html")]
    struct ErrorPage {
        status: u16,
        /// Replaces the usual text of the status.
        text: Option<String>,
        request_id: Option<String>,
    }

    /// The response to a form sent after the session ended.
    #[derive(Template)]
    #[template(path = "session_expired.html")]
    struct SessionExpiredPage {
        /// The sign-in address, for another tab.
        sign_in: String,
        /// The address to send the form to again.
        action: String,
        /// The names and values of the submitted fields.
        fields: Vec<(String, String)>,
    }
}

impl ErrorPage {
    pub(crate) fn heading(&self) -> &'static str {
        match self.status {
            400 => "This request cannot be understood",
            403 => "You cannot do this",
            404 => "Page not found",
            405 => "This address does not work that way",
            409 => "This has changed in the meantime",
            413 => "This is too long",
            429 => "Too many requests at once",
            503 => "Billing cannot be reached right now",
            _ => "Something went wrong on our side",
        }
    }

    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or(match self.status {
            400 => "Go back, reload the page and try again.",
            403 => "Ask an owner or admin of the workspace.",
            404 => "There is nothing at this address, or it belongs to a workspace you are not signed in to.",
            405 => "Go back and use the buttons of the page.",
            409 => "Go back, reload the page to see how it is now, and try again.",
            413 => "Go back, shorten it and send it again.",
            503 => "Try again in a minute.",
            _ => "Try again in a minute. If it keeps happening, send us the request id.",
        })
    }
}
