//! Reports to lay out in tests.
