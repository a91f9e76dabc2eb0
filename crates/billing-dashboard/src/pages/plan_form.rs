use billing_application::PlanPatch;
use billing_domain::{PlanDetails, Visibility};

use crate::present::{optional, trial, visibility};
use crate::views::{Checkbox, Field, FormError, PlanFields};
use crate::web::Fields;

impl PlanFields {
    /// The fields of a new plan.
    pub(super) fn untouched() -> Self {
        Self {
            trial_days: Field::new("0"),
            visibility: Field::new(Visibility::default().as_str()),
            ..Self::default()
        }
    }

    /// The fields of a saved plan.
    pub(super) fn of(details: &PlanDetails) -> Self {
        Self {
            name: Field::new(details.name.as_str()),
            description: Field::new(optional(details.description.as_ref())),
            trial_days: Field::new(details.trial_days.days().to_string()),
            visibility: Field::new(details.visibility.as_str()),
            is_default: Checkbox::new(details.is_default),
        }
    }

    /// The fields as submitted.
    pub(super) fn typed(fields: &Fields) -> Self {
        Self {
            name: fields.typed("name"),
            description: fields.typed("description"),
            trial_days: fields.typed("trial_days"),
            visibility: fields.typed("visibility"),
            is_default: Checkbox::new(fields.is_ticked("is_default")),
        }
    }

    /// The submitted fields with the saved values where they differ.
    pub(super) fn beside(mut self, saved: &PlanDetails) -> Self {
        self.name.mark_saved(saved.name.as_str());
        self.description.mark_saved(&optional(saved.description.as_ref()));
        if self.trial_days.value.trim() != saved.trial_days.days().to_string() {
            self.trial_days.saved = Some(trial(saved.trial_days));
        }
        if self.visibility.value != saved.visibility.as_str() {
            self.visibility.saved = Some(visibility(saved.visibility).to_owned());
        }
        if self.is_default.checked != saved.is_default {
            self.is_default.saved = Some(if saved.is_default { "Yes" } else { "No" }.to_owned());
        }
        self
    }
}

/// The submitted details, or `None` with the errors in `errors`.
pub(super) fn read_details(fields: &Fields, errors: &mut Vec<FormError>) -> Option<PlanDetails> {
    let name = fields.parse("name", errors);
    let description = fields.parse_optional("description", errors);
    let trial_days = fields.parse("trial_days", errors);
    let visibility = fields.parse("visibility", errors);
    if !errors.is_empty() {
        return None;
    }
    Some(PlanDetails {
        name: name?,
        description,
        trial_days: trial_days?,
        visibility: visibility?,
        is_default: fields.is_ticked("is_default"),
    })
}

/// A patch that sets every detail.
pub(super) fn patch(details: PlanDetails) -> PlanPatch {
    PlanPatch {
        name: Some(details.name),
        description: Some(details.description),
        trial_days: Some(details.trial_days),
        visibility: Some(details.visibility),
        is_default: Some(details.is_default),
    }
}
