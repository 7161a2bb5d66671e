//! How the program is linked: the addresses that the loader has to put right are told in their short form.
//!
//! The typesetter's tables hold a quarter of a million of them, which take six megabytes of memory in the long form and next to none in
//! the short one. Only a C library that knows it starts such a program (glibc 2.36, 2022); elsewhere the program is linked as usual.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)] // it asks the machine and speaks to cargo

use std::env::var;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_for_here = var("HOST").is_ok() && var("HOST") == var("TARGET");
    let is_glibc = var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") && var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu");
    if is_for_here && is_glibc && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's C library, where it is glibc and says so.
fn glibc() -> Option<(u32, u32)> {
    let out = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(out.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}
