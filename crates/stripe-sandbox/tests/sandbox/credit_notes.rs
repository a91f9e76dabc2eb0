//! Credit notes: what they take off an invoice, and how what was paid goes back.

use serde_json::{Value, json};

use crate::{client::Client, sandbox};

type Form<'a> = &'a [(&'a str, &'a str)];

/// An invoice over so many lines of the amounts, finalized and, if so, paid with the customer's card.
async fn invoice(client: &Client, currency: &str, amounts: &[i64], is_paid: bool) -> Value {
    let customer = client.customer_with_card().await;
    of_customer(client, &customer, currency, amounts, is_paid, &[]).await
}

async fn of_customer(
    client: &Client,
    customer: &str,
    currency: &str,
    amounts: &[i64],
    is_paid: bool,
    more: Form<'_>,
) -> Value {
    let mut form = vec![("customer", customer), ("currency", currency)];
    form.extend_from_slice(more);
    let id = client.post("/v1/invoices", &form).await.id();
    for amount in amounts {
        let amount = amount.to_string();
        let form =
            [("customer", customer), ("invoice", id.as_str()), ("currency", currency), ("amount", &amount)];
        client.post("/v1/invoiceitems", &form).await.ok();
    }
    let invoice = client.post(&format!("/v1/invoices/{id}/finalize"), &[]).await.ok();
    if is_paid { client.post(&format!("/v1/invoices/{id}/pay"), &[]).await.ok() } else { invoice }
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_else(|| panic!("{field} of {object}")).to_owned()
}

async fn again(client: &Client, invoice: &Value) -> Value {
    client.get(&format!("/v1/invoices/{}", text(invoice, "id"))).await.ok()
}

async fn balance(client: &Client, invoice: &Value) -> i64 {
    let path = format!("/v1/customers/{}", text(invoice, "customer"));
    client.get(&path).await.ok()["balance"].as_i64().unwrap()
}

async fn credit(client: &Client, invoice: &Value, more: Form<'_>) -> crate::client::Answer {
    let id = text(invoice, "id");
    let mut form = vec![("invoice", id.as_str())];
    form.extend_from_slice(more);
    client.post("/v1/credit_notes", &form).await
}

/// Due, paid, remaining, credited before and after the payment.
fn amounts(invoice: &Value) -> [i64; 5] {
    [
        "amount_due",
        "amount_paid",
        "amount_remaining",
        "pre_payment_credit_notes_amount",
        "post_payment_credit_notes_amount",
    ]
    .map(|field| invoice[field].as_i64().unwrap())
}

#[tokio::test]
async fn crediting_an_open_invoice_leaves_less_to_pay_to_the_minor_unit() {
    for (currency, whole, part) in [("usd", 2001, 700), ("jpy", 2001, 701), ("kwd", 20010, 7010)] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let open = invoice(&client, currency, &[whole], false).await;
        let note = credit(&client, &open, &[("amount", &part.to_string())]).await.ok();
        assert_eq!((&note["type"], &note["pre_payment_amount"]), (&json!("pre_payment"), &json!(part)));
        assert_eq!(text(&note, "number"), format!("{}-CN-01", text(&open, "number")));
        let rest = whole - part;
        assert_eq!(amounts(&again(&client, &open).await), [rest, 0, rest, part, 0]);
        let paid = client.post(&format!("/v1/invoices/{}/pay", text(&open, "id")), &[]).await.ok();
        assert_eq!(amounts(&paid), [rest, rest, 0, part, 0]);
        let charges = client.get("/v1/charges").await.ok();
        assert_eq!(charges["data"][0]["amount"], rest, "no more is charged than remains");
    }
}

#[tokio::test]
async fn an_invoice_that_is_credited_in_full_is_paid_without_a_charge() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let open = invoice(&client, "usd", &[2000], false).await;
    credit(&client, &open, &[("amount", "500")]).await.ok();
    credit(&client, &open, &[("amount", "1500")]).await.ok();
    let paid = again(&client, &open).await;
    assert_eq!((&paid["status"], amounts(&paid)), (&json!("paid"), [0, 0, 0, 2000, 0]));
    assert_eq!(client.get("/v1/charges").await.ok()["data"], json!([]));
    let intents = client.get("/v1/payment_intents").await.ok();
    assert_eq!(intents["data"][0]["status"], "canceled", "nobody can pay it as well");
    let kinds: Vec<_> = client.events().await.into_iter().map(|event| event["type"].clone()).collect();
    for wanted in ["credit_note.created", "invoice.paid"] {
        assert!(kinds.contains(&json!(wanted)), "{wanted} is missing in {kinds:?}");
    }
}

#[tokio::test]
async fn what_was_paid_goes_back_as_a_refund_a_credit_and_out_of_band() {
    for (currency, [whole, refund, credited, elsewhere]) in
        [("usd", [2001, 500, 301, 200]), ("jpy", [2001, 500, 301, 200]), ("kwd", [20010, 5000, 3010, 2000])]
    {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let paid = invoice(&client, currency, &[whole], true).await;
        let total = refund + credited + elsewhere;
        let given = [refund, credited, elsewhere, total].map(|amount| amount.to_string());
        let form = [
            ("refund_amount", given[0].as_str()),
            ("credit_amount", &given[1]),
            ("out_of_band_amount", &given[2]),
            ("amount", &given[3]),
        ];
        let note = credit(&client, &paid, &form).await.ok();
        assert_eq!(
            (&note["type"], &note["post_payment_amount"], &note["out_of_band_amount"]),
            (&json!("post_payment"), &json!(total), &json!(elsewhere))
        );
        assert_eq!(note["refunds"][0]["amount_refunded"], refund);
        let made = client.get(&format!("/v1/refunds/{}", text(&note["refunds"][0], "refund"))).await.ok();
        assert_eq!(made["amount"], refund);
        assert_eq!(balance(&client, &paid).await, -credited);
        let customer = text(&paid, "customer");
        let booked = text(&note, "customer_balance_transaction");
        let booked =
            client.get(&format!("/v1/customers/{customer}/balance_transactions/{booked}")).await.ok();
        assert_eq!(
            (&booked["type"], &booked["amount"], &booked["ending_balance"], &booked["credit_note"]),
            (&json!("credit_note"), &json!(-credited), &json!(-credited), &note["id"])
        );
        assert_eq!(amounts(&again(&client, &paid).await), [whole, whole, 0, 0, total]);
        // The next invoice uses the credit, and says so.
        let next = of_customer(&client, &customer, currency, &[whole], false, &[]).await;
        assert_eq!(next["amount_due"], whole - credited);
        let transactions = client.get(&format!("/v1/customers/{customer}/balance_transactions")).await.ok();
        let last = &transactions["data"][0];
        assert_eq!(
            (&last["type"], &last["amount"], &last["ending_balance"], &last["invoice"]),
            (&json!("applied_to_invoice"), &json!(credited), &json!(0), &next["id"])
        );
    }
}

#[tokio::test]
async fn an_open_invoice_that_used_the_balance_gives_it_back_beyond_what_remains() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let path = format!("/v1/customers/{customer}/balance_transactions");
    let form = [("amount", "-500"), ("currency", "usd"), ("description", "sorry")];
    let booked = client.post(&path, &form).await.ok();
    assert_eq!((&booked["type"], &booked["ending_balance"]), (&json!("adjustment"), &json!(-500)));
    let open = of_customer(&client, &customer, "usd", &[2000], false, &[]).await;
    assert_eq!(amounts(&open), [1500, 0, 1500, 0, 0]);
    let error = credit(&client, &open, &[("amount", "1800")]).await.error(400);
    assert_eq!(error["param"], "credit_amount");
    let note = credit(&client, &open, &[("amount", "1800"), ("credit_amount", "300")]).await.ok();
    assert_eq!(
        (&note["type"], &note["pre_payment_amount"], &note["post_payment_amount"]),
        (&json!("mixed"), &json!(1500), &json!(300))
    );
    let paid = again(&client, &open).await;
    assert_eq!((&paid["status"], amounts(&paid)), (&json!("paid"), [0, 0, 0, 1500, 300]));
    assert_eq!(balance(&client, &open).await, -300);
}

#[tokio::test]
async fn parts_of_a_discounted_line_add_up_to_the_whole_line() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let coupon = client.post("/v1/coupons", &[("percent_off", "33.3"), ("duration", "once")]).await.id();
    let customer = client.customer_with_card().await;
    let discount = [("discounts[0][coupon]", coupon.as_str())];
    let paid = of_customer(&client, &customer, "usd", &[1001], true, &discount).await;
    // 33.3 % of 1001 is 333.33.
    assert_eq!(paid["total"], 668);
    let line = text(&paid["lines"]["data"][0], "id");
    let mut totals = Vec::new();
    for amount in ["500", "501"] {
        let form = [
            ("lines[0][type]", "invoice_line_item"),
            ("lines[0][invoice_line_item]", &line),
            ("lines[0][amount]", amount),
        ];
        let mut form = form.to_vec();
        form.push(("out_of_band_amount", "334"));
        let note = credit(&client, &paid, &form).await.ok();
        assert_eq!(note["lines"]["data"][0]["invoice_line_item"], line);
        totals.push(note["total"].as_i64().unwrap());
    }
    // 500 less 333 × 500 / 1001 = 166.33, and what is left of both.
    assert_eq!(totals, [334, 334]);
    let form = [
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", &line),
        ("lines[0][amount]", "1"),
    ];
    assert_eq!(credit(&client, &paid, &form).await.error(400)["param"], "lines[0][amount]");
}

#[tokio::test]
async fn quantities_of_a_line_are_credited_at_its_price() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Seat", "kwd", 6010).await;
    let customer = client.customer_with_card().await;
    let subscription = client.subscribe(&customer, &price, &[("items[0][quantity]", "3")]).await;
    let invoices = client.get(&format!("/v1/invoices?subscription={subscription}")).await.ok();
    let paid = invoices["data"][0].clone();
    let line = text(&paid["lines"]["data"][0], "id");
    let of = |quantity: &'static str, back: &'static str| {
        [
            ("lines[0][type]", "invoice_line_item".to_owned()),
            ("lines[0][invoice_line_item]", line.clone()),
            ("lines[0][quantity]", quantity.to_owned()),
            ("credit_amount", back.to_owned()),
        ]
    };
    let send = |form: [(&'static str, String); 4]| {
        let (client, paid) = (client.clone(), paid.clone());
        async move {
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            credit(&client, &paid, &form).await
        }
    };
    assert_eq!(send(of("2", "12020")).await.ok()["amount"], 12020);
    assert_eq!(send(of("2", "6010")).await.error(400)["param"], "lines[0][quantity]");
    assert_eq!(send(of("1", "6010")).await.ok()["amount"], 6010);
    assert_eq!(amounts(&again(&client, &paid).await)[4], 18030);
}

#[tokio::test]
async fn voiding_takes_back_what_was_taken_off_an_open_invoice_and_nothing_else() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let open = invoice(&client, "usd", &[2000], false).await;
    let note = credit(&client, &open, &[("amount", "700")]).await.id();
    let void = format!("/v1/credit_notes/{note}/void");
    assert_eq!(client.post(&void, &[]).await.ok()["status"], "void");
    assert_eq!(amounts(&again(&client, &open).await), [2000, 0, 2000, 0, 0]);
    client.post(&void, &[]).await.error(400);
    let paid = client.post(&format!("/v1/invoices/{}/pay", text(&open, "id")), &[]).await.ok();
    assert_eq!(paid["amount_paid"], 2000);
    let given_back = credit(&client, &paid, &[("amount", "700"), ("refund_amount", "700")]).await.id();
    client.post(&format!("/v1/credit_notes/{given_back}/void"), &[]).await.error(400);
    assert_eq!(amounts(&again(&client, &open).await), [2000, 2000, 0, 0, 700]);
}

#[tokio::test]
async fn a_preview_says_what_it_would_be_and_changes_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let paid = invoice(&client, "jpy", &[2000], true).await;
    let events = client.events().await.len();
    let query = format!("invoice={}&amount=700&refund_amount=700", text(&paid, "id"));
    let preview = client.get(&format!("/v1/credit_notes/preview?{query}")).await.ok();
    assert_eq!((&preview["total"], &preview["post_payment_amount"]), (&json!(700), &json!(700)));
    let lines = client.get(&format!("/v1/credit_notes/preview/lines?{query}")).await.ok();
    assert_eq!(lines["data"][0]["amount"], 700);
    assert_eq!(again(&client, &paid).await, paid);
    assert_eq!(client.events().await.len(), events);
    assert_eq!(client.get("/v1/credit_notes").await.ok()["data"], json!([]));
    assert_eq!(client.get("/v1/refunds").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_refund_that_was_made_before_can_be_what_a_credit_note_gives_back_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let paid = invoice(&client, "usd", &[2000], true).await;
    let charge = client.get("/v1/charges").await.ok()["data"][0]["id"].as_str().unwrap().to_owned();
    let refund = client.post("/v1/refunds", &[("charge", &charge), ("amount", "800")]).await.id();
    let form = [("amount", "800"), ("refunds[0][refund]", refund.as_str())];
    let note = credit(&client, &paid, &form).await.ok();
    assert_eq!(note["refunds"][0]["refund"], refund);
    let error = credit(&client, &paid, &form).await.error(400);
    assert_eq!(error["param"], "refunds[0][amount_refunded]");
    // 1200 of the charge are left.
    let form = [("amount", "1200"), ("refund_amount", "1200")];
    credit(&client, &paid, &form).await.ok();
    assert_eq!(amounts(&again(&client, &paid).await), [2000, 2000, 0, 0, 2000]);
}

#[tokio::test]
async fn a_credit_note_that_cannot_be_is_refused_by_the_name_of_its_parameter() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let open = invoice(&client, "usd", &[2000], false).await;
    let paid = invoice(&client, "kwd", &[20000], true).await;
    let custom = ("lines[0][type]", "custom_line_item");
    let cases: &[(&Value, Form<'_>, &str)] = &[
        (&open, &[], "amount"),
        (&open, &[("amount", "0")], "amount"),
        (&open, &[("amount", "-1")], "amount"),
        (&open, &[("amount", "2001")], "amount"),
        (&open, &[("amount", "9223372036854775807")], "amount"),
        (&open, &[("amount", "100"), ("credit_amount", "100")], "credit_amount"),
        (&open, &[("amount", "100"), ("refund_amount", "100")], "refund_amount"),
        (&open, &[custom, ("lines[0][unit_amount]", "100")], "lines[0][description]"),
        (&open, &[custom, ("lines[0][description]", "a")], "lines[0][unit_amount]"),
        (&open, &[custom, ("lines[0][description]", "a"), ("lines[0][unit_amount]", "3000")], "lines"),
        (&open, &[custom, ("lines[0][amount]", "100")], "lines[0][amount]"),
        (&open, &[("lines[0][type]", "invoice_line_item")], "lines[0][invoice_line_item]"),
        (&open, &[("lines[0][type]", "other")], "lines[0][type]"),
        (&open, &[("amount", "100"), ("reason", "mood")], "reason"),
        (&paid, &[("amount", "5")], "amount"),
        (&paid, &[("amount", "500")], "credit_amount"),
        (&paid, &[("amount", "500"), ("out_of_band_amount", "490")], "out_of_band_amount"),
        (&paid, &[("amount", "500"), ("refund_amount", "510")], "refund_amount"),
        (&paid, &[("amount", "500"), ("refunds[0][refund]", "re_none")], "refunds[0][refund]"),
    ];
    for (invoice, form, param) in cases {
        let error = credit(&client, invoice, form).await.error(400);
        assert_eq!(error["param"], *param, "{form:?}: {error}");
    }
    let draft = client.post("/v1/invoices", &[("customer", &text(&open, "customer"))]).await.ok();
    let error = credit(&client, &draft, &[("amount", "1")]).await.error(400);
    assert_eq!(error["param"], "invoice");
    assert_eq!(client.get("/v1/credit_notes").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn every_change_of_a_balance_has_its_transaction() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("balance", "-700")]).await.id();
    client.post(&format!("/v1/customers/{customer}"), &[("balance", "-500")]).await.ok();
    let open = of_customer(&client, &customer, "usd", &[2000], false, &[]).await;
    client.post(&format!("/v1/invoices/{}/void", text(&open, "id")), &[]).await.ok();
    let list = client.get(&format!("/v1/customers/{customer}/balance_transactions")).await.ok();
    let facts: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (text(it, "type"), it["amount"].as_i64().unwrap(), it["ending_balance"].as_i64().unwrap()))
        .collect();
    let wanted = [
        ("unapplied_from_invoice", -500, -500),
        ("applied_to_invoice", 500, 0),
        ("adjustment", 200, -500),
        ("initial", -700, -700),
    ];
    assert_eq!(facts, wanted.map(|(kind, amount, ending)| (kind.to_owned(), amount, ending)));
    let other = client.customer_with_card().await;
    let id = text(&list["data"][0], "id");
    client.get(&format!("/v1/customers/{other}/balance_transactions/{id}")).await.error(404);
    let error = client
        .post(
            &format!("/v1/customers/{customer}/balance_transactions"),
            &[("amount", "1"), ("currency", "eur")],
        )
        .await
        .error(400);
    assert_eq!(error["param"], "currency");
}
