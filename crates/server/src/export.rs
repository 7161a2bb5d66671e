//! What leaves: a case as people left it, for a reader, in a format.
//!
//! People's words are woven in with their names, but for customers, who get no names. The last look at the bytes is the
//! same as the command's: what has the shape of a secret does not go out.

use axum::http::StatusCode;
use report::audience::{self, Audience};
use report::layout::Layout;
use report::model::Report;
use report::render::formats::{self, Format, Refusal};
use report::revision::told;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::{Answer, Problem};

/// For whom.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct For {
    /// `engineering` (default), `executive`, `customer` or `regulator`.
    #[param(pattern = "^(engineering|executive|customer|regulator)$")]
    pub audience: Option<String>,
    /// `dora` (default) or `nis2`, for a regulator.
    #[param(pattern = "^(dora|nis2)?$")]
    pub regime: Option<String>,
    /// `initial`, `intermediate` or `final` (default), for a regulator.
    #[param(pattern = "^(initial|intermediate|final)?$")]
    pub stage: Option<String>,
    /// The version of the case; the newest unless given.
    pub version: Option<i64>,
    /// The number of the analysis; the newest unless given.
    pub analysis: Option<i64>,
}

pub fn format(id: &str) -> Answer<&'static Format> {
    let known = || formats::FORMATS.iter().map(|format| format.id).collect::<Vec<_>>().join(", ");
    let refused = || Problem::new(StatusCode::NOT_FOUND, format!("There is no such format; there are {}.", known()));
    formats::by_id(id).ok_or_else(refused)
}

/// The bytes of a report for a reader. Takes time: not to be called where others wait.
pub fn written(report: &Report, format: &Format, reader: &For) -> Answer<Vec<u8>> {
    let audience = reader.audience()?;
    if format.id == "pdf" && cfg!(not(feature = "pdf")) {
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This casefile was built without PDF; print the web page."));
    }
    let by_hand = report.by_hand.clone().filter(|_| audience != Audience::Customer);
    let mut addressed =
        audience::address(report.clone(), audience).map_err(|refusal| Problem::new(StatusCode::CONFLICT, refusal.to_string()))?;
    addressed.by_hand = by_hand;
    format.written((&told(&addressed), &addressed), &Layout::default(), &pdf).map_err(refused)
}

/// The last look at a page.
pub fn gate(bytes: &[u8]) -> Answer<()> {
    formats::gate(bytes).map_err(refused)
}

fn refused(refusal: Refusal) -> Problem {
    Problem::fault(match refusal {
        Refusal::Failed(_) => "The report could not be written; choose another format.".to_owned(),
        Refusal::Secret(leak) => format!(
            "This was not sent: the rule {} finds a secret in it, which should have been replaced before. Please report it.",
            leak.rule
        ),
    })
}

#[cfg(feature = "pdf")]
fn pdf(report: &Report, layout: &Layout) -> Result<Vec<u8>, String> {
    let made = pdf::pdf_in(report, layout).map_err(|error| error.to_string());
    // A server makes many, and goes on.
    pdf::forget();
    made
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Report, _: &Layout) -> Result<Vec<u8>, String> {
    Err("it was built without PDF".to_owned())
}

impl For {
    fn audience(&self) -> Answer<Audience> {
        Ok(match self.audience.as_deref().unwrap_or("engineering") {
            "engineering" => Audience::Engineering,
            "executive" => Audience::Executive,
            "customer" => Audience::Customer,
            "regulator" => Audience::Regulator {
                regime: pick(self.regime.as_deref(), &["dora", "nis2"])?,
                stage: pick(self.stage.as_deref(), &["final", "intermediate", "initial"])?,
            },
            other => {
                return Err(Problem::bad(format!("There is no reader {other}: engineering, executive, customer or regulator.")));
            }
        })
    }
}

/// The first is the default.
fn pick(word: Option<&str>, known: &[&'static str]) -> Answer<&'static str> {
    let word = word.filter(|word| !word.is_empty()).unwrap_or(known[0]);
    known
        .iter()
        .find(|name| **name == word)
        .copied()
        .ok_or_else(|| Problem::bad(format!("{word} is none of {}.", known.join(", "))))
}

/// The name of a downloaded file (RFC 6266): plain letters for everybody, the title itself for those who can.
pub fn disposition(title: &str, ending: &str) -> String {
    let plain: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let plain: String = plain.chars().take(60).collect();
    let plain = if plain.is_empty() { "report".to_owned() } else { plain };
    let whole: String = title.chars().filter(|c| !evidence::is_unseen(*c) && *c != '/').take(80).collect();
    let mut encoded = String::new();
    for byte in format!("{whole}.{ending}").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c7_no_title_breaks_out_of_a_header() {
        for title in ["a\r\nSet-Cookie: x=1", "\"; filename=evil.exe", "Größe \u{202e}é", "../../x", ""] {
            let header = disposition(title, "pdf");
            assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
            assert_eq!(header.matches('"').count(), 2, "{header}");
        }
        assert_eq!(
            disposition("Checkout down", "pdf"),
            "attachment; filename=\"checkout-down.pdf\"; filename*=UTF-8''Checkout%20down.pdf"
        );
    }

    #[test]
    fn a_regulator_is_told_by_a_known_regime_at_a_known_stage() {
        let reader = |regime: Option<&str>| For {
            audience: Some("regulator".to_owned()),
            regime: regime.map(str::to_owned),
            ..For::default()
        };
        assert!(matches!(reader(None).audience(), Ok(Audience::Regulator { regime: "dora", stage: "final" })));
        assert!(reader(Some("sox")).audience().is_err());
    }
}
