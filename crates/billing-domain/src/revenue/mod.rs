//! Monthly recurring revenue: what a subscription charges (`recurring`), the changes of it over time (`history`), and the
//! figures that are made of the changes of all subscriptions (`figures`). ADR 0037 has the definition.

#[cfg(test)]
mod bounds;
mod figures;
mod history;
mod recurring;

pub use figures::*;
pub use history::*;
pub use recurring::*;
