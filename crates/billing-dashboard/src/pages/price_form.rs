use billing_domain::{BillingInterval, Currency, Money, PriceTerms};

use crate::views::{Field, FormError, PriceFields};
use crate::web::{Fields, parsed};

/// The preselected currency of a new price.
const USUAL_CURRENCY: &str = "USD";

impl PriceFields {
    /// The fields of a new price.
    pub(super) fn untouched() -> Self {
        Self {
            amount: Field::default(),
            currency: Field::new(USUAL_CURRENCY),
            interval: Field::new(BillingInterval::Month.as_str()),
        }
    }

    /// The fields as submitted under the names of their parts.
    pub(super) fn typed(fields: &Fields, name: impl Fn(&str) -> String) -> Self {
        Self {
            amount: fields.typed(&name("amount")),
            currency: fields.typed(&name("currency")),
            interval: fields.typed(&name("interval")),
        }
    }

    /// Whether nothing was changed in [`untouched`](Self::untouched) fields.
    pub(super) fn is_untouched(&self) -> bool {
        let is = |field: &Field, untouched: &str| {
            let text = field.value.trim();
            text.is_empty() || text.eq_ignore_ascii_case(untouched)
        };
        is(&self.amount, "")
            && is(&self.currency, USUAL_CURRENCY)
            && is(&self.interval, BillingInterval::Month.as_str())
    }
}

/// The submitted price with its amount in major units, or `None` with the errors in `errors`.
pub(super) fn read_price(
    fields: &Fields,
    name: impl Fn(&str) -> String,
    errors: &mut Vec<FormError>,
) -> Option<PriceTerms> {
    let [amount, currency, interval] = ["amount", "currency", "interval"].map(name);
    let code = parsed(Currency::parse(fields.text(&currency).trim()), &currency, errors)
        .filter(|code| parsed(code.check_chargeable(), &currency, errors).is_some());
    let every: Option<BillingInterval> = fields.parse(&interval, errors);
    let Some(code) = code else {
        parsed(Money::check_written(fields.text(&amount)), &amount, errors);
        return None;
    };
    let money = parsed(Money::parse(fields.text(&amount), code), &amount, errors)?;
    let terms = parsed(PriceTerms::new(money, every?), &amount, errors)?;
    parsed(terms.check_sellable(), &amount, errors).map(|()| terms)
}
