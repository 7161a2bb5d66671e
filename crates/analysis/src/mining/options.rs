//! What a user knows better: further masks, and templates that are groups of their own.
//!
//! Both work on masks, of which there are few, never on lines. Input that breaks it: a pinned number ("error 404")
//! cannot be told from another, as the mask has it no more.

use std::borrow::Cow;

use regex::Regex;

use crate::mask::{VARIABLE, mask};

/// What a user adds to the rules. Without any, the rules alone decide.
#[derive(Debug, Default)]
pub struct Options {
    masks: Vec<Regex>,
    pins: Vec<Pin>,
}

#[derive(Debug)]
struct Pin {
    template: String,
    masked: Regex,
}

impl Options {
    /// `masks` are regular expressions: what they match in a mask is a variable. `pinned` are templates with `<*>`:
    /// what fits one is a group of its own, the first that fits. Fails on what is no regular expression.
    pub fn new(masks: &[String], pinned: &[String]) -> Result<Options, regex::Error> {
        let masks = masks.iter().map(|text| Regex::new(text)).collect::<Result<_, _>>()?;
        let pins = pinned.iter().map(|template| Pin::of(template)).collect::<Result<_, _>>()?;
        Ok(Options { masks, pins })
    }

    /// A mask with the user's masks applied.
    pub(super) fn masked<'m>(&self, text: &'m str) -> Cow<'m, str> {
        self.masks.iter().fold(Cow::Borrowed(text), |text, pattern| match pattern.replace_all(&text, VARIABLE) {
            Cow::Borrowed(_) => text,
            Cow::Owned(changed) => Cow::Owned(changed),
        })
    }

    /// The pinned template that a mask fits.
    pub(super) fn pin(&self, text: &str) -> Option<usize> {
        self.pins.iter().position(|pin| pin.masked.is_match(text))
    }

    pub(super) fn pinned(&self, pin: usize) -> &str {
        &self.pins[pin].template
    }
}

impl Pin {
    fn of(template: &str) -> Result<Pin, regex::Error> {
        let mut masked = String::new();
        mask(template, &mut masked);
        let parts: Vec<String> = masked.split(VARIABLE).map(regex::escape).collect();
        let masked = Regex::new(&format!("^{}$", parts.join(".+")))?;
        Ok(Pin { template: template.to_string(), masked })
    }
}
