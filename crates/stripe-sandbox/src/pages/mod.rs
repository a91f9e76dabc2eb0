//! The pages that a person uses.
