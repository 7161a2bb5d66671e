pub mod compose;
pub mod filter;
pub mod model;
