//! The log room as its users see it: what is built of a bundle is found again.

mod bundle;
mod fields;
mod hostile;
mod places;
mod searches;
