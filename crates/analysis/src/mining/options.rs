//! What a user knows better: further masks, and templates that are groups of their own.
//!
//! Masks see messages, for a mask of the program has no digits left that they could look for; pins see masks, of which
//! there are few. Input that breaks it: a pinned number ("error 404") cannot be told from another, as the mask has it no
//! more.

use std::ops::Range;

use regex::Regex;

use crate::mask::{VARIABLE, mask};

use super::tokens::HIDDEN;

/// What a user adds to the rules. Without any, the rules alone decide.
#[derive(Debug, Default)]
pub struct Options {
    masks: Vec<(String, Regex)>,
    pins: Vec<Pin>,
}

#[derive(Debug)]
struct Pin {
    template: String,
    /// The template as a mask, with [`HIDDEN`] for what the mask leaves out of it.
    shape: String,
    masked: Regex,
}

impl Options {
    /// What `pattern` matches in a message is a variable, and its type is `name`. Fails with the reason on what is no
    /// regular expression, and on one that matches nothing at all, as it would match everywhere.
    pub fn add_mask(&mut self, name: &str, pattern: &str) -> Result<(), String> {
        let pattern = Regex::new(pattern).map_err(|error| reason(&error))?;
        if pattern.is_match("") {
            return Err("it matches the empty text, so it would match everywhere".to_string());
        }
        self.masks.push((name.to_string(), pattern));
        Ok(())
    }

    /// Messages that fit `template`, with `<*>` for its variables, are a group of their own; the first pin that fits
    /// has them. Fails with the reason on one that would take every message.
    pub fn add_pin(&mut self, template: &str) -> Result<(), String> {
        let template = template.trim();
        if !template.split(VARIABLE).any(|part| part.contains(char::is_alphanumeric)) {
            return Err("it has no word, so it would take every message".to_string());
        }
        self.pins.push(self.pinning(template).map_err(|error| reason(&error))?);
        Ok(())
    }

    fn pinning(&self, template: &str) -> Result<Pin, regex::Error> {
        // What a mask leaves out of the template itself ("error 404") is not one of its variables.
        const OWN: &str = "<\u{1}>";
        let mut of_user = template.replace(VARIABLE, OWN);
        for (_, pattern) in &self.masks {
            of_user = pattern.replace_all(&of_user, VARIABLE).into_owned();
        }
        let mut shape = String::new();
        mask(&of_user, &mut shape);
        let shape = shape.replace(VARIABLE, HIDDEN).replace(OWN, VARIABLE);
        let constants: Vec<String> = shape.replace(HIDDEN, VARIABLE).split(VARIABLE).map(regex::escape).collect();
        let masked = Regex::new(&format!("^{}$", constants.join(".+")))?;
        Ok(Pin { template: template.to_string(), shape, masked })
    }

    /// There is something to look for in messages.
    pub fn has_masks(&self) -> bool {
        !self.masks.is_empty()
    }

    /// What the masks match in a line, from left to right, without overlaps: of two, the one that begins first, then the
    /// one that was given first.
    pub fn matches(&self, line: &str) -> Vec<Range<usize>> {
        let all = self.masks.iter().enumerate();
        let mut found: Vec<(usize, usize, usize)> =
            all.flat_map(|(mask, (_, pattern))| pattern.find_iter(line).map(move |m| (m.start(), mask, m.end()))).collect();
        found.sort_unstable();
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for (start, _, end) in found {
            if start < end && ranges.last().is_none_or(|last| last.end <= start) {
                ranges.push(start..end);
            }
        }
        ranges
    }

    /// The name of the first mask that matches a value as a whole.
    pub fn name_of(&self, value: &str) -> Option<&str> {
        let is_whole = |pattern: &Regex| pattern.find(value).is_some_and(|found| found.range() == (0..value.len()));
        self.masks.iter().find(|(_, pattern)| is_whole(pattern)).map(|(name, _)| name.as_str())
    }

    /// The pinned template that a mask fits.
    pub(super) fn pin(&self, text: &str) -> Option<usize> {
        self.pins.iter().position(|pin| pin.masked.is_match(text))
    }

    /// A pinned template, and how it looks as a mask.
    pub(super) fn pinned(&self, pin: usize) -> (&str, &str) {
        (&self.pins[pin].template, &self.pins[pin].shape)
    }
}

/// The reason alone, without the expression and the mark beneath it.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_reason() {
        let mut options = Options::default();
        assert_eq!(options.add_mask("x", "(").unwrap_err(), "unclosed group");
        assert!(options.add_mask("x", "a*").unwrap_err().contains("matches the empty text"));
        assert!(options.add_pin("<*> <*>").unwrap_err().contains("no word"));
        assert!(!options.has_masks());
    }

    #[test]
    fn of_masks_that_overlap_the_one_that_begins_first_counts() {
        let mut options = Options::default();
        options.add_mask("number", "[0-9]+").unwrap();
        options.add_mask("order", "ORD-[0-9]+").unwrap();
        assert_eq!(options.matches("ORD-12 and 34"), [0..6, 11..13]);
        assert_eq!(
            (options.name_of("ORD-12"), options.name_of("34"), options.name_of("x34")),
            (Some("order"), Some("number"), None)
        );
    }
}
