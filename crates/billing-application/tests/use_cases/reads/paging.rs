//! What holds for every list, told with plans.

use crate::prelude::*;
use crate::testing::{app_id, enabled, ports_over, pro, whole, workspace_id};

/// A store with these plans.
fn store(numbers: &'static [u128], counts_with_the_part: bool) -> MockBillingStore {
    let mut store = MockBillingStore::default();
    store.switches.expect_billing_switch().returning(|_| Ok(enabled()));
    store.apps.expect_app().returning(|_, _| Ok(Some(crate::testing::shop())));
    store.plans.expect_plans().returning(move |_, _, _, edge, limit| {
        let mut part: Vec<_> = numbers.iter().map(|number| plan(*number)).collect();
        let limit = limit as usize;
        match edge {
            Edge::Newest => {}
            Edge::OlderThan(than) => part.retain(|offer| offer.plan.id < than),
            Edge::NewerThan(than) => {
                part.retain(|offer| offer.plan.id > than);
                part.drain(..part.len().saturating_sub(limit));
            }
        }
        part.truncate(limit);
        let newer = numbers
            .iter()
            .filter(|number| part.first().is_some_and(|first| plan(**number).plan.id > first.plan.id));
        let counted = Counted::bounded(newer.count() as u64, numbers.len() as u64);
        Ok(Part { counted: counts_with_the_part.then_some(counted), ..whole(part) })
    });
    store
}

/// The reads over a store with these plans, in which the counts are of `total` plans.
fn reads(numbers: &'static [u128], total: Option<u64>) -> Reads {
    let mut store = store(numbers, false);
    if let Some(total) = total {
        store.plans.expect_count_plans().returning(move |_, _, _, than| {
            let newer =
                numbers.iter().filter(|number| than.is_some_and(|than| plan(**number).plan.id > than));
            Ok(Counted::bounded(newer.count() as u64, total))
        });
    }
    Reads::new(ports_over(store, Vec::new()))
}

fn plan(number: u128) -> PlanOffer {
    let mut offer = pro();
    offer.plan.id = PlanId::from_uuid(number);
    offer
}

fn cursor(number: u128) -> String {
    PlanId::from_uuid(number).to_string()
}

fn two() -> PageRequest {
    PageRequest { limit: PageLimit::new(2).unwrap(), ..PageRequest::default() }
}

fn older(cursor: Option<String>) -> PageRequest {
    PageRequest { cursor, ..two() }
}

fn newer(cursor: Option<String>) -> PageRequest {
    PageRequest { direction: Direction::Newer, ..older(cursor) }
}

async fn page(reads: &Reads, request: &PageRequest) -> Page<PlanOffer> {
    reads.plans(&workspace_id(), &app_id(), &PlanFilter::default(), request).await.unwrap().page
}

/// The page with these plans and cursors, not counted.
fn shows(numbers: &[u128], previous: Option<u128>, next: Option<u128>) -> Page<PlanOffer> {
    Page {
        items: numbers.iter().map(|number| plan(*number)).collect(),
        previous_cursor: previous.map(cursor),
        next_cursor: next.map(cursor),
        count: None,
    }
}

#[tokio::test]
async fn pages_lead_to_the_next_and_back() {
    let reads = reads(&[9, 8, 7, 6, 5], None);
    let first = page(&reads, &two()).await;
    assert_eq!(first, shows(&[9, 8], None, Some(8)));
    let second = page(&reads, &older(first.next_cursor)).await;
    assert_eq!(second, shows(&[7, 6], Some(7), Some(6)));
    let third = page(&reads, &older(second.next_cursor)).await;
    assert_eq!(third, shows(&[5], Some(5), None));
    let second = page(&reads, &newer(third.previous_cursor)).await;
    assert_eq!(second, shows(&[7, 6], Some(7), Some(6)));
    let first = page(&reads, &newer(second.previous_cursor)).await;
    assert_eq!(first, shows(&[9, 8], None, Some(8)));
}

#[tokio::test]
async fn the_way_back_ends_with_the_newest_page_in_full() {
    let reads = reads(&[9, 8, 7], None);
    for number in [8, 9, 10] {
        assert_eq!(
            page(&reads, &newer(Some(cursor(number)))).await,
            shows(&[9, 8], None, Some(8)),
            "{number}"
        );
    }
    let all = PageRequest { limit: PageLimit::new(3).unwrap(), ..newer(Some(cursor(8))) };
    assert_eq!(page(&reads, &all).await, shows(&[9, 8, 7], None, None));
}

#[tokio::test]
async fn a_way_on_that_has_ended_leads_back() {
    let reads = reads(&[9, 8], None);
    assert_eq!(page(&reads, &older(Some(cursor(8)))).await, shows(&[], Some(8), None));
}

#[tokio::test]
async fn a_direction_without_a_cursor_begins_with_the_newest() {
    assert_eq!(page(&reads(&[9], None), &newer(None)).await, shows(&[9], None, None));
}

#[tokio::test]
async fn a_page_knows_its_place_and_the_size_of_the_list() {
    let counted = |request| PageRequest { is_counted: true, ..request };
    let plans = &[9, 8, 7, 6, 5];
    let counted_with_the_part = Reads::new(ports_over(store(plans, true), Vec::new()));
    for reads in [reads(plans, Some(5)), counted_with_the_part] {
        for (request, first) in [
            (two(), 1),
            (older(Some(cursor(8))), 3),
            (newer(Some(cursor(5))), 3),
            (newer(Some(cursor(8))), 1),
            (older(Some(cursor(6))), 5),
        ] {
            let page = page(&reads, &counted(request)).await;
            assert_eq!(page.count, Some(PageCount { first, total: 5, is_exact: true }));
        }
        let none = page(&reads, &counted(older(Some(cursor(5))))).await;
        assert_eq!(none.count, Some(PageCount { first: 0, total: 5, is_exact: true }));
    }
}

#[tokio::test]
async fn a_list_of_one_page_is_counted_without_the_store() {
    for (numbers, first) in [(&[9_u128, 8] as &[u128], 1), (&[], 0)] {
        let request = PageRequest { is_counted: true, ..two() };
        let page = page(&reads(numbers, None), &request).await;
        assert_eq!(page.count, Some(PageCount { first, total: numbers.len() as u64, is_exact: true }));
    }
}

#[tokio::test]
async fn a_long_list_is_counted_up_to_the_bound() {
    let (bound, request) = (u64::from(Counted::BOUND), PageRequest { is_counted: true, ..two() });
    let page = page(&reads(&[9, 8, 7], Some(bound + 1)), &request).await;
    assert_eq!(page.count, Some(PageCount { first: 1, total: bound, is_exact: false }));
}
