use async_trait::async_trait;
use billing_domain::{
    AppId, FeatureKey, PayerKind, Plan, PlanDetails, PlanFeature, PlanId, PlanKey, PlanOffer, PlanRefused,
    PriceAddition, PriceId, PriceTerms, Version,
};
use serde::Serialize;

use super::PlanError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Adds a plan with its prices and features to an app's catalog. Nothing is created at Stripe.
#[derive(Debug, Clone, Serialize)]
pub struct CreatePlan {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The name of the plan in code.
    pub key: PlanKey,
    /// The kind of payer that can subscribe.
    pub payer_kind: PayerKind,
    /// The changeable part.
    pub details: PlanDetails,
    /// The first prices.
    pub prices: Vec<PriceTerms>,
    /// The keys of the app's features to attach. Not serialized when empty: the fingerprints of earlier requests hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<FeatureKey>,
}

#[async_trait]
impl Change for CreatePlan {
    const NAME: &'static str = "create_plan";
    type Answer = PlanOffer;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<PlanOffer>, Refused<PlanError>> {
        let mut offer = self.offer(tx)?;
        self.add_features(tx, &mut offer).await?;
        let plan = &offer.plan;
        let taken = tx.work.plans().sold_plan_with_key(&plan.workspace_id, &plan.app_id, &plan.key).await?;
        if taken.is_some() {
            return Err(PlanError::KeyTaken(self.key.clone()).into());
        }
        if plan.details.is_default {
            tx.require_free_default(plan).await?;
        }
        tx.work.plans().insert_plan(plan).await?;
        tx.audit_created(plan).await?;
        for price in &offer.prices {
            tx.insert_price(plan, price).await?;
        }
        for feature in &offer.features {
            tx.work.plans().attach_feature(plan, feature).await?;
            tx.audit_created(&PlanFeature::new(plan, feature)).await?;
        }
        Ok(Decision::Changed(offer))
    }
}

impl CreatePlan {
    fn offer(&self, tx: &Tx) -> Result<PlanOffer, PlanError> {
        let mut offer = PlanOffer::new(Plan {
            id: PlanId::from_uuid(tx.ports.ids.uuid_v7()),
            workspace_id: tx.workspace.id.clone(),
            app_id: self.app_id.clone(),
            key: self.key.clone(),
            payer_kind: self.payer_kind,
            details: self.details.clone(),
            archived_at: None,
            version: Version::NEW,
            created_at: tx.now,
        })?;
        for (position, terms) in self.prices.iter().enumerate() {
            let id = PriceId::from_uuid(tx.ports.ids.uuid_v7());
            let added = offer.add_price(id, *terms, tx.now).map_err(|refused| match refused {
                PlanRefused::Unsellable(reason) => PlanError::Unsellable { position, reason },
                PlanRefused::DefaultTakesNoPrices => PlanRefused::NewDefaultMustBeFree.into(),
                refused => refused.into(),
            })?;
            match added {
                PriceAddition::New { price, replaced: None } => offer.prices.push(price),
                PriceAddition::New { .. } | PriceAddition::AlreadyOffered(_) => {
                    return Err(PlanRefused::PriceTwice.into());
                }
            }
        }
        Ok(offer)
    }

    /// The features in the order of a stored plan.
    async fn add_features(&self, tx: &mut Tx, offer: &mut PlanOffer) -> Result<(), Refused<PlanError>> {
        for key in &self.features {
            if offer.attach(key)? {
                let feature =
                    tx.work.features().feature_to_change(&tx.workspace.id, &self.app_id, key).await?;
                let feature = feature.ok_or_else(|| PlanError::FeatureUnknown(key.clone()))?;
                offer.features.push(feature);
            }
        }
        offer.features.sort_by_key(|feature| feature.id);
        Ok(())
    }
}
