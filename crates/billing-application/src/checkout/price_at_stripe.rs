use billing_domain::ports::StoreError;
use billing_domain::{
    CallPurpose, GatewayAccountId, GatewayCall, GatewayCommand, LinkSubject, Plan, Price, StripeId,
};

use crate::change::Tx;

impl Tx {
    /// Stripe's price for one of ours, or the call that makes it, or first its product.
    pub(crate) async fn price_at_stripe(
        &mut self,
        account: &GatewayAccountId,
        plan: &Plan,
        price: &Price,
    ) -> Result<Result<StripeId, GatewayCall>, StoreError> {
        let Some(product) = self.gateway_link(account, &LinkSubject::Product(plan.id)).await? else {
            let name = plan.details.name.to_string();
            let command = GatewayCommand::CreateProduct { plan_id: plan.id, name };
            let purpose = CallPurpose::CreateProduct { plan_id: plan.id };
            return Ok(Err(self.prepare_call(account, purpose, &command).await?));
        };
        if let Some(price) = self.gateway_link(account, &LinkSubject::Price(price.id)).await? {
            return Ok(Ok(price));
        }
        let command = GatewayCommand::CreatePrice { price_id: price.id, product, terms: price.terms };
        let purpose = CallPurpose::CreatePrice { price_id: price.id };
        Ok(Err(self.prepare_call(account, purpose, &command).await?))
    }

    /// Stripe's object for one of ours on an account.
    pub(crate) async fn gateway_link(
        &mut self,
        account: &GatewayAccountId,
        subject: &LinkSubject,
    ) -> Result<Option<StripeId>, StoreError> {
        self.work.gateway_links().gateway_link(&self.workspace.id, account, subject).await
    }
}
