//! What a customer's balance was changed by.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{accounts::Account, customers::Customer, prices::check_amount};
use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Reply, Routes,
        values::{merge_metadata, new_metadata},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceChange {
    Adjustment,
    AppliedToInvoice,
    CreditNote,
    Initial,
    UnappliedFromInvoice,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    pub created: Timestamp,
    pub customer: String,
    /// Minor units; what is negative is in the customer's favour.
    pub amount: i64,
    pub currency: String,
    pub ending_balance: i64,
    pub kind: BalanceChange,
    pub invoice: Option<String>,
    pub credit_note: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
}

impl Resource for BalanceTransaction {
    stored_as!(BalanceTransaction);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "customer_balance_transaction",
            "amount": self.amount,
            "checkout_session": null,
            "created": self.created,
            "credit_note": self.credit_note,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "ending_balance": self.ending_balance,
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "type": self.kind,
        })
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.customer)
    }
}

impl BalanceTransaction {
    /// Changes the balance, and keeps what changed it. The caller stores the customer.
    pub fn book(
        tx: &mut Tx<'_>,
        customer: &mut Customer,
        kind: BalanceChange,
        amount: i64,
        currency: &str,
    ) -> Self {
        customer.add_to_balance(currency, amount);
        let booked = Self {
            id: tx.new_id("cbtxn_"),
            created: customer.now(tx),
            customer: customer.id.clone(),
            amount,
            currency: currency.to_owned(),
            ending_balance: customer.balance_in(currency),
            kind,
            invoice: None,
            credit_note: None,
            description: None,
            metadata: Metadata::new(),
        };
        tx.put(booked.clone());
        booked
    }

    /// As [`BalanceTransaction::book`], for what an invoice takes or gives back.
    pub fn book_invoice(
        tx: &mut Tx<'_>,
        customer: &mut Customer,
        kind: BalanceChange,
        amount: i64,
        invoice: (&str, &str),
    ) {
        let (id, currency) = invoice;
        let booked = Self::book(tx, customer, kind, amount, currency);
        tx.put(Self { invoice: Some(id.to_owned()), ..booked });
    }

    /// Sets the balance of a customer to what was asked for. One who has no currency yet has the account's from then on:
    /// the balance is in it.
    ///
    /// # Errors
    ///
    /// An amount that is too large, or finer than the currency is.
    pub fn set(
        tx: &mut Tx<'_>,
        customer: &mut Customer,
        kind: BalanceChange,
        balance: Option<i64>,
    ) -> Result<(), ApiError> {
        let Some(balance) = balance else { return Ok(()) };
        let account = tx.find::<Account>(tx.account());
        let currency = customer.currency.clone().or_else(|| Some(account?.default_currency.clone()));
        let currency = currency.unwrap_or_else(|| "usd".to_owned());
        check_amount(balance.checked_abs().unwrap_or(i64::MAX), &currency, "balance")?;
        let amount = balance.saturating_sub(customer.balance);
        if amount != 0 {
            Self::book(tx, customer, kind, amount, &currency);
            customer.currency = Some(currency);
        }
        Ok(())
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/customers/{customer}/balance_transactions", list);
    routes.post("/v1/customers/{customer}/balance_transactions", create);
    routes.get("/v1/customers/{customer}/balance_transactions/{transaction}", retrieve);
    routes.post("/v1/customers/{customer}/balance_transactions/{transaction}", update);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListTransactions {
    invoice: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let customer = Customer::at(tx, call.id("customer"))?;
    let params: ListTransactions = call.params()?;
    let wanted = |it: &&BalanceTransaction| {
        params.invoice.as_ref().is_none_or(|invoice| it.invoice.as_ref() == Some(invoice))
    };
    call.page_of(tx, tx.of_owner::<BalanceTransaction>(&customer.id).filter(wanted))
}

fn of_path(tx: &Tx<'_>, call: &Call) -> Result<BalanceTransaction, ApiError> {
    let customer = Customer::at(tx, call.id("customer"))?;
    let id = call.id("transaction");
    let found = tx.find::<BalanceTransaction>(id).filter(|it| it.customer == customer.id);
    found.cloned().ok_or_else(|| ApiError::no_such("customer balance transaction", id))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&of_path(tx, call)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateTransaction {
    amount: i64,
    currency: String,
    description: Option<String>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut customer = Customer::at(tx, call.id("customer"))?;
    let params: CreateTransaction = call.params()?;
    let currency = currency::checked(&params.currency, "currency")?;
    if customer.currency.as_ref().is_some_and(|known| *known != currency) {
        let message = "The currency must be the one that the customer is billed in.";
        return Err(ApiError::invalid(message).about("currency"));
    }
    check_amount(params.amount.checked_abs().unwrap_or(i64::MAX), &currency, "amount")?;
    let kind = BalanceChange::Adjustment;
    let booked = BalanceTransaction::book(tx, &mut customer, kind, params.amount, &currency);
    let booked = BalanceTransaction {
        description: params.description,
        metadata: new_metadata(params.metadata)?,
        ..booked
    };
    tx.put(booked.clone());
    customer.currency = Some(currency);
    tx.update(&customer, "customer.updated");
    Ok(Answer::object(&booked))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateTransaction {
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut transaction = of_path(tx, call)?;
    let params: UpdateTransaction = call.params()?;
    params.description.apply(&mut transaction.description);
    merge_metadata(&mut transaction.metadata, params.metadata)?;
    tx.put(transaction.clone());
    Ok(Answer::object(&transaction))
}
