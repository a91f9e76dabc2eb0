//! Checks the phases that are asked for, and works out when each of them ends.

use super::{
    Phase, PhaseAnchor, PhaseItem, Terms,
    asked::{AskedPhase, Duration},
};
use crate::{
    clock::{DAY, Timestamp},
    lifecycle::periods::next_end,
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        prices::{Interval, Price, Recurring},
        subscriptions::{self, Item},
    },
    store::Tx,
    wire::{ApiError, Moment, values::new_metadata},
};

/// Of one schedule, without those that are over.
const MOST: usize = 10;
/// How far a phase may reach, and how far ahead a schedule may start.
const LONGEST: Timestamp = 3660 * DAY;
const LONGEST_TRIAL: Timestamp = 730 * DAY;

/// What phases are checked against, and where the next one starts.
pub struct Plan<'a> {
    pub customer: &'a Customer,
    pub defaults: &'a Terms,
    pub now: Timestamp,
    pub start: Timestamp,
    /// From which the billing periods count.
    pub anchor: Timestamp,
    pub currency: Option<String>,
    /// Discounts that the schedule has already.
    pub known: Vec<AskedDiscount>,
}

impl Plan<'_> {
    /// The phases, one after another. `skipped` of those that were sent are over and are not among them.
    ///
    /// # Errors
    ///
    /// A phase that cannot be, by the name of its parameter.
    pub fn phases(
        mut self,
        tx: &mut Tx<'_>,
        asked: Vec<AskedPhase>,
        skipped: usize,
    ) -> Result<Vec<Phase>, ApiError> {
        if asked.is_empty() {
            return Err(ApiError::missing_param("phases"));
        }
        if asked.len() > MOST {
            let message = format!("A schedule can have at most {MOST} current and future phases.");
            return Err(ApiError::invalid(message).about("phases"));
        }
        if self.start > self.now.saturating_add(LONGEST) {
            return Err(
                ApiError::invalid("A schedule may start at most ten years ahead.").about("start_date")
            );
        }
        let mut phases = Vec::new();
        for (index, asked) in asked.into_iter().enumerate() {
            let param = format!("phases[{}]", index + skipped);
            if index > 0 && asked.start_date.is_some_and(|start| self.time(start) != self.start) {
                let message = format!(
                    "Phases follow one another: this one starts where the last ends, at {}.",
                    self.start
                );
                return Err(ApiError::invalid(message).about(&format!("{param}[start_date]")));
            }
            phases.push(self.phase(tx, asked, &param)?);
        }
        Ok(phases)
    }

    fn time(&self, moment: Moment) -> Timestamp {
        match moment {
            Moment::Now => self.now,
            Moment::At(time) => time,
        }
    }

    fn phase(&mut self, tx: &mut Tx<'_>, mut asked: AskedPhase, param: &str) -> Result<Phase, ApiError> {
        let under = |name: &str| format!("{param}[{name}]");
        let terms = asked.take_terms().checked(tx, self.customer, self.defaults, param)?;
        let items = self.items(tx, &mut asked, param)?;
        let price = tx.get::<Price>(&items[0].price)?;
        let recurring = price.recurring.ok_or_else(|| ApiError::missing_param(&under("items][0][price")))?;
        self.check_currency(&price, asked.currency.as_deref(), param)?;
        self.check_discounts(tx, asked.discounts.as_deref().unwrap_or_default(), param)?;
        if terms.clone().or(self.defaults).billing_cycle_anchor == Some(PhaseAnchor::PhaseStart) {
            self.anchor = self.start;
        }
        let (start, end) = (self.start, self.end(&asked, recurring, param)?);
        let trial_end = trial_end(&asked, start, end, param)?;
        let metadata = new_metadata(asked.metadata.take()).map_err(|error| {
            let name = error.param.clone().unwrap_or_default().replacen('[', "][", 1);
            error.about(&format!("{param}[{}]", name.trim_end_matches(']')))
        })?;
        self.start = end;
        self.anchor = trial_end.unwrap_or(self.anchor);
        self.currency = Some(price.currency.clone());
        Ok(Phase {
            start,
            end,
            items: items
                .into_iter()
                .map(|Item { price, quantity, metadata, .. }| PhaseItem { price, quantity, metadata })
                .collect(),
            currency: price.currency,
            discounts: asked.discounts.unwrap_or_default(),
            metadata,
            proration: asked.proration_behavior,
            trial_end,
            terms,
        })
    }

    fn items(&self, tx: &mut Tx<'_>, asked: &mut AskedPhase, param: &str) -> Result<Vec<Item>, ApiError> {
        let items = std::mem::take(&mut asked.items);
        for (index, item) in items.iter().enumerate() {
            let unknown =
                |name: &str| Err(ApiError::unknown_param(&format!("{param}[items][{index}][{name}]")));
            if item.id.is_some() {
                return unknown("id");
            }
            if item.deleted.is_some() {
                return unknown("deleted");
            }
        }
        subscriptions::wanted(tx, Vec::new(), items, self.now, &format!("{param}[items]"))
    }

    fn check_currency(&self, price: &Price, asked: Option<&str>, param: &str) -> Result<(), ApiError> {
        if asked.is_some_and(|asked| !asked.eq_ignore_ascii_case(&price.currency)) {
            let message = "The prices are in another currency.";
            return Err(ApiError::invalid(message).about(&format!("{param}[currency]")));
        }
        if self.currency.as_ref().is_some_and(|currency| *currency != price.currency) {
            let message =
                "All phases must be in one currency, which is the customer's once they were billed.";
            return Err(ApiError::invalid(message).about(&format!("{param}[items]")));
        }
        Ok(())
    }

    /// They are given when the phase begins; until then it is enough that they could be.
    fn check_discounts(&self, tx: &mut Tx<'_>, asked: &[AskedDiscount], param: &str) -> Result<(), ApiError> {
        for (index, asked) in asked.iter().enumerate().filter(|(_, asked)| !self.known.contains(asked)) {
            let before = tx.savepoint();
            let given =
                Discount::asked(tx, self.customer, None, &format!("{param}[discounts][{index}]"), asked);
            tx.roll_back(before);
            given?;
        }
        Ok(())
    }

    fn end(&self, asked: &AskedPhase, recurring: Recurring, param: &str) -> Result<Timestamp, ApiError> {
        let under = |name: &str| format!("{param}[{name}]");
        let too_long =
            |name: &str| Err(ApiError::invalid("A phase may last at most ten years.").about(&under(name)));
        let (name, duration) = match (asked.end_date, asked.duration, asked.iterations) {
            (Some(end), None, None) => {
                let end = self.time(end);
                if end <= self.start || end < self.now {
                    let message = "A phase must end after it starts, and not in the past.";
                    return Err(ApiError::invalid(message).about(&under("end_date")));
                }
                return if end - self.start > LONGEST { too_long("end_date") } else { Ok(end) };
            }
            (None, Some(duration), None) => ("duration", duration),
            (None, None, iterations) => {
                let count = recurring.interval_count.saturating_mul(iterations.unwrap_or(1));
                ("iterations", Duration { interval: recurring.interval, interval_count: Some(count) })
            }
            _ => {
                let message = "Give one of `duration`, `end_date` and `iterations`.";
                return Err(ApiError::invalid(message).about(&under("end_date")));
            }
        };
        let count = duration.interval_count.unwrap_or(1);
        let days = match duration.interval {
            Interval::Day => 1,
            Interval::Week => 7,
            Interval::Month => 30,
            Interval::Year => 365,
        };
        if count == 0 {
            return Err(ApiError::invalid("A phase must last at least one interval.").about(&under(name)));
        }
        if Timestamp::from(count) * days * DAY > LONGEST {
            return too_long(name);
        }
        let end = later(self.anchor, duration.interval, count, self.start);
        if end < self.now {
            return Err(ApiError::invalid("A phase must not end in the past.").about(&under(name)));
        }
        Ok(end)
    }
}

/// So many intervals after `start`; from the anchor, where `start` is the end of one of its periods, so that a phase
/// ends with a period after a month that was too short.
fn later(anchor: Timestamp, interval: Interval, count: u32, start: Timestamp) -> Timestamp {
    let one = Recurring { interval, interval_count: 1, trial_period_days: None };
    let is_counted = anchor < start && next_end(anchor, one, start - 1) == start;
    let anchor = if is_counted { anchor } else { start };
    (0..count).fold(start, |end, _| next_end(anchor, one, end))
}

fn trial_end(
    asked: &AskedPhase,
    start: Timestamp,
    end: Timestamp,
    param: &str,
) -> Result<Option<Timestamp>, ApiError> {
    let refuse =
        |name: &str, message: &str| Err(ApiError::invalid(message).about(&format!("{param}[{name}]")));
    let trial_end = match (asked.trial, asked.trial_end) {
        (Some(true), Some(_)) => return refuse("trial", "Give `trial` or `trial_end`, not both."),
        (Some(true), None) => end,
        (_, Some(Moment::At(time))) => time,
        (_, Some(Moment::Now) | None) => return Ok(None),
    };
    if trial_end <= start || trial_end > end {
        return refuse("trial_end", "A trial must end within its phase.");
    }
    if trial_end - start > LONGEST_TRIAL {
        return refuse("trial_end", "A trial may last at most two years.");
    }
    Ok(Some(trial_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp()
    }

    #[test]
    fn months_after_a_short_one_end_with_the_periods_of_the_anchor() {
        let anchor = time("2026-01-31T00:00:00Z");
        let february = later(anchor, Interval::Month, 1, anchor);
        assert_eq!(february, time("2026-02-28T00:00:00Z"));
        assert_eq!(later(anchor, Interval::Month, 1, february), time("2026-03-31T00:00:00Z"));
        assert_eq!(later(anchor, Interval::Month, 2, february), time("2026-04-30T00:00:00Z"));
    }

    #[test]
    fn a_start_that_is_no_end_of_a_period_is_counted_from_itself() {
        let (anchor, start) = (time("2026-01-31T00:00:00Z"), time("2026-02-10T00:00:00Z"));
        assert_eq!(later(anchor, Interval::Month, 1, start), time("2026-03-10T00:00:00Z"));
    }
}
