//! What a reader of the pages can rely on.
