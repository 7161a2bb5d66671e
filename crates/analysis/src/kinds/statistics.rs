//! Whether a count differs between two stretches of time, or two sets of records, by more than chance: G², the ratio of
//! the rates, and what remains of a p value when many were looked at.
//!
//! Must never know what was counted. What misleads it: counts are taken for independent (Poisson), but log lines come in
//! bursts, so p values are too small where one cause writes many lines; with very many records every difference becomes
//! significant, which is why a ratio stands beside each.

/// How the counts of one kind differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Rate here by rate there, each the mean of its posterior under a Gamma(½, 1) prior (the shape is Jeffreys'): what was
    /// never seen has a small rate, not none.
    pub ratio: f64,
    /// The log-likelihood ratio of T. Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence", 1993.
    pub g2: f64,
    /// Of such a G² or a larger one, when there is no difference; 0 below 1e-300.
    pub p: f64,
}

/// Two counts, each within an exposure in the same unit (seconds of time): both are Poisson.
pub fn of_rates(counts: (u64, u64), exposures: (f64, f64)) -> Contrast {
    let (here, there) = (counts.0 as f64, counts.1 as f64);
    let all = here + there;
    let share = share(exposures);
    let g2 = g2(&[(here, all * share), (there, all * (1.0 - share))]);
    Contrast { ratio: ratio(counts, exposures), g2, p: p_value(g2) }
}

/// Two counts, each out of so many records: both are binomial.
pub fn of_shares(counts: (u64, u64), records: (u64, u64)) -> Contrast {
    let exposures = (records.0 as f64, records.1 as f64);
    let (here, there) = (counts.0 as f64, counts.1 as f64);
    let (all, rest) = (here + there, exposures.0 + exposures.1 - here - there);
    let share = share(exposures);
    let g2 = g2(&[
        (here, all * share),
        (there, all * (1.0 - share)),
        (exposures.0 - here, rest * share),
        (exposures.1 - there, rest * (1.0 - share)),
    ]);
    Contrast { ratio: ratio(counts, exposures), g2, p: p_value(g2) }
}

/// As many times larger as there were tests: the chance that any of them is wrong (C. Bonferroni).
pub fn bonferroni(p: f64, tests: usize) -> f64 {
    (p * tests as f64).min(1.0)
}

/// For each p value the share of wrong ones among all that are no larger (Y. Benjamini and Y. Hochberg, "Controlling the
/// False Discovery Rate", 1995), in the order given.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (above, index) in order.into_iter().enumerate() {
        let rank = p_values.len() - above;
        least = least.min(p_values[index] * p_values.len() as f64 / rank as f64);
        adjusted[index] = least;
    }
    adjusted
}

/// The chance that a χ² with one degree of freedom is at least so large.
pub fn p_value(chi_square: f64) -> f64 {
    erfc((chi_square.max(0.0) / 2.0).sqrt())
}

fn share((here, there): (f64, f64)) -> f64 {
    let all = here + there;
    if all > 0.0 { here / all } else { 0.5 }
}

fn ratio(counts: (u64, u64), exposures: (f64, f64)) -> f64 {
    let rate = |count: u64, exposure: f64| (count as f64 + 0.5) / (exposure + 1.0);
    rate(counts.0, exposures.0) / rate(counts.1, exposures.1)
}

/// Of pairs of what was observed and what was expected; what was never observed adds nothing.
fn g2(cells: &[(f64, f64)]) -> f64 {
    let sum: f64 = cells.iter().filter(|(o, e)| *o > 0.0 && *e > 0.0).map(|(o, e)| o * (o / e).ln()).sum();
    (2.0 * sum).max(0.0)
}

/// The complementary error function for x ≥ 0: where it is large by the series of erf whose terms are all positive
/// (Abramowitz and Stegun 7.1.6), else by its continued fraction (7.1.14).
fn erfc(x: f64) -> f64 {
    const TURN: f64 = 2.5;
    const TERMS: u32 = 120;
    let density = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < TURN {
        let (mut term, mut sum) = (x, x);
        for n in 1..TERMS {
            term *= 2.0 * x * x / f64::from(2 * n + 1);
            sum += term;
        }
        return 1.0 - 2.0 * density * sum;
    }
    let below = (1..TERMS).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below);
    density / below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, wanted: f64) {
        assert!((value - wanted).abs() <= wanted.abs() * 1e-9, "{value} is not {wanted}");
    }

    #[test]
    fn the_error_function_is_that_of_the_tables() {
        for (x, wanted) in [
            (0.0, 1.0),
            (0.5, 0.479_500_122_186_953_5),
            (1.0, 0.157_299_207_050_285_13),
            (2.0, 0.004_677_734_981_047_266),
            (3.0, 2.209_049_699_858_544e-5),
            (5.0, 1.537_459_794_428_034_8e-12),
            (10.0, 2.088_487_583_762_545e-45),
        ] {
            near(erfc(x), wanted);
        }
    }

    #[test]
    fn p_values_are_those_of_the_tables_of_chi_square() {
        near(p_value(3.841_458_820_694_124), 0.05);
        near(p_value(6.634_896_601_021_213), 0.01);
        near(p_value(10.827_566_170_662_733), 0.001);
        assert_eq!((p_value(0.0), p_value(1e6)), (1.0, 0.0));
    }

    #[test]
    fn g2_of_rates_is_twice_the_sum_of_o_ln_o_by_e() {
        let contrast = of_rates((30, 10), (60.0, 60.0));
        near(contrast.g2, 2.0 * (30.0 * 1.5_f64.ln() + 10.0 * 0.5_f64.ln()));
        near(contrast.ratio, 30.5 / 10.5);
        near(contrast.p, 0.001_216_599_923_377_494_5);
        // The same rate in a tenth of the time is no difference.
        near(of_rates((10, 100), (60.0, 600.0)).p, 1.0);
    }

    #[test]
    fn g2_of_shares_is_dunnings() {
        // The first line of table 1 of the paper, "the swiss": 110, 2442, 111, 29114, and 270.72.
        let contrast = of_shares((110, 2_442), (110 + 111, 2_442 + 29_114));
        near(contrast.g2, 270.721_876_936_225);
    }

    #[test]
    fn what_was_never_seen_has_a_rate_and_what_had_no_time_says_nothing() {
        near(of_rates((8, 0), (59.0, 59.0)).ratio, 17.0);
        let unseen = of_rates((8, 0), (60.0, 0.0));
        assert_eq!((unseen.g2, unseen.p), (0.0, 1.0));
        assert_eq!(of_rates((0, 0), (0.0, 0.0)).p, 1.0);
    }

    #[test]
    fn many_tests_make_each_worth_less() {
        assert_eq!((bonferroni(0.01, 4), bonferroni(0.5, 4)), (0.04, 1.0));
        // The example of the paper: four of fifteen hold at 0.05, three by Bonferroni.
        let p =
            [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
        let held = |values: Vec<f64>| values.iter().filter(|q| **q <= 0.05).count();
        assert_eq!(held(benjamini_hochberg(&p)), 4);
        assert_eq!(held(p.iter().map(|p| bonferroni(*p, 15)).collect()), 3);
        assert_eq!(benjamini_hochberg(&[0.04, 0.01, 0.03, 0.02]), [0.04, 0.04, 0.04, 0.04]);
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
