//! What is kept of the values of one variable: of which kind they are, how many different ones, the least and the
//! greatest, and a few of them.
//!
//! Everything is a function of the set of values: which come to the sample, their hash decides (the smallest ones), as in
//! the bottom-k sketches of E. Cohen and H. Kaplan, 2007; so the sample is one of the different values, each as likely as
//! another. Must never know where a value came from, and never print one: they are as they were written, secrets among
//! them. What misleads it: amounts in a unit that is taken for another.

use twox_hash::XxHash64;

use super::distinct::Distinct;
use crate::mask::{Kind, cut, measured};

/// Values that are kept.
const SAMPLE: usize = 8;
/// Bytes of a value that is kept whole, so that what is secret in it can be told, and of one that is longer.
const WHOLE: usize = 256;
const HEAD: usize = 24;
/// The kinds whose values have an order.
const AMOUNTS: [Kind; 4] = [Kind::Number, Kind::Duration, Kind::Size, Kind::Percentage];

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variable {
    distinct: Distinct,
    /// Those with the smallest hashes, in their order.
    sample: Vec<(u64, Box<str>)>,
    /// The least and the greatest amount of each kind.
    extremes: [Option<(f64, f64)>; AMOUNTS.len()],
}

impl Variable {
    /// Sees a value; `after` is what the template has behind it.
    pub fn see(&mut self, value: &str, after: &str) {
        // A hash whose result is the same on every machine and in every version: it chooses what is shown.
        let hash = XxHash64::oneshot(0, value.as_bytes());
        if !self.distinct.see(hash) {
            return;
        }
        self.keep(hash, || kept(value));
        if value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
            && let Some((kind, amount)) = measured(value, after)
        {
            self.widen(kind, (amount, amount));
        }
    }

    pub fn join(&mut self, other: Variable) {
        self.distinct.join(&other.distinct);
        other.sample.into_iter().for_each(|(hash, value)| self.keep(hash, || value));
        for (kind, extremes) in AMOUNTS.into_iter().zip(other.extremes) {
            extremes.into_iter().for_each(|extremes| self.widen(kind, extremes));
        }
    }

    /// How many different values there were: exactly up to 128, then with a standard error of 3.3 %.
    pub fn distinct(&self) -> u64 {
        self.distinct.count()
    }

    /// A few of the values as they were written; of long ones the beginning with an ellipsis behind it.
    pub fn sample(&self) -> impl Iterator<Item = &str> {
        self.sample.iter().map(|(_, value)| &**value)
    }

    /// The kind of the values, by those that were kept; `before` and `after` are what the template has around them.
    pub fn kind(&self, before: &str, after: &str) -> Kind {
        let kinds: Vec<Kind> = self.sample().map(|value| Kind::between(before, value, after)).collect();
        Kind::of_all(&kinds)
    }

    /// The least and the greatest value of a kind, in its unit ([`Kind::unit`]); `None` where values have no order.
    pub fn extremes(&self, kind: Kind) -> Option<(f64, f64)> {
        AMOUNTS.iter().position(|amount| *amount == kind).and_then(|place| self.extremes[place])
    }

    fn keep(&mut self, hash: u64, value: impl FnOnce() -> Box<str>) {
        if self.sample.len() == SAMPLE && self.sample.last().is_some_and(|(last, _)| hash >= *last) {
            return;
        }
        if let Err(place) = self.sample.binary_search_by_key(&hash, |(hash, _)| *hash) {
            self.sample.insert(place, (hash, value()));
            self.sample.truncate(SAMPLE);
        }
    }

    fn widen(&mut self, kind: Kind, (least, greatest): (f64, f64)) {
        let Some(place) = AMOUNTS.iter().position(|amount| *amount == kind) else { return };
        let known = &mut self.extremes[place];
        let (low, high) = known.unwrap_or((least, greatest));
        *known = Some((low.min(least), high.max(greatest)));
    }
}

fn kept(value: &str) -> Box<str> {
    if value.len() <= WHOLE { value.into() } else { format!("{}…", cut(value, HEAD)).into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of<'v>(values: impl IntoIterator<Item = &'v String>) -> Variable {
        let mut variable = Variable::default();
        values.into_iter().for_each(|value| variable.see(value, " ms"));
        variable
    }

    #[test]
    fn amounts_are_compared_by_their_value_whatever_their_unit() {
        let values = ["2s", "900", "1m", "7"].map(String::from);
        let variable = of(&values);
        let kind = variable.kind("took ", " ms");
        assert_eq!((kind, variable.distinct(), variable.extremes(kind)), (Kind::Duration, 4, Some((7.0, 60_000.0))));
        let names = ["ana", "bo", "9"].map(String::from);
        let variable = of(&names);
        assert_eq!((variable.kind("", ""), variable.extremes(Kind::Text)), (Kind::Text, None));
    }

    #[test]
    fn a_sample_has_few_values_and_of_long_ones_the_beginning() {
        let values: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        assert_eq!(of(&values).sample().count(), SAMPLE);
        let long = ["é".repeat(200)];
        assert_eq!(of(&long).sample().collect::<Vec<_>>(), [format!("{}…", "é".repeat(12))]);
    }

    proptest! {
        #[test]
        fn neither_order_nor_cuts_change_anything(
            values in prop::collection::vec("(-?[0-9]{1,3}(ms|s|%|KB)?|[a-d]{1,3})", 0..300),
            cut in 0..300_usize,
        ) {
            let whole = of(&values);
            let (first, second) = values.split_at(cut.min(values.len()));
            let mut there = of(first);
            there.join(of(second));
            let mut back = of(second.iter().rev());
            back.join(of(first));
            back.join(of(first));
            prop_assert_eq!(&there, &whole);
            prop_assert_eq!(&back, &whole);
        }
    }
}
