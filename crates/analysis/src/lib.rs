pub mod diffs;
pub mod signatures;
