//! A house's picture: which kind it is, by its bytes, and that it fetches nothing.
//!
//! This module must never know a name of a file. What breaks it: a picture that is none of PNG, JPEG, SVG, one that is too
//! large for every page, an SVG that runs or fetches something; each is refused with what to do.

use super::{Logo, LogoKind};

const LARGEST: usize = 1 << 20;

impl Logo {
    /// The reason why not, for who gave it.
    pub fn of(bytes: Vec<u8>) -> Result<Logo, String> {
        if bytes.len() > LARGEST {
            return Err("the logo is larger than 1 MiB and would be in every report; make it smaller".to_owned());
        }
        let kind = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => LogoKind::Png,
            [0xFF, 0xD8, 0xFF, ..] => LogoKind::Jpeg,
            other if std::str::from_utf8(other).is_ok_and(|text| text.contains("<svg")) => LogoKind::Svg,
            _ => return Err("the logo is neither PNG nor JPEG nor SVG; convert it to one of these".to_owned()),
        };
        if kind == LogoKind::Svg {
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            if let Some(what) = active(&text) {
                return Err(format!("the logo has {what}, which a report must not have; save it as a plain SVG"));
            }
        }
        Ok(Logo { kind, bytes })
    }
}

impl LogoKind {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            LogoKind::Png => "png",
            LogoKind::Jpeg => "jpeg",
            LogoKind::Svg => "svg",
        }
    }
}

/// What an SVG should not have, in lower case.
fn active(text: &str) -> Option<&'static str> {
    let outside = |opening: &str| {
        text.split(opening).skip(1).any(|rest| {
            let target = rest.trim_start_matches([' ', '=', '"', '\'']);
            !target.starts_with('#') && !target.starts_with("data:")
        })
    };
    let handler = text.split_whitespace().any(|word| word.starts_with("on") && word.contains('='));
    let found = [
        (text.contains("<script") || text.contains("javascript:") || handler, "a script"),
        (text.contains("<foreignobject"), "a page within it"),
        (text.contains("<!entity"), "an entity"),
        (
            outside("href=") || outside("href =") || outside("url(") || text.contains("@import"),
            "a reference to something outside",
        ),
    ];
    found.into_iter().find_map(|(is_there, what)| is_there.then_some(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        Logo::of(text.as_bytes().to_vec()).map_or_else(|why| why, |logo| format!("{:?}", logo.kind))
    }

    #[test]
    fn a_picture_is_known_by_its_bytes() {
        assert_eq!(Logo::of(b"\x89PNG\r\n\x1a\n".to_vec()).map(|logo| logo.kind), Ok(LogoKind::Png));
        assert_eq!(Logo::of(b"\xFF\xD8\xFF\xE0".to_vec()).map(|logo| logo.kind), Ok(LogoKind::Jpeg));
        assert_eq!(told("<svg xmlns=\"http://www.w3.org/2000/svg\"><use href=\"#a\"/><path fill=\"url(#g)\"/></svg>"), "Svg");
        assert!(told("GIF89a").contains("convert it"));
        assert!(Logo::of(vec![0; LARGEST + 1]).is_err());
    }

    #[test]
    fn c1_a_logo_runs_and_fetches_nothing() {
        for svg in [
            "<svg><script>x</script></svg>",
            "<svg onload=\"x\"></svg>",
            "<svg><image href=\"https://evil.example/i.png\"/></svg>",
            "<svg><image xlink:href = 'file:///etc/passwd'/></svg>",
            "<svg><style>@import 'x';</style></svg>",
            "<svg><rect fill=\"url(https://evil.example/#a)\"/></svg>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>",
            "<svg><a href=\"javascript:x\"/></svg>",
        ] {
            assert!(told(svg).contains("must not have"), "{svg}: {}", told(svg));
        }
    }
}
