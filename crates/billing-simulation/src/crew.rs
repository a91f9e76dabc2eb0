//! Many lives or histories on several threads.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::{HistorySize, Mutation, Stage, Story, revenue_history};

/// Lives these lives, each with its rule weakened or with none, on so many threads with a stage each. The answers of
/// `tell` are in the order of the lives.
#[must_use]
pub fn live_all<T: Send>(
    lives: &[(u64, Option<Mutation>)],
    threads: usize,
    traced: bool,
    tell: impl Fn(u64, Story) -> T + Sync,
) -> Vec<T> {
    let tell = &tell;
    all(lives.len(), threads, move || {
        let mut stage = Stage::new();
        move |place: usize| {
            let (seed, mutation) = lives[place];
            tell(seed, stage.live(seed, mutation, traced))
        }
    })
}

/// Goes through the histories of these seeds, on so many threads. The answers are in the order of the seeds.
#[must_use]
pub fn revenue_histories(seeds: Range<u64>, threads: usize) -> Vec<Result<HistorySize, String>> {
    let seeds: Vec<_> = seeds.collect();
    let seeds = &seeds;
    all(seeds.len(), threads, move || move |place: usize| revenue_history(seeds[place]))
}

/// Does so many tasks on so many threads, each of which hires a worker. The answers are in the order of the tasks.
fn all<T: Send, W: FnMut(usize) -> T>(tasks: usize, threads: usize, hire: impl Fn() -> W + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker = hire();
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= tasks {
                return done;
            }
            done.push((place, worker(place)));
        }
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let crew: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        crew.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, answer)| answer).collect()
}
