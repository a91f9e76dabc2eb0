use actix_web::http::StatusCode;
use billing_application::{
    ChangePlan, CreateCheckoutLink, PlanChange, PlanChangePreview, Refused, SubscriptionError,
};
use billing_domain::ports::PlanFilter;
use billing_domain::{
    App, BillingInterval, ChangeFrom, Money, PlanOffer, ShownChange, Subscription, SubscriptionStatus,
};

use super::sales::{Offers, unless_zero};
use super::subscription::{is_changeable, path, plans_of, scheduled, subscription};
use crate::present::{moment, period};
use crate::views::{
    ChangeCost, ChangePlanForm, ChangePlanPage, Choice, Field, FormError, FormState, Place, SeatsAtPrice,
};
use crate::web::{Failure, Fields, Flash, Reply, Submission, Visit, parsed, redirect, rendered};

/// The maximum number of plans to choose from, the newest ones.
const PLANS_TO_CHOOSE: u32 = 100;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    if !is_changeable(&subscription) {
        return Ok(redirect(&path(&app, subscription.id)));
    }
    let present = Present::of(&visit, app, subscription).await?;
    let form = present.untouched(visit.confirming());
    present.page(&visit, StatusCode::OK, form, None)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let present = Present::of(visit, app.clone(), subscription(visit, &app).await?).await?;
    let mut errors = Vec::new();
    let Some(change) = present.read(fields, &mut errors) else {
        let form = ChangePlanForm::typed(fields, submission.again(errors));
        return present.page(visit, StatusCode::BAD_REQUEST, form, None);
    };
    let shown = ShownChange::parse(fields.text("proof")).ok().filter(|_| fields.text("do") == "change");
    let Some(shown) = shown else {
        let previewed = visit.call(administrator, |executor, by| async move {
            executor.preview_plan_change(&by, &change).await
        });
        return match previewed.await? {
            Ok(preview) => {
                let form = ChangePlanForm::typed(fields, submission.again(Vec::new()));
                present.page(visit, StatusCode::OK, form, Some(&preview))
            }
            Err(refused) => present.refused(&submission, refused),
        };
    };
    let from = change.from;
    let request = ChangePlan { change, shown };
    let changed = visit
        .call(administrator, |executor, by| async move { executor.change_plan(&by, &request, None).await });
    match changed.await? {
        Ok(changed) => {
            let flash = if from == ChangeFrom::Now { Flash::PlanChanged } else { Flash::PlanChangeScheduled };
            visit.done(flash, &path(&app, changed.id))
        }
        Err(refused) => present.refused(&submission, refused),
    }
}

impl ChangePlanForm {
    /// The form as submitted.
    fn typed(fields: &Fields, state: FormState) -> Self {
        let typed = ["plan", "interval", "quantity", "from"].map(|name| fields.typed(name));
        let [plan, interval, quantity, from] = typed;
        Self { state, plan, interval, quantity, from }
    }
}

/// A subscription and what it can be changed to.
struct Present {
    app: App,
    subscription: Subscription,
    offers: Offers,
}

impl Present {
    async fn of(visit: &Visit, app: App, subscription: Subscription) -> Result<Self, Failure> {
        let filter = PlanFilter { payer_kind: Some(subscription.payer.kind()), ..PlanFilter::default() };
        let offers = Offers::listed(visit, &app, filter, PLANS_TO_CHOOSE, plans_of(&subscription)).await?;
        Ok(Self { app, subscription, offers })
    }

    fn offer(&self) -> Option<&PlanOffer> {
        self.offers.plan(self.subscription.state.plan_id?)
    }

    fn untouched(&self, state: FormState) -> ChangePlanForm {
        let state_of = &self.subscription.state;
        let price = self.offer().and_then(|offer| offer.price(state_of.price_id?));
        let interval = price.map_or(BillingInterval::Month, |price| price.terms.interval());
        ChangePlanForm {
            state,
            plan: Field::new(self.offer().map(|offer| offer.plan.key.to_string()).unwrap_or_default()),
            interval: Field::new(interval.as_str()),
            quantity: Field::new(state_of.quantity.to_string()),
            from: Field::new(ChangeFrom::Now.as_str()),
        }
    }

    fn read(&self, fields: &Fields, errors: &mut Vec<FormError>) -> Option<PlanChange> {
        let plan = fields.parse("plan", errors);
        let interval = fields.parse("interval", errors);
        let from = fields.parse("from", errors);
        let seats = format!("Enter a number of seats from 1 to {}.", CreateCheckoutLink::MOST_SEATS);
        let quantity = parsed(fields.text("quantity").trim().parse().map_err(|_| seats), "quantity", errors);
        Some(PlanChange {
            app_id: self.app.id.clone(),
            subscription_id: self.subscription.id,
            plan: plan?,
            interval: interval?,
            currency: None,
            quantity: Some(quantity?),
            from: from?,
        })
    }

    /// The form with the refusal, and with the present preview if the one that was shown does not hold any more.
    fn refused(&self, submission: &Submission, refused: Refused<SubscriptionError>) -> Reply {
        let present = match &refused {
            Refused::Rule(SubscriptionError::Outdated(outdated)) => Some(outdated.present.clone()),
            _ => None,
        };
        let (status, mut state) = submission.refused(refused)?;
        for error in &mut state.errors {
            // The price is chosen by its interval here.
            if error.field.as_deref() == Some("price") {
                error.field = Some("interval".to_owned());
            }
        }
        let form = ChangePlanForm::typed(&submission.fields, state);
        self.page(&submission.visit, status, form, present.as_ref())
    }

    fn page(
        &self,
        visit: &Visit,
        status: StatusCode,
        form: ChangePlanForm,
        preview: Option<&PlanChangePreview>,
    ) -> Reply {
        let state = &self.subscription.state;
        let page = ChangePlanPage {
            layout: visit.app_layout(&self.app, Place::Billing)?,
            path: path(&self.app, self.subscription.id),
            payer: self.subscription.payer.id().to_owned(),
            plan: self.offers.name(state.plan_id),
            price: self.offers.price(state.price_id, state.quantity),
            is_trialing: state.status == SubscriptionStatus::Trialing,
            plans: self.choices(),
            form,
            period_end: self.period_end(),
            scheduled: scheduled(&self.subscription, &self.offers),
            preview: preview.map(cost),
        };
        rendered(status, &page)
    }

    /// Such as "28 Dec 2026".
    fn period_end(&self) -> String {
        let end = self.subscription.state.times.period_end.map(|end| moment(end).date);
        end.unwrap_or_else(|| "The end of the period".to_owned())
    }

    /// The plans that cost something, by key.
    fn choices(&self) -> Vec<Choice> {
        let present = self.subscription.state.plan_id;
        let priced = self
            .offers
            .all()
            .filter(|offer| Some(offer.plan.id) == present || offer.offered_prices().next().is_some());
        priced
            .map(|offer| Choice::new(offer.plan.key.to_string(), offer.plan.details.name.as_str()))
            .collect()
    }
}

fn cost(preview: &PlanChangePreview) -> ChangeCost {
    let (invoice, terms) = (&preview.invoice, preview.price.terms);
    let mut lines: Vec<_> = invoice
        .lines
        .iter()
        .map(|line| {
            let label = format!("{}, {}", line.description, period(line.period_start, line.period_end));
            (label, line.amount.to_string())
        })
        .collect();
    lines.extend(rest(preview));
    let credit = invoice.total.minor_units().checked_neg().filter(|credit| *credit > 0);
    let charged = unless_zero(invoice.amount_due);
    ChangeCost {
        lines,
        charged_label: "Charged today",
        charged: invoice.amount_due.to_string(),
        credit: credit.map(|credit| Money::new(credit, invoice.total.currency()).to_string()),
        recurring: SeatsAtPrice {
            amount: preview.recurring.to_string(),
            interval: terms.interval().as_str(),
        },
        recurs_from: preview.recurs_from.map(moment),
        expires: moment(preview.shown.expires_at()),
        proof: preview.shown.to_string(),
        button: match (charged, preview.from) {
            (Some(charged), _) => format!("Change plan and charge {charged}"),
            (None, ChangeFrom::Now) => "Change plan, charge nothing".to_owned(),
            (None, ChangeFrom::PeriodEnd) => "Schedule the change".to_owned(),
        },
    }
}

/// What stands between the lines and the charge: discounts and taxes, further lines, and the customer's balance.
fn rest(preview: &PlanChangePreview) -> Vec<(String, String)> {
    let invoice = &preview.invoice;
    let sum = invoice
        .lines
        .iter()
        .try_fold(Money::new(0, invoice.total.currency()), |sum, line| sum.checked_add(line.amount));
    let beside = sum.and_then(|sum| invoice.total.checked_sub(sum)).ok().and_then(unless_zero);
    let label =
        if invoice.has_more_lines { "Further lines, discounts and taxes" } else { "Discounts and taxes" };
    let mut rest: Vec<_> = beside.map(|beside| (label.to_owned(), beside.to_string())).into_iter().collect();
    let owed = Money::new(invoice.total.minor_units().max(0), invoice.total.currency());
    let balance = invoice.amount_due.checked_sub(owed).ok().and_then(unless_zero);
    rest.extend(balance.map(|balance| ("Customer’s balance at Stripe".to_owned(), balance.to_string())));
    rest
}
