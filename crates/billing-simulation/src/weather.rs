//! The rates of faults and events of one life. Each life has its own, so that some faults meet calm water.

/// Rates by step, or by point.
#[derive(Debug)]
pub(crate) struct Weather {
    /// The steps before the life comes to rest.
    pub(crate) steps: usize,
    /// The jobs at a time.
    pub(crate) actors: usize,
    /// The number of processes.
    pub(crate) replicas: usize,
    /// The seconds by which the clock of the second process is ahead.
    pub(crate) skew: i64,
    /// Whether the second workspace may sell through an account of its own.
    pub(crate) has_platform: bool,
    /// The number of workspaces that live, and of payers in each.
    pub(crate) tenants: usize,
    pub(crate) payers: usize,
    /// The weights of enabling, disabling and canceling among the jobs; that of a checkout is 8.
    pub(crate) enable: u32,
    pub(crate) disable: u32,
    pub(crate) cancel: u32,
    /// The weight of refunds and of changes of plan; changes of trials and actions on invoices have half of it. It is taken
    /// from canceling.
    pub(crate) money: u32,
    /// A process dies.
    pub(crate) crash: f64,
    /// A job is dropped.
    pub(crate) disconnect: f64,
    /// A statement, or its answer, is lost.
    pub(crate) sql_fault: f64,
    /// A request to Stripe, or its answer, is lost.
    pub(crate) lose: f64,
    /// A request arrives late.
    pub(crate) late: f64,
    /// A request arrives twice.
    pub(crate) twice: f64,
    /// Stripe fails or refuses to begin.
    pub(crate) fails: f64,
    /// A webhook is never sent.
    pub(crate) webhook_lost: f64,
    /// A webhook is sent once more after it was taken.
    pub(crate) webhook_twice: f64,
    /// A webhook is on its way to the service.
    pub(crate) webhook: f64,
    /// The clock moves.
    pub(crate) clock: f64,
    /// The farthest move, as a place in [`MOVES`].
    pub(crate) moves: usize,
    /// A payer pays.
    pub(crate) pay: f64,
    /// The merchant changes something at Stripe by hand.
    pub(crate) by_hand: f64,
    /// An idle actor begins a job.
    pub(crate) begin: f64,
    /// The actor of the last step goes on.
    pub(crate) stay: f64,
    /// A checkout is for the plan with a trial.
    pub(crate) trials: f64,
    /// An actor falls asleep.
    pub(crate) pause: f64,
    /// A job is a turn of the worker.
    pub(crate) works: f64,
}

/// The most processes.
pub(crate) const REPLICAS: usize = 2;

/// The most jobs at a time.
pub(crate) const ACTORS: usize = 4;

/// Moves of the clock in seconds.
pub(crate) const MOVES: [i64; 10] =
    [1, 15, 60, 10 * 60, 40 * 60, 3 * 3_600, 23 * 3_600 + 1_800, 26 * 3_600, 8 * 24 * 3_600, 32 * 24 * 3_600];

impl Weather {
    pub(crate) fn of(rng: &mut fastrand::Rng) -> Self {
        let replicas = rng.usize(1..=REPLICAS);
        let (skew, has_platform, moves) = (rng.i64(0..10), rng.bool(), rng.usize(2..=MOVES.len()));
        let (steps, actors) = ([80, 200, 1_000][rng.usize(..3)], rng.usize(2..=ACTORS));
        let (tenants, payers) = (rng.usize(1..=2), rng.usize(1..=2));
        let mut weight = |choices: &[u32]| choices[rng.usize(..choices.len())];
        let (enable, disable, cancel) = (weight(&[1, 3]), weight(&[0, 1, 3, 6]), weight(&[1, 3, 8]));
        let money = weight(&[0, 1, 3]);
        let mut one_of = |choices: &[f64]| choices[rng.usize(..choices.len())];
        let weather = Self {
            steps,
            actors,
            replicas,
            skew,
            has_platform,
            moves,
            tenants,
            payers,
            enable,
            disable,
            cancel,
            money,
            crash: one_of(&[0.0, 0.0, 0.002, 0.01]),
            disconnect: one_of(&[0.0, 0.0, 0.002, 0.01]),
            sql_fault: one_of(&[0.0, 0.0, 0.001, 0.01]),
            lose: one_of(&[0.0, 0.02, 0.1, 0.3]),
            late: one_of(&[0.0, 0.05, 0.2]),
            twice: one_of(&[0.0, 0.0, 0.1]),
            fails: one_of(&[0.0, 0.0, 0.02, 0.1]),
            webhook_lost: one_of(&[0.0, 0.0, 0.1, 0.5, 1.0]),
            webhook_twice: one_of(&[0.0, 0.1, 0.5]),
            webhook: one_of(&[0.02, 0.1, 0.3]),
            clock: one_of(&[0.0, 0.001, 0.003, 0.01]),
            pay: one_of(&[0.01, 0.03, 0.1, 0.3]),
            by_hand: one_of(&[0.0, 0.01, 0.03]),
            begin: one_of(&[0.03, 0.1, 0.3]),
            stay: one_of(&[0.5, 0.8, 0.95]),
            trials: one_of(&[0.5, 1.0]),
            pause: one_of(&[0.0, 0.005, 0.02, 0.05]),
            works: one_of(&[0.2, 0.4, 0.6]),
        };
        match rng.u32(..8) {
            0 => weather.with_one_payer(),
            1 => weather.with_money(),
            _ => weather,
        }
    }

    /// One payer, who subscribes again and again.
    fn with_one_payer(self) -> Self {
        let (disable, cancel, money) = (0, 8, 0);
        Self { steps: 1_000, tenants: 1, payers: 1, disable, cancel, money, pay: 0.3, trials: 1.0, ..self }
    }

    /// One payer, whose subscription is changed and whose payments are given back again and again.
    fn with_money(self) -> Self {
        let (disable, cancel, money) = (0, 1, 8);
        Self { steps: 1_000, tenants: 1, payers: 1, disable, cancel, money, pay: 0.3, ..self }
    }
}
