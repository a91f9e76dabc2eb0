/// The texts of the samples.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// Realistic texts.
    Friendly,
    /// An attack in every text.
    Hostile,
}

pub(crate) const ATTACK: &str = "<script>alert(1)</script>\" autofocus onfocus=alert(1) '";

impl Words {
    pub(crate) fn say(self, text: &str) -> String {
        match self {
            Self::Friendly => text.to_owned(),
            Self::Hostile => ATTACK.to_owned(),
        }
    }
}

/// A page rendered from a sample, with its file name.
pub(crate) struct Rendered {
    pub(crate) name: &'static str,
    pub(crate) html: String,
}

impl Rendered {
    pub(crate) fn of(name: &'static str, page: &impl askama::Template) -> Self {
        Self { name, html: page.render().expect("a template renders into memory") }
    }
}
