//! The present state of objects at Stripe.

use async_trait::async_trait;
use billing_domain::{
    ChangeBilling, ChangeableSubscription, ChargeableObject, Gateway, GatewayAccountId,
    GatewayCheckoutSession, GatewayInvoice, GatewaySubscription, InvoicePayment, ItemChange,
    PreviewedInvoice, StripeId, StripeSubscriptionId, SyncTarget,
    ports::{GatewayError, GatewayReads, GatewayScope, ObjectPage, PayingWorkspace},
};
use serde::de::DeserializeOwned;

use crate::{
    accounts::Client,
    answer::{StripeError, Unreadable},
    gateway::StripePaymentGateway,
    lists::Filter,
    transport::{Method, StripeTransport},
    wire::{CheckoutSession, HasId, Invoice, Listed, MadeBy, Page, Payment, Refund, Subscription, read},
};

/// The latest invoice of a subscription and the coupons of its discounts are given on request only.
const WITH_CHARGES: &[(&str, &str)] =
    &[("expand[]", "latest_invoice"), ("expand[]", "discounts.source.coupon")];
/// The payments of a listed invoice are given on request only, and so are those of one.
const PAYMENTS_OF_LISTED: (&str, &str) = ("expand[]", "data.payments");
const WITH_PAYMENTS: &[(&str, &str)] = &[("expand[]", "payments")];
const PAYMENTS: &str = "/v1/invoice_payments";
const MOST_LINES: &[(&str, &str)] = &[("limit", "100")];

/// The lists of mirrored objects, ended ones included, with their filters.
const SUBSCRIPTIONS: (&str, Filter<'static>) = ("/v1/subscriptions", &[("status", "all")]);
const INVOICES: (&str, Filter<'static>) = ("/v1/invoices", &[]);

/// The customers whose objects are listed at a time. Nobody waits for these lists, and what somebody waits for is fetched
/// meanwhile, within the same rate.
const CUSTOMERS_AT_A_TIME: usize = 4;

#[async_trait]
impl<C: StripeTransport> GatewayReads for StripePaymentGateway<C> {
    async fn checkout_session(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayCheckoutSession>, GatewayError> {
        let client = self.client(account).await?;
        let path = format!("/v1/checkout/sessions/{id}");
        let session: Option<CheckoutSession> = client.retrieve(&path, &[], true).await?;
        Ok(session.map(CheckoutSession::mirrored).transpose()?)
    }

    async fn subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<GatewaySubscription>, GatewayError> {
        let client = self.client(account).await?;
        let path = format!("/v1/subscriptions/{id}");
        let subscription: Option<Subscription> = client.retrieve(&path, WITH_CHARGES, false).await?;
        Ok(subscription.map(|subscription| subscription.mirrored(client.is_platforms())).transpose()?)
    }

    async fn changeable_subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<ChangeableSubscription>, GatewayError> {
        let client = self.client(account).await?;
        let path = format!("/v1/subscriptions/{id}");
        let subscription: Option<Subscription> = client.retrieve(&path, WITH_CHARGES, true).await?;
        Ok(subscription.map(|subscription| subscription.changeable(client.is_platforms())).transpose()?)
    }

    async fn previewed_change(
        &self,
        account: &GatewayAccountId,
        change: &ItemChange,
    ) -> Result<PreviewedInvoice, GatewayError> {
        let client = self.client(account).await?;
        let mut request = client.request(Method::Post, "/v1/invoices/create_preview", true);
        request.body = Some(preview_of(change));
        match client.send(&request).await?.body()? {
            Ok(body) => Ok(read::<Invoice>(&body)?.previewed()?),
            Err(error) if error.is_final() => Err(GatewayError::Refused(error.message)),
            Err(error) => Err(error.of_read()),
        }
    }

    async fn invoice(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayInvoice>, GatewayError> {
        let client = self.client(account).await?;
        let path = format!("/v1/invoices/{id}");
        let Some(mut invoice) = client.retrieve::<Invoice>(&path, WITH_PAYMENTS, false).await? else {
            return Ok(None);
        };
        if invoice.has_more_lines() {
            // Stripe puts ten of them into the invoice.
            let Some(lines) = client.retrieve::<Page<_>>(&format!("{path}/lines"), MOST_LINES, false).await?
            else {
                return Ok(None);
            };
            invoice.set_lines(lines);
        }
        let payments = client.payments_of(id, &mut invoice).await?;
        Ok(Some(invoice.mirrored(payments)?))
    }

    async fn invoices_of_payment(
        &self,
        account: &GatewayAccountId,
        payment: &StripeId,
    ) -> Result<Vec<StripeId>, GatewayError> {
        let client = self.client(account).await?;
        let of_intent = [("payment[type]", "payment_intent"), ("payment[payment_intent]", payment.as_str())];
        let paid = client.all::<Payment>(PAYMENTS, &of_intent, false).await?;
        Ok(paid.iter().filter_map(Payment::invoice).collect())
    }

    async fn chargeable(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Vec<ChargeableObject>, GatewayError> {
        let client = self.scoped_client(account, scope).await?;
        client.chargeable(account, scope).await
    }

    /// Of a whole account the subscriptions come first. The kind of `after` says which list it is of. A cursor that is
    /// gone, such as a deleted draft, ends the list: the next reconciliation begins anew.
    async fn objects(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
        after: Option<StripeId>,
    ) -> Result<ObjectPage, GatewayError> {
        let client = self.scoped_client(account, scope).await?;
        if let GatewayScope::Customers(customers) = scope {
            let mut ids = Vec::new();
            for customers in customers.chunks(CUSTOMERS_AT_A_TIME) {
                for (path, filter) in [SUBSCRIPTIONS, INVOICES] {
                    let listed = client.all_of_customers::<Listed>(path, filter, customers, false).await?;
                    ids.extend(ids_of(&listed)?);
                }
            }
            return Ok(ObjectPage { ids, next: None });
        }
        let is_of_invoices = matches!(after.clone().and_then(SyncTarget::of), Some(SyncTarget::Invoice(_)));
        if is_of_invoices {
            return client.object_page(INVOICES, after.as_ref()).await;
        }
        let mut page = client.object_page(SUBSCRIPTIONS, after.as_ref()).await?;
        if page.next.is_none() {
            let invoices = client.object_page(INVOICES, None).await?;
            page.ids.extend(invoices.ids);
            page.next = invoices.next;
        }
        Ok(page)
    }

    async fn unrefunded_payments(
        &self,
        account: &GatewayAccountId,
        subscription: &StripeSubscriptionId,
    ) -> Result<Vec<StripeId>, GatewayError> {
        let client = self.client(account).await?;
        let paid = [("subscription", subscription.as_str()), ("status", "paid"), PAYMENTS_OF_LISTED];
        let invoices: Vec<Invoice> = client.all("/v1/invoices", &paid, false).await?;
        let mut unrefunded = Vec::new();
        for mut invoice in invoices {
            let payments = client.payments_of(&invoice.stripe_id()?, &mut invoice).await?;
            unrefunded.extend(payments.into_iter().filter(|it| it.left() > 0).map(|it| it.payment));
        }
        Ok(unrefunded)
    }

    async fn paying_workspaces(&self, gateway: Gateway) -> Result<Vec<PayingWorkspace>, GatewayError> {
        let Some(source) = self.source(gateway) else { return Ok(Vec::new()) };
        let client = self.own_client(source);
        if !client.is_platforms() {
            return Ok(Vec::new());
        }
        let account = self.own_account(source).await?;
        // Stripe leaves out canceled ones.
        let listed: Vec<Subscription> = client.all(SUBSCRIPTIONS.0, &[], false).await?;
        let mut paying = Vec::new();
        for subscription in listed {
            let read = subscription.mirrored(true).inspect_err(|error| {
                tracing::error!(%error, "a subscription on the platform's account cannot be read");
            });
            let Ok(GatewaySubscription { id, status, paying_workspace, .. }) = read else { continue };
            if let Some(workspace_id) = paying_workspace.filter(|_| status.is_live()) {
                paying.push(PayingWorkspace { workspace_id, account: account.clone(), subscription: id });
            }
        }
        Ok(paying)
    }
}

/// The form that asks what a change costs. The library's builder for it is not used: it would compile all of Stripe's
/// invoices, for one form.
fn preview_of(change: &ItemChange) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("subscription", change.subscription.as_str());
    let mut detail = |name: &str, value: &str| {
        form.append_pair(&format!("subscription_details{name}"), value);
    };
    detail("[items][0][id]", change.item.as_str());
    if let Some(price) = &change.price {
        detail("[items][0][price]", price.as_str());
    }
    detail("[items][0][quantity]", &change.quantity.to_string());
    match change.billing {
        ChangeBilling::Nothing { .. } => detail("[proration_behavior]", "none"),
        ChangeBilling::Invoiced { as_of, restarts } => {
            detail("[proration_behavior]", "always_invoice");
            if let Some(as_of) = as_of {
                detail("[proration_date]", &as_of.timestamp().to_string());
            }
            if restarts {
                detail("[billing_cycle_anchor][type]", "now");
            }
        }
    }
    form.finish()
}

impl<C: StripeTransport> StripePaymentGateway<C> {
    /// The client of a list.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`] for all of the managed account: it was not known to be shared when the scope was
    /// chosen, and is now.
    async fn scoped_client(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Client<'_, C>, GatewayError> {
        let client = self.client(account).await?;
        if *scope == GatewayScope::Account && self.is_shared(account) {
            return Err(GatewayError::Unknown("the managed account is shared: list it by customers".into()));
        }
        Ok(client)
    }
}

fn ids_of(listed: &[Listed]) -> Result<Vec<StripeId>, Unreadable> {
    listed.iter().map(HasId::stripe_id).collect()
}

impl<C: StripeTransport> Client<'_, C> {
    async fn object_page(
        &self,
        (path, filter): (&str, Filter<'_>),
        after: Option<&StripeId>,
    ) -> Result<ObjectPage, GatewayError> {
        match self.page::<Listed>(path, filter, after, false).await? {
            Ok(page) => Ok(ObjectPage { ids: ids_of(&page.data)?, next: page.next()? }),
            Err(error) if error.is_missing_param("starting_after") => Ok(ObjectPage::default()),
            Err(error) => Err(error.of_read()),
        }
    }

    /// The payments of an invoice through Stripe, each with its refunds.
    async fn payments_of(
        &self,
        id: &StripeId,
        invoice: &mut Invoice,
    ) -> Result<Vec<InvoicePayment>, GatewayError> {
        let currency = invoice.currency()?;
        let payments = match invoice.take_payments() {
            Some(payments) => payments,
            None => self.all(PAYMENTS, &[("invoice", id.as_str())], false).await?,
        };
        let mut made = Vec::new();
        for payment in payments {
            let Some(by) = payment.made_by() else { continue };
            let of_payment = match &by {
                MadeBy::Intent(intent) => ("payment_intent", intent.as_str()),
                MadeBy::Charge(charge) => ("charge", charge.as_str()),
            };
            let refunds = self.all::<Refund>("/v1/refunds", &[of_payment], false).await?;
            made.push(payment.mirrored(by, refunds, currency)?);
        }
        Ok(made)
    }

    /// An object, or `None` when there is none at the path.
    async fn retrieve<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        is_important: bool,
    ) -> Result<Option<T>, GatewayError> {
        match self.get(path, query, is_important).await? {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(StripeError::of_read(error)),
        }
    }
}
