//! Lives lives, one seed each.

use std::process::ExitCode;
use std::time::Instant;

use billing_simulation::Stage;
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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut stage = Stage::new();
    let begun = Instant::now();
    let (mut broken, mut points, mut statements, mut requests) = (0_u64, 0, 0, 0);
    for seed in arguments.seed..arguments.seed + arguments.lives {
        let story = stage.live(seed, arguments.trace);
        if arguments.trace {
            print!("{}", story.trace);
        }
        points += story.counts.points;
        statements += story.counts.statements;
        requests += story.counts.requests;
        if let Some(violation) = story.violation {
            broken += 1;
            println!("seed {seed}: {violation}");
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} lives, {broken} broken, {seconds:.1} s; points {points}, statements {statements}, requests {requests}",
        arguments.lives
    );
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
