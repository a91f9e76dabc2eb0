/// Gives the bits of new ids.
pub trait IdGenerator: Send + Sync {
    /// A fresh `UUIDv7`: never given before, and larger than any this generator gave before.
    fn uuid_v7(&self) -> u128;
}
