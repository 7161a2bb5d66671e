//! Words before a colon that say that people agreed on what follows: "agreed:", "combinado:", "vereinbart:".
//!
//! Why it matters: whoever closes an incident writes down who does what behind such a word. It must never make an item of what
//! follows: what was agreed on may be the cause as well, so that somebody or a day has to be named there.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// What stands behind such a word.
pub fn behind(sentence: &str) -> Option<&str> {
    static AGREED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:(?:we |as )?agreed|combinad[oa]s?|acordad[oa]s?|acordamos|quedamos en|abgesprochen|vereinbart|convenu|concordato|afgesproken|ustalone|avtalt|aftalt|överenskommet)\s*:\s+(?P<rest>\S.*)$",
        )
    });
    sentence.get(AGREED.captures(sentence)?.name("rest")?.start()..)
}
