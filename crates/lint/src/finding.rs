//! What a rule says. Must never know how it is printed.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The document contradicts itself, or leaves out what it owes.
    Error,
    /// Likely wrong, or harmful to read.
    Warning,
    /// Could be said better.
    Hint,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        }
    }
}

/// One thing that is wrong, where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, one of [`crate::RULES`].
    pub rule: &'static str,
    pub severity: Severity,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The words that it is about, as they stand there, possibly cut.
    pub quote: String,
    /// One sentence that says why, with both values.
    pub message: String,
    /// The line of the other value.
    pub other_line: Option<usize>,
}
