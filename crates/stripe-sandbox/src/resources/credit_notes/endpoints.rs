//! `/v1/credit_notes`.

use serde::Deserialize;
use serde_json::Value;

use super::{
    AskedNote, CreditLine, CreditNote, CreditNoteStatus,
    lines::{self},
};
use crate::{
    lifecycle::crediting,
    resources::{
        customers::Customer,
        invoices::{Invoice, InvoiceStatus},
    },
    store::{Resource, Tx},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        page::list as rendered_list,
        values::{merge_metadata, new_metadata},
    },
};

const PREVIEW_LINES: &str = "/v1/credit_notes/preview/lines";

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/credit_notes", list);
    routes.post("/v1/credit_notes", create);
    routes.get("/v1/credit_notes/preview", preview);
    routes.list(PREVIEW_LINES, preview_lines);
    routes.get("/v1/credit_notes/{note}", retrieve);
    routes.post("/v1/credit_notes/{note}", update);
    routes.list("/v1/credit_notes/{note}/lines", note_lines);
    routes.post("/v1/credit_notes/{note}/void", void);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListNotes {
    created: Option<Range>,
    customer: Option<String>,
    invoice: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListNotes = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |note: &&CreditNote| {
        params.created.is_none_or(|range| range.holds(note.created))
            && params.customer.as_ref().is_none_or(|customer| note.customer == *customer)
            && params.invoice.as_ref().is_none_or(|invoice| note.invoice == *invoice)
    };
    call.page_of(tx, tx.newest_first::<CreditNote>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<CreditNote>(call.id("note"))?))
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let asked: AskedNote = call.params()?;
    Ok(Answer::object(&issued(tx, asked)?))
}

/// What it would be: it is issued, looked at, and everything undone.
fn preview(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let (_, mut body) = previewed(tx, call.params()?)?;
    body["lines"]["url"] = PREVIEW_LINES.into();
    Ok(Answer::Json(body))
}

fn preview_lines(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let (note, _) = previewed(tx, call.params()?)?;
    page_of_lines(call, &note)
}

/// The lines have the same ids each time, so that they can be paged.
fn previewed(tx: &mut Tx<'_>, asked: AskedNote) -> Result<(CreditNote, Value), ApiError> {
    let before = tx.savepoint();
    let previewed = issued(tx, asked).map(|mut note| {
        for (index, line) in note.lines.iter_mut().enumerate() {
            line.id = format!("cnli_tmp_{index}");
        }
        let body = note.render(tx);
        (note, body)
    });
    tx.roll_back(before);
    previewed
}

fn note_lines(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let note = tx.get::<CreditNote>(call.id("note"))?;
    page_of_lines(call, &note)
}

fn page_of_lines(call: &Call, note: &CreditNote) -> Reply {
    let (page, has_more) = call.cut(note.lines.iter().collect(), |line: &&CreditLine| &line.id)?;
    let data = page.into_iter().map(CreditLine::render).collect();
    Ok(Answer::Json(rendered_list(&call.path, data, has_more)))
}

fn issued(tx: &mut Tx<'_>, mut asked: AskedNote) -> Result<CreditNote, ApiError> {
    let invoice = tx.named::<Invoice>("invoice", &asked.invoice)?;
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Paid) {
        let message = "Only invoices that are open or paid can be credited.";
        return Err(ApiError::invalid(message).about("invoice"));
    }
    asked.check_amounts(&invoice.currency)?;
    let lines = match (asked.lines.take(), asked.amount) {
        (Some(lines), _) => lines::asked(tx, &invoice, lines)?,
        (None, Some(amount)) => vec![CreditLine::of_amount(tx, amount)],
        (None, None) => return Err(ApiError::missing_param("amount")),
    };
    let now = tx.now(invoice.test_clock.as_deref());
    let count = tx.of_owner::<CreditNote>(&invoice.id).count() + 1;
    let note = CreditNote {
        id: tx.new_id("cn_"),
        created: now,
        effective_at: asked.effective_at.unwrap_or(now),
        invoice: invoice.id.clone(),
        customer: invoice.customer.clone(),
        currency: invoice.currency.clone(),
        number: format!("{}-CN-{count:02}", invoice.number.as_deref().unwrap_or_default()),
        status: CreditNoteStatus::Issued,
        voided_at: None,
        lines,
        pre_payment: 0,
        balance_transaction: None,
        refunds: Vec::new(),
        out_of_band: asked.out_of_band_amount,
        reason: asked.reason,
        memo: asked.memo.take(),
        metadata: new_metadata(asked.metadata.take())?,
        test_clock: invoice.test_clock.clone(),
    };
    if asked.amount.is_some_and(|amount| amount != note.total()) {
        let message = format!("`amount` must be what the lines come to, which is {}.", note.total());
        return Err(ApiError::invalid(message).about("amount"));
    }
    crediting::issue(tx, invoice, note, &asked)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateNote {
    #[serde(default)]
    memo: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut note = tx.get::<CreditNote>(call.id("note"))?;
    let params: UpdateNote = call.params()?;
    params.memo.apply(&mut note.memo);
    merge_metadata(&mut note.metadata, params.metadata)?;
    tx.update(&note, "credit_note.updated");
    Ok(Answer::object(&note))
}

fn void(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let note = tx.get::<CreditNote>(call.id("note"))?;
    Ok(Answer::object(&crediting::void(tx, note)?))
}
