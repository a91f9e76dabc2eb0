use askama::Template;

use super::{FormState, Layout};

view! {
    /// Asks before a change that cannot be taken back, such as `…/plans/{planId}/archive`.
    #[derive(Template)]
    #[template(path = "confirm.html")]
    struct ConfirmPage {
        layout: Layout,
        asked: Confirmation,
        form: FormState,
        /// Replaces the question.
        refusal: Option<InUse>,
    }

    /// The texts and paths of a confirmation.
    struct Confirmation {
        question: String,
        consequences: String,
        button: &'static str,
        /// The label of the link that leaves everything as it is.
        leave: &'static str,
        /// The path the form is posted to.
        action: String,
        /// The page to return to, and its name.
        back: String,
        back_label: String,
    }

    /// Why a feature cannot be deleted, with its plans.
    struct InUse {
        text: String,
        /// Their ids and names.
        plans: Vec<(String, String)>,
    }
}
