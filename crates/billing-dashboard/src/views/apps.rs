use askama::Template;

use super::{Field, FormState, Layout, ListFoot, Moment};

view! {
    /// `/app`: the apps of the workspace.
    #[derive(Template)]
    #[template(path = "apps.html")]
    struct AppsPage {
        layout: Layout,
        search: String,
        apps: Vec<AppRow>,
        foot: ListFoot,
    }

    struct AppRow {
        id: String,
        name: String,
        /// Such as "Development, Production".
        environments: String,
        created: Moment,
    }

    /// `/app/new`.
    #[derive(Template)]
    #[template(path = "new_app.html")]
    struct NewAppPage {
        layout: Layout,
        form: AppForm,
    }

    /// `/app/{appId}`: an app's settings and its environments.
    #[derive(Template)]
    #[template(path = "app.html")]
    struct AppPage {
        layout: Layout,
        id: String,
        /// The saved name, whatever the form holds.
        name: String,
        /// Their ids and names.
        environments: Vec<(String, &'static str)>,
        /// Shown to a member as text.
        form: AppForm,
    }

    /// The fields of an app: `name`, `origins`.
    struct AppForm {
        state: FormState,
        name: Field,
        /// One origin per line.
        origins: Field,
    }
}
