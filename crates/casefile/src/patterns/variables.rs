//! What is told of the variables of a pattern, for [`super::line`] and [`super::detail`]: the same numbers, and values
//! without secrets.
//!
//! Must never let a value out that was not looked at for secrets. A label such as `password=` stands in the template and
//! not in the value, and what belongs to one value may stand in the next one, so whole lines are looked at: the template
//! with a value of each variable in its place. What misleads it: a secret that only the line it stood in gives away.

use std::ops::Range;

use analysis::kinds::Variable;
use analysis::mining::{self, Options};
use redact::Redactor;

use super::Row;

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// The variables of one pattern.
pub struct Told<'r> {
    pub variables: Vec<Of<'r>>,
    /// Variables of the template of which nothing is kept.
    pub more: usize,
    /// Some of the records have not the text of the template, so that their values are not among these.
    pub incomplete: bool,
}

/// One variable.
pub struct Of<'r> {
    /// From 1 on, in the order of the template.
    pub position: usize,
    /// The word of its kind, or the name of the mask that a user gave.
    pub kind: &'r str,
    pub distinct: u64,
    /// The least and the greatest amount, in its unit.
    pub extremes: Option<(f64, f64)>,
    pub unit: Option<&'static str>,
    pub sample: Vec<String>,
}

impl<'r> Told<'r> {
    /// `None` where nobody asked for the values.
    pub fn of(row: &Row<'_>, options: &'r Options, redactor: &mut Redactor) -> Option<Told<'r>> {
        let gathered = row.values?;
        let known: &[Variable] = gathered.map_or(&[], |gathered| &gathered.variables);
        let places = mining::values(row.template);
        let samples = hidden(row.template, &places, known, redactor);
        let all = known.iter().zip(&places).zip(samples).enumerate();
        let variables = all.map(|(index, ((variable, place), sample))| {
            let kind = variable.kind(&row.template[..place.start], &row.template[place.end..]);
            Of {
                position: index + 1,
                kind: name(variable, options).unwrap_or(kind.word()),
                // An estimate may be beyond what can be.
                distinct: variable.distinct().min(row.here.count),
                extremes: variable.extremes(kind),
                unit: kind.unit(),
                sample,
            }
        });
        let variables: Vec<Of<'_>> = variables.collect();
        Some(Told { more: places.len() - variables.len(), variables, incomplete: gathered.is_some_and(|g| g.incomplete) })
    }
}

/// The name that a user gave to all of the values.
fn name<'o>(variable: &Variable, options: &'o Options) -> Option<&'o str> {
    let mut names = variable.sample().map(|value| options.name_of(value));
    let first = names.next()??;
    names.all(|name| name == Some(first)).then_some(first)
}

/// The values of each variable without secrets.
fn hidden(template: &str, places: &[Range<usize>], known: &[Variable], redactor: &mut Redactor) -> Vec<Vec<String>> {
    let samples: Vec<Vec<&str>> = known.iter().map(|variable| variable.sample().collect()).collect();
    let mut shown: Vec<Vec<String>> = samples.iter().map(|sample| sample.iter().map(|v| (*v).to_string()).collect()).collect();
    let lines = samples.iter().map(Vec::len).max().unwrap_or(0);
    for number in 0..lines {
        let mut text = String::new();
        let mut copied = 0;
        // Which value of which variable stands where.
        let mut stands: Vec<(usize, usize)> = Vec::new();
        let mut parts: Vec<Range<usize>> = Vec::new();
        for (index, (place, sample)) in places.iter().zip(&samples).enumerate().filter(|(_, (_, sample))| !sample.is_empty()) {
            let value = number % sample.len();
            text.push_str(&template[copied..place.start]);
            parts.push(text.len()..text.len() + sample[value].len());
            text.push_str(sample[value]);
            stands.push((index, value));
            copied = place.end;
        }
        text.push_str(&template[copied..]);
        for ((index, value), redacted) in stands.into_iter().zip(redactor.redact_parts(&text, &parts)) {
            if redacted != samples[index][value] {
                shown[index][value] = redacted;
            }
        }
    }
    shown.iter_mut().flatten().for_each(shorten);
    shown
}

fn shorten(value: &mut String) {
    if let Some((end, _)) = value.char_indices().nth(SHOWN) {
        value.truncate(end);
        value.push('…');
    }
}

/// An amount as somebody reads it at a glance.
pub fn readable(amount: f64, unit: Option<&str>) -> String {
    const TIMES: [(f64, &str); 4] = [(86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "min"), (1_000.0, "s")];
    const SIZES: [(f64, &str); 4] =
        [(1_099_511_627_776.0, "TiB"), (1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1_024.0, "KiB")];
    let scales: &[(f64, &str)] = match unit {
        Some("ms") => &TIMES,
        Some("bytes") => &SIZES,
        _ => &[],
    };
    let (scale, unit) = scales.iter().find(|(scale, _)| amount.abs() >= *scale).map_or((1.0, unit), |(s, u)| (*s, Some(*u)));
    // To a thousandth, without the zeros at the end.
    let digits = format!("{:.3}", amount / scale);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    match unit {
        Some("%") => format!("{digits}%"),
        Some(unit) => format!("{digits} {unit}"),
        None => digits.to_string(),
    }
}

/// The template with the number of each variable in its place, as in `position`.
pub fn numbered(template: &str) -> String {
    let mut text = String::new();
    let mut copied = 0;
    for (index, place) in mining::values(template).into_iter().enumerate() {
        text.push_str(&template[copied..place.start]);
        text.push_str(&format!("<{}>", index + 1));
        copied = place.end;
    }
    text + &template[copied..]
}

/// Whether amounts of this kind are whole numbers that JSON can hold without a point.
pub fn whole(amount: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    (amount.fract() == 0.0 && amount.abs() < MOST).then_some(amount as i64)
}

#[cfg(test)]
mod tests {
    use analysis::mask::Kind;

    use super::*;

    #[test]
    fn amounts_are_read_at_a_glance() {
        let durations = [0.25, 30.0, 1_500.0, 90_000.0, 172_800_000.0].map(|ms| readable(ms, Kind::Duration.unit()));
        assert_eq!(durations, ["0.25 ms", "30 ms", "1.5 s", "1.5 min", "2 d"]);
        assert_eq!(readable(5_120.0, Kind::Size.unit()), "5 KiB");
        assert_eq!((readable(90.0, Kind::Percentage.unit()), readable(-7216.0, None)), ("90%".into(), "-7216".into()));
        assert_eq!((whole(30.0), whole(0.5), whole(1e300)), (Some(30), None, None));
    }

    #[test]
    fn the_variables_of_a_template_are_numbered() {
        assert_eq!(numbered("took <*> ms of <*>"), "took <1> ms of <2>");
    }

    #[test]
    fn what_a_label_of_the_template_gives_away_is_hidden() {
        let (mut name, mut word) = (Variable::default(), Variable::default());
        name.see("ana", "");
        ["Kd8xTq1z", "Zr5mWq9p"].iter().for_each(|value| word.see(value, ""));
        let template = "login user=<*> password=<*>";
        let shown = hidden(template, &mining::values(template), &[name, word], &mut Redactor::secrets_only());
        assert_eq!(shown[0], ["ana"]);
        assert!(shown[1].iter().all(|value| value.starts_with("[password:")), "{shown:?}");
    }
}
