use askama::Template;

use super::{Field, FormState, Layout, Moment, Pager};

/// `/app`: the apps of the workspace.
#[derive(Template)]
#[template(path = "apps.html")]
pub(crate) struct AppsPage {
    pub(crate) layout: Layout,
    pub(crate) apps: Vec<AppRow>,
    pub(crate) pager: Pager,
}

pub(crate) struct AppRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: Moment,
}

/// `/app/new`.
#[derive(Template)]
#[template(path = "new_app.html")]
pub(crate) struct NewAppPage {
    pub(crate) layout: Layout,
    pub(crate) form: AppForm,
}

/// `/app/{appId}`: an app's settings and its environments.
#[derive(Template)]
#[template(path = "app.html")]
pub(crate) struct AppPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    /// The saved name, whatever the form holds.
    pub(crate) name: String,
    pub(crate) environments: Vec<EnvironmentRow>,
    /// Shown to a member as text.
    pub(crate) form: AppForm,
}

pub(crate) struct EnvironmentRow {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The fields of an app: `name`, `origins`.
pub(crate) struct AppForm {
    pub(crate) state: FormState,
    pub(crate) name: Field,
    /// One origin per line.
    pub(crate) origins: Field,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{AppForm, AppPage, AppRow, AppsPage, EnvironmentRow, NewAppPage};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{AppLink, Field, FormState, Layout, Moment, Pager, Section};

    impl AppsPage {
        fn sample(words: Words) -> Self {
            let row = |id: &str, name: &str| AppRow {
                id: words.say(id),
                name: words.say(name),
                created: Moment::sample(words),
            };
            Self {
                layout: Layout::sample(words, Section::Apps).saying(words, "App created."),
                apps: vec![row("app_demo", "Acme Web"), row("app_01ja8fwz4kf7nbt6v6m0kx9p3d", "Acme Mobile")],
                pager: Pager::sample(words),
            }
        }

        fn empty(words: Words) -> Self {
            Self { apps: vec![], pager: Pager::default(), ..Self::sample(words) }
        }
    }

    impl NewAppPage {
        fn sample(words: Words) -> Self {
            let errors =
                [("name", "Enter a name."), ("origins", "“acme” is not an origin: write https://acme.com.")];
            Self {
                layout: Layout::sample(words, Section::Apps),
                form: AppForm {
                    state: FormState::sample_creating(words).refused(words, &errors),
                    ..AppForm::sample(words)
                },
            }
        }
    }

    impl AppPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::AppOverview(AppLink::sample(words))),
                app_id: words.say("app_demo"),
                name: words.say("Acme Web"),
                environments: ["Development", "Production"]
                    .map(|name| EnvironmentRow { id: words.say("env_demo"), name: words.say(name) })
                    .into(),
                form: AppForm::sample(words),
            }
        }

        fn overtaken(words: Words) -> Self {
            let mut page = Self::sample(words);
            page.form.state.conflict = true;
            page.form.name.saved = Some(words.say("Acme Shop"));
            page.form.origins.saved = Some(String::new());
            page
        }

        fn member(words: Words) -> Self {
            let section = Section::AppOverview(AppLink::sample(words));
            Self { layout: Layout::member(words, section), ..Self::sample(words) }
        }
    }

    impl AppForm {
        fn sample(words: Words) -> Self {
            Self {
                state: FormState::sample_editing(words),
                name: Field::sample(words, "Acme Web"),
                origins: Field::sample(words, "https://acme.com\nhttp://localhost:3000"),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("apps", &AppsPage::sample(words)),
            Rendered::of("apps-empty", &AppsPage::empty(words)),
            Rendered::of("new-app-errors", &NewAppPage::sample(words)),
            Rendered::of("app", &AppPage::sample(words)),
            Rendered::of("app-conflict", &AppPage::overtaken(words)),
            Rendered::of("app-member", &AppPage::member(words)),
        ]
    }
}
