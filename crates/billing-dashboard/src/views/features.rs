use askama::Template;

use super::{Field, FormState, Layout, ListFoot, Moment};

view! {
    /// `/app/{appId}/billing/features`: the features tab.
    #[derive(Template)]
    #[template(path = "features.html")]
    struct FeaturesPage {
        layout: Layout,
        /// Whether the gateway takes test money only.
        is_test: bool,
        search: String,
        features: Vec<FeatureRow>,
        foot: ListFoot,
    }

    struct FeatureRow {
        key: String,
        name: String,
        /// Empty if absent.
        description: String,
        created: Moment,
    }

    /// `/app/{appId}/billing/new-feature`.
    #[derive(Template)]
    #[template(path = "new_feature.html")]
    struct NewFeaturePage {
        layout: Layout,
        form: FeatureForm,
    }

    /// `/app/{appId}/billing/features/{key}`.
    #[derive(Template)]
    #[template(path = "feature.html")]
    struct FeaturePage {
        layout: Layout,
        key: String,
        /// The saved name, whatever the form holds.
        feature_name: String,
        /// Shown to a member as text.
        form: FeatureForm,
    }

    /// The fields of a feature, posted under these names. The key is that of a new one.
    struct FeatureForm {
        state: FormState,
        key: Field,
        name: Field,
        description: Field,
    }
}
