use askama::Template;

use super::{Field, FormState, Layout, Pager};

/// `/app/{appId}/billing/features`: the features tab.
#[derive(Template)]
#[template(path = "features.html")]
pub(crate) struct FeaturesPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) features: Vec<FeatureRow>,
    pub(crate) pager: Pager,
}

pub(crate) struct FeatureRow {
    pub(crate) key: String,
    pub(crate) name: String,
    /// Empty if absent.
    pub(crate) description: String,
}

/// `/app/{appId}/billing/new-feature`.
#[derive(Template)]
#[template(path = "new_feature.html")]
pub(crate) struct NewFeaturePage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) form: FeatureForm,
}

/// The fields of a feature to create or attach, posted under these names.
pub(crate) struct FeatureForm {
    pub(crate) state: FormState,
    pub(crate) key: Field,
    pub(crate) name: Field,
    pub(crate) description: Field,
}

/// `/app/{appId}/billing/features/{key}`.
#[derive(Template)]
#[template(path = "edit_feature.html")]
pub(crate) struct EditFeaturePage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) key: String,
    /// The saved name, whatever the form holds.
    pub(crate) feature_name: String,
    /// Shown to a member as text.
    pub(crate) form: EditFeatureForm,
}

/// The changeable fields of a feature, posted under these names.
pub(crate) struct EditFeatureForm {
    pub(crate) state: FormState,
    pub(crate) name: Field,
    pub(crate) description: Field,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{EditFeatureForm, EditFeaturePage, FeatureForm, FeatureRow, FeaturesPage, NewFeaturePage};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Field, FormState, Layout, Pager};

    impl FeaturesPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample_billing(words),
                app_id: words.say("app_demo"),
                features: vec![
                    FeatureRow::sample(words, "pro_export", "Export", "Download everything\nas CSV."),
                    FeatureRow::sample(words, "sso", "Single sign-on", ""),
                ],
                pager: Pager::sample(words),
            }
        }

        fn empty(words: Words) -> Self {
            Self { features: vec![], pager: Pager::default(), ..Self::sample(words) }
        }
    }

    impl FeatureRow {
        pub(crate) fn sample(words: Words, key: &str, name: &str, description: &str) -> Self {
            Self { key: words.say(key), name: words.say(name), description: words.say(description) }
        }
    }

    impl NewFeaturePage {
        fn sample(words: Words) -> Self {
            let errors = [("key", "A key has lower-case letters, digits and underscores only.")];
            let mut form = FeatureForm::sample(words, "Pro Export", "Export");
            form.state = form.state.refused(words, &errors);
            Self { layout: Layout::sample_billing(words), app_id: words.say("app_demo"), form }
        }
    }

    impl FeatureForm {
        pub(crate) fn sample(words: Words, key: &str, name: &str) -> Self {
            Self {
                state: FormState::sample_creating(words),
                key: Field::sample(words, key),
                name: Field::sample(words, name),
                description: Field::sample(words, ""),
            }
        }
    }

    impl EditFeaturePage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample_billing(words),
                app_id: words.say("app_demo"),
                key: words.say("pro_export"),
                feature_name: words.say("Export"),
                form: EditFeatureForm {
                    state: FormState::sample_editing(words),
                    name: Field::sample(words, "Export"),
                    description: Field::sample(words, "Download everything\nas CSV."),
                },
            }
        }

        fn overtaken(words: Words) -> Self {
            let mut page = Self::sample(words);
            page.form.state.conflict = true;
            page.form.name.saved = Some(words.say("CSV export"));
            page
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let member =
            EditFeaturePage { layout: Layout::member_billing(words), ..EditFeaturePage::sample(words) };
        vec![
            Rendered::of("features", &FeaturesPage::sample(words)),
            Rendered::of("features-empty", &FeaturesPage::empty(words)),
            Rendered::of("new-feature-errors", &NewFeaturePage::sample(words)),
            Rendered::of("edit-feature", &EditFeaturePage::sample(words)),
            Rendered::of("edit-feature-conflict", &EditFeaturePage::overtaken(words)),
            Rendered::of("edit-feature-member", &member),
        ]
    }
}
