//! Lives lives, one seed each.

use std::num::NonZero;
use std::process::ExitCode;
use std::time::Instant;

use billing_simulation::{Counts, HistorySize, Mutation, Story, live_all, revenue_histories};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The seeds that a test lives again, three for each mutation.
const PINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lives/pins.txt");
/// The lives that must catch a mutation.
const ENOUGH: usize = 3;

/// Lives whole lives of the service, and reports those that break an invariant.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The number of seeds.
    #[arg(long, default_value_t = 1)]
    lives: u64,
    /// The number of threads.
    #[arg(long, default_value = "1")]
    threads: NonZero<usize>,
    /// Print every decision, statement and request.
    #[arg(long)]
    trace: bool,
    /// Print a hash over all traces, to be compared between processes.
    #[arg(long, conflicts_with = "trace")]
    hash: bool,
    /// Weaken a rule; a name that none has lists them.
    #[arg(long)]
    mutation: Option<String>,
    /// Weaken each rule in turn, and count the lives that catch it.
    #[arg(long, conflicts_with = "mutation")]
    mutations: bool,
    /// Go through histories of sales instead, whose revenue is recomputed.
    #[arg(long, conflicts_with_all = ["mutation", "mutations", "trace", "hash"])]
    revenue: bool,
    /// Keep the three shortest lives that catch each mutation, for the test of the pinned seeds.
    #[arg(long, requires = "mutations")]
    pin: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.mutations {
        return mutate(&arguments);
    }
    if arguments.revenue {
        return account(&arguments);
    }
    let mutation = arguments.mutation.as_deref().map(Mutation::named);
    if mutation == Some(None) {
        for known in Mutation::ALL {
            println!("{}", known.as_str());
        }
        return ExitCode::FAILURE;
    }
    live(&arguments, mutation.flatten())
}

fn live(arguments: &Arguments, mutation: Option<Mutation>) -> ExitCode {
    let begun = Instant::now();
    let told = all(arguments, mutation, |seed, story| {
        if arguments.trace {
            print!("{}", story.trace);
        }
        if let Some(violation) = &story.violation {
            println!("seed {seed}: {violation}");
        }
        (story.violation.is_some(), story.counts, hash(story.trace.bytes()))
    });
    if arguments.hash {
        println!("{:016x}", hash(told.iter().flat_map(|(_, _, hash)| hash.to_le_bytes())));
    }
    let broken = told.iter().filter(|(is_broken, ..)| *is_broken).count();
    let sum = |of: fn(&Counts) -> u64| told.iter().map(|(_, counts, _)| of(counts)).sum::<u64>();
    println!(
        "{} lives, {broken} broken, {:.1} s; {} points, {} statements, {} requests",
        told.len(),
        begun.elapsed().as_secs_f64(),
        sum(|counts| counts.points),
        sum(|counts| counts.statements),
        sum(|counts| counts.requests),
    );
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Compares the revenue of histories with the truth.
fn account(arguments: &Arguments) -> ExitCode {
    let begun = Instant::now();
    let (mut differing, mut sum) = (0, HistorySize::default());
    let seeds = arguments.seed..arguments.seed + arguments.lives;
    for (seed, told) in seeds.clone().zip(revenue_histories(seeds, arguments.threads.get())) {
        match told {
            Ok(size) => {
                sum.sold += size.sold;
                sum.changes += size.changes;
                sum.compared += size.compared;
            }
            Err(difference) => {
                differing += 1;
                println!("seed {seed}: {difference}");
            }
        }
    }
    let HistorySize { sold, changes, compared } = sum;
    println!(
        "{} histories, {differing} differ, {:.1} s; {sold} subscriptions, {changes} changes, {compared} totals",
        arguments.lives,
        begun.elapsed().as_secs_f64()
    );
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn mutate(arguments: &Arguments) -> ExitCode {
    let (mut is_blind, mut pins) = (false, Vec::new());
    for mutation in Mutation::ALL {
        let caught = all(arguments, Some(*mutation), |seed, story| {
            Some((story.counts.points, seed, story.violation?))
        });
        let mut caught: Vec<_> = caught.into_iter().flatten().collect();
        let how = caught.first().map_or("", |(_, _, violation)| violation.as_str());
        println!("{} | {} | {how}", mutation.as_str(), caught.len());
        if caught.len() < ENOUGH {
            is_blind = true;
            continue;
        }
        caught.sort_unstable();
        let shortest: Vec<_> = caught.iter().take(ENOUGH).map(|(_, seed, _)| seed.to_string()).collect();
        pins.push(format!("{} {}\n", mutation.as_str(), shortest.join(" ")));
    }
    if arguments.pin
        && let Err(error) = std::fs::write(PINS, pins.concat())
    {
        eprintln!("{PINS}: {error}");
        return ExitCode::FAILURE;
    }
    if is_blind { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Lives all lives of the arguments.
fn all<T: Send>(
    arguments: &Arguments,
    mutation: Option<Mutation>,
    tell: impl Fn(u64, Story) -> T + Sync,
) -> Vec<T> {
    let seeds = arguments.seed..arguments.seed + arguments.lives;
    let lives: Vec<_> = seeds.map(|seed| (seed, mutation)).collect();
    live_all(&lives, arguments.threads.get(), arguments.trace || arguments.hash, tell)
}

/// FNV-1a.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
