/// The source of new ids.
pub trait IdGenerator: Send + Sync {
    /// A new `UUIDv7`, larger than any this generator gave before.
    fn uuid_v7(&self) -> u128;
}
