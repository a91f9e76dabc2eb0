use askama::Template;

view! {
    /// `/sign-in`.
    #[derive(Template)]
    #[template(path = "sign_in.html")]
    struct SignInPage {
        flash: Option<String>,
        /// Whether a session has just expired.
        expired: bool,
        /// One click as a demo owner or member, in development.
        demo: Option<DemoForm>,
        /// The platform's sign-in address, if known.
        address: Option<String>,
    }

    struct DemoForm {
        csrf: String,
        return_to: String,
    }
}
