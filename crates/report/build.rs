//! Makes the compiler look again when a file is added to the folder that is embedded.

#[allow(clippy::print_stdout)] // the way to speak to cargo
fn main() {
    println!("cargo::rerun-if-changed=../../regimes");
}
