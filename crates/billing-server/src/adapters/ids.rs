use billing_domain::ports::IdGenerator;
use uuid::Uuid;

/// A generator of `UUIDv7`, monotonic within the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7Generator;

impl IdGenerator for UuidV7Generator {
    #[expect(clippy::disallowed_methods, reason = "this is the port's one adapter")]
    fn uuid_v7(&self) -> u128 {
        Uuid::now_v7().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_process_are_monotonic() {
        let ids: Vec<_> = (0..10_000).map(|_| UuidV7Generator.uuid_v7()).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    }
}
