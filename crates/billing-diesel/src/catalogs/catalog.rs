use billing_domain::ports::{Counted, Edge, FeatureFilter, Part, PlanFilter, SCANNED, SearchText};
use billing_domain::{Feature, FeatureDetails, FeatureId, PlanDetails, PlanId, PlanOffer, Price};

use super::searched::Searched;

/// The plans and features of an app, in memory.
#[derive(Default)]
pub(crate) struct Catalog {
    sold: List<PlanOffer>,
    archived: List<PlanOffer>,
    features: List<Feature>,
}

impl Catalog {
    /// Adds plans of one of the two lists that are older than those it has, newest first.
    pub(crate) fn add_plans(&mut self, are_archived: bool, plans: Vec<PlanOffer>) {
        if are_archived { self.archived.extend(plans) } else { self.sold.extend(plans) }
    }

    /// Adds features that are older than those it has, newest first.
    pub(crate) fn add_features(&mut self, features: Vec<Feature>) {
        self.features.extend(features);
    }

    /// The memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.sold.size + self.archived.size + self.features.size
    }

    pub(crate) fn plan(&self, plan: PlanId) -> Option<PlanOffer> {
        self.sold.with_id(plan).or_else(|| self.archived.with_id(plan))
    }

    pub(crate) fn plans(&self, filter: &PlanFilter, edge: Edge<PlanId>, limit: u32) -> Part<PlanOffer> {
        let list = if filter.archived { &self.archived } else { &self.sold };
        let is_for = |offer: &PlanOffer| filter.payer_kind.is_none_or(|kind| offer.plan.payer_kind == kind);
        let list = if filter.is_scan() { list.found(filter.search.as_ref(), is_for) } else { list.all() };
        list.part(edge, limit)
    }

    pub(crate) fn features(
        &self,
        filter: &FeatureFilter,
        edge: Edge<FeatureId>,
        limit: u32,
    ) -> Part<Feature> {
        let list = &self.features;
        let list = if filter.is_scan() { list.found(filter.search.as_ref(), |_| true) } else { list.all() };
        list.part(edge, limit)
    }
}

/// An item of a list.
trait Item: Clone {
    type Id: Copy + Ord;

    fn id(&self) -> Self::Id;

    /// The texts that a search looks in.
    fn name_and_key(&self) -> [&str; 2];

    /// The memory it takes, in bytes.
    fn size(&self) -> usize;

    /// Frees memory that it does not need.
    fn shrink(&mut self);
}

impl Item for PlanOffer {
    type Id = PlanId;

    fn id(&self) -> PlanId {
        self.plan.id
    }

    fn name_and_key(&self) -> [&str; 2] {
        [self.plan.details.name.as_str(), self.plan.key.as_str()]
    }

    fn size(&self) -> usize {
        let Self { plan, prices, features } = self;
        let PlanDetails { name, description, .. } = &plan.details;
        let ids = [plan.workspace_id.as_str(), plan.app_id.as_str(), plan.key.as_str()];
        let description = description.as_ref().map_or("", |text| text.as_str());
        let features: usize = features.iter().map(Item::size).sum();
        size_of::<Self>()
            + size_of_texts(ids, [name.as_str(), description])
            + size_of_val::<[Price]>(prices)
            + features
    }

    fn shrink(&mut self) {
        self.prices.shrink_to_fit();
        self.features.shrink_to_fit();
    }
}

impl Item for Feature {
    type Id = FeatureId;

    fn id(&self) -> FeatureId {
        self.id
    }

    fn name_and_key(&self) -> [&str; 2] {
        [self.details.name.as_str(), self.key.as_str()]
    }

    fn size(&self) -> usize {
        let FeatureDetails { name, description } = &self.details;
        let ids = [self.workspace_id.as_str(), self.app_id.as_str(), self.key.as_str()];
        let description = description.as_ref().map_or("", |text| text.as_str());
        size_of::<Self>() + size_of_texts(ids, [name.as_str(), description])
    }

    fn shrink(&mut self) {}
}

/// With what each costs the allocator.
fn size_of_texts(ids: [&str; 3], details: [&str; 2]) -> usize {
    ids.into_iter().chain(details).map(|text| text.len() + size_of::<String>()).sum()
}

/// A list, newest first.
struct List<T> {
    items: Vec<T>,
    searched: Searched,
    size: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), searched: Searched::default(), size: 0 }
    }
}

impl<T: Item> List<T> {
    fn extend(&mut self, older: Vec<T>) {
        for mut item in older {
            item.shrink();
            self.size += item.size() + self.searched.add(item.name_and_key());
            self.items.push(item);
        }
    }

    fn with_id(&self, id: T::Id) -> Option<T> {
        let at = self.items.binary_search_by(|item| id.cmp(&item.id())).ok()?;
        Some(self.items[at].clone())
    }

    fn all(&self) -> Listed<'_, T> {
        Listed { items: self.items.iter().collect(), is_cut: false }
    }

    /// The items with this text in their name or key that also satisfy the condition, of those that a filter looks at.
    fn found(&self, text: Option<&SearchText>, condition: impl Fn(&T) -> bool) -> Listed<'_, T> {
        let scanned = self.items.len().min(SCANNED as usize);
        let found: Vec<_> = match text {
            Some(text) => self.searched.find(text, scanned).into_iter().map(|at| &self.items[at]).collect(),
            None => self.items[..scanned].iter().collect(),
        };
        let items = found.into_iter().filter(|item| condition(item)).collect();
        Listed { items, is_cut: scanned < self.items.len() }
    }
}

/// The items of a filtered list, newest first.
struct Listed<'a, T> {
    items: Vec<&'a T>,
    /// Whether the filter did not look at all of the list.
    is_cut: bool,
}

impl<T: Item> Listed<'_, T> {
    /// Up to `limit` items from this edge, and the counts.
    fn part(&self, edge: Edge<T::Id>, limit: u32) -> Part<T> {
        let (items, limit) = (&self.items, limit as usize);
        let (from, to) = match edge {
            Edge::Newest => (0, limit),
            Edge::OlderThan(than) => {
                let from = items.partition_point(|item| item.id() >= than);
                (from, from + limit)
            }
            Edge::NewerThan(than) => {
                let to = items.partition_point(|item| item.id() > than);
                (to.saturating_sub(limit), to)
            }
        };
        let part = &items[from..to.min(items.len())];
        let newer = if part.is_empty() { 0 } else { from };
        let counted = Counted::bounded(newer as u64, items.len() as u64);
        Part {
            items: part.iter().copied().cloned().collect(),
            is_cut: self.is_cut,
            counted: Some(Counted { is_exact: counted.is_exact && !self.is_cut, ..counted }),
        }
    }
}
