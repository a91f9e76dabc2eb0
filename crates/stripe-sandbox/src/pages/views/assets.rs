/// Served as `/_sandbox/assets/sandbox.css`.
pub(crate) const STYLES: &str = concat!(
    include_str!("../../../assets/styles/base.css"),
    include_str!("../../../assets/styles/layout.css"),
    include_str!("../../../assets/styles/forms.css"),
    include_str!("../../../assets/styles/parts.css"),
    include_str!("../../../assets/styles/tables.css"),
);
/// Served as `/_sandbox/assets/icon.svg`.
pub(crate) const ICON: &str = include_str!("../../../assets/icon.svg");
