//! Many lives on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::{Mutation, Stage, Story};

/// Lives these lives, each with its rule weakened or with none, on so many threads with a stage each. The answers of
/// `tell` are in the order of the lives.
#[must_use]
pub fn live_all<T: Send>(
    lives: &[(u64, Option<Mutation>)],
    threads: usize,
    traced: bool,
    tell: impl Fn(u64, Story) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let live = || {
        let mut stage = Stage::new();
        let mut told = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some((seed, mutation)) = lives.get(place) else { return told };
            told.push((place, tell(*seed, stage.live(*seed, *mutation, traced))));
        }
    };
    let mut told: Vec<_> = thread::scope(|scope| {
        let crew: Vec<_> = (0..threads).map(|_| scope.spawn(live)).collect();
        crew.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    told.sort_unstable_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, told)| told).collect()
}
