pub mod acts;
pub mod diffs;
pub mod signatures;
pub mod traces;
