//! Lives lives, one seed each.

use std::process::ExitCode;
use std::time::Instant;

use billing_simulation::{Mutation, Stage};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lives whole lives of the service, and reports those that break an invariant.
#[derive(Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The number of seeds.
    #[arg(long, default_value_t = 1)]
    lives: u64,
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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut stage = Stage::new();
    if arguments.mutations {
        return mutate(&mut stage, &arguments);
    }
    let named = |name: &String| Mutation::ALL.iter().copied().find(|known| known.as_str() == name);
    let mutation = arguments.mutation.as_ref().map(named);
    if mutation == Some(None) {
        for known in Mutation::ALL {
            println!("{}", known.as_str());
        }
        return ExitCode::FAILURE;
    }
    live(&mut stage, &arguments, mutation.flatten())
}

fn live(stage: &mut Stage, arguments: &Arguments, mutation: Option<Mutation>) -> ExitCode {
    let begun = Instant::now();
    let (mut broken, mut points, mut statements, mut requests) = (0_u64, 0, 0, 0);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for seed in seeds(arguments) {
        let story = stage.live(seed, mutation, arguments.trace || arguments.hash);
        if arguments.trace {
            print!("{}", story.trace);
        }
        // FNV-1a.
        hash = story
            .trace
            .bytes()
            .fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        points += story.counts.points;
        statements += story.counts.statements;
        requests += story.counts.requests;
        if let Some(violation) = story.violation {
            broken += 1;
            println!("seed {seed}: {violation}");
        }
    }
    if arguments.hash {
        println!("{hash:016x}");
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} lives, {broken} broken, {seconds:.1} s; {points} points, {statements} statements, {requests} requests",
        arguments.lives
    );
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn mutate(stage: &mut Stage, arguments: &Arguments) -> ExitCode {
    let mut is_blind = false;
    for mutation in Mutation::ALL {
        let caught: Vec<(u64, String)> = seeds(arguments)
            .filter_map(|seed| Some((seed, stage.live(seed, Some(*mutation), false).violation?)))
            .collect();
        is_blind |= caught.len() < 3;
        let first: Vec<u64> = caught.iter().take(3).map(|(seed, _)| *seed).collect();
        let how = caught.first().map_or("", |(_, violation)| violation.as_str());
        println!("{} | {} | {first:?} | {how}", mutation.as_str(), caught.len());
    }
    if is_blind { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn seeds(arguments: &Arguments) -> std::ops::Range<u64> {
    arguments.seed..arguments.seed + arguments.lives
}
