//! Masks messages by the rules and by what a user added to them, and leads back from the mask to the message.
//!
//! What a user's mask matches becomes a variable before the rules look at the message; without such masks nothing is
//! copied twice. Must never keep a message from one call to the next. What misleads it: a message that itself has `<*>` in
//! it, which is then a variable.

use std::ops::Range;
use std::sync::Arc;

use crate::mask::{Cut, VARIABLE, first_line, mask, mask_with_cuts};
use crate::mining::Options;

#[derive(Debug, Clone, Default)]
pub struct Masker {
    options: Arc<Options>,
    /// The line with what the user masks as variables, and where it differs from the message.
    replaced: String,
    by_user: Vec<Cut>,
    masked: String,
    cuts: Vec<Cut>,
}

impl Masker {
    pub fn new(options: Arc<Options>) -> Masker {
        Masker { options, ..Masker::default() }
    }

    /// The mask of a message.
    pub fn mask(&mut self, message: &str) -> &str {
        if self.options.has_masks() {
            self.replace(message);
            mask(&self.replaced, &mut self.masked);
        } else {
            mask(message, &mut self.masked);
        }
        &self.masked
    }

    /// The mask of a message of which parts are to be found again with [`Masker::place`].
    pub fn mask_with_places(&mut self, message: &str) -> &str {
        if self.options.has_masks() {
            self.replace(message);
            mask_with_cuts(&self.replaced, &mut self.masked, &mut self.cuts);
        } else {
            mask_with_cuts(message, &mut self.masked, &mut self.cuts);
        }
        &self.masked
    }

    /// Where in the message stands what stands there in its mask: as many whole variables and words.
    pub fn place(&self, of_mask: Range<usize>) -> Range<usize> {
        let place = before(&self.cuts, of_mask);
        if self.options.has_masks() { before(&self.by_user, place) } else { place }
    }

    fn replace(&mut self, message: &str) {
        let line = first_line(message);
        self.replaced.clear();
        self.by_user.clear();
        let mut copied = 0;
        for found in self.options.matches(line) {
            self.replaced.push_str(&line[copied..found.start]);
            let start = self.replaced.len();
            self.replaced.push_str(VARIABLE);
            copied = found.end;
            self.by_user.push(Cut { line: found, masked: start..self.replaced.len() });
        }
        self.replaced.push_str(&line[copied..]);
    }
}

/// The place before the cuts were made of a place after them.
fn before(cuts: &[Cut], after: Range<usize>) -> Range<usize> {
    let start = match cuts.iter().rfind(|cut| cut.masked.end <= after.start) {
        Some(cut) => cut.line.end + (after.start - cut.masked.end),
        None => after.start,
    };
    let end = match cuts.iter().find(|cut| cut.masked.start >= after.end) {
        Some(cut) => cut.line.start - (cut.masked.start - after.end),
        None => cuts.last().map_or(after.end, |cut| cut.line.end + (after.end - cut.masked.end)),
    };
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masker() -> Masker {
        let mut options = Options::default();
        options.add_mask("order", "ORD-[0-9]+").unwrap();
        options.add_mask("ward", "ward [A-Z]").unwrap();
        Masker::new(Arc::new(options))
    }

    #[test]
    fn what_a_user_masks_is_one_variable_whatever_the_rules_say() {
        let mut masker = masker();
        assert_eq!(masker.mask("the order ORD-17  of ward B took 5 ms"), "the order <*> of <*> took <*> ms");
        assert_eq!(Masker::default().mask("the order ORD-17 of ward B"), "the order ORD-<*> of ward B");
    }

    #[test]
    fn what_stands_in_the_mask_is_found_again_in_the_message() {
        let mut masker = masker();
        let message = "the order  ORD-17 of   ward B took 5 ms";
        let masked = masker.mask_with_places(message).to_string();
        let of = |text: &str| {
            let start = masked.find(text).unwrap();
            &message[masker.place(start..start + text.len())]
        };
        assert_eq!(of("<*> of <*>"), "ORD-17 of   ward B");
        assert_eq!([of("order"), of("took"), of("<*> ms"), of("ms")], ["order", "took", "5 ms", "ms"]);
    }

    proptest! {
        #[test]
        fn the_whole_mask_is_the_whole_line_and_words_are_themselves(message in "[a-c ]{0,3}( ?(ORD-[0-9]{1,2}|ward A|[0-9]{1,3}|[a-c]{1,3}|é|[:,]) {0,3}){0,8}") {
            for masker in [&mut masker(), &mut Masker::default()] {
                let masked = masker.mask_with_places(&message).to_string();
                let again = masker.clone().mask(&message).to_string();
                prop_assert_eq!(&masked, &again);
                let whole = masker.place(0..masked.len());
                prop_assert_eq!(message[whole].trim(), message.trim());
                for (at, word) in masked.split_inclusive(' ').scan(0, |at, word| { let here = *at; *at += word.len(); Some((here, word.trim_end())) }) {
                    if !word.contains(VARIABLE) && !word.is_empty() {
                        prop_assert_eq!(&message[masker.place(at..at + word.len())], word);
                    }
                }
            }
        }
    }
}
