//! The labelled test set.
