//! The migrations are part of the binary and lie outside this crate.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
