//! A logo in a Word document: how large it is, and the element that shows it.
//!
//! This module must never read more of a picture than its size. What breaks it: a picture that does not say its size is
//! shown as a square.

use super::super::xml::escaped;
use crate::layout::{Logo, LogoKind};

/// English Metric Units: 914,400 an inch.
const HIGHEST: u64 = 650_000;
const WIDEST: u64 = 2_600_000;

/// A run with the picture, for the part that the relationship `logo` leads to.
pub fn run(logo: &Logo, name: &str) -> String {
    let (width, height) = fitted(size(logo).unwrap_or((1, 1)));
    let name = escaped(name);
    format!(
        "<w:r><w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" distT=\"0\" \
         distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"1\" name=\"Logo\" descr=\"{name}\"/>\
         <a:graphic xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\">\
         <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:pic xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:nvPicPr><pic:cNvPr id=\"1\" name=\"Logo\"/>\
         <pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"logo\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/>\
         </a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
}

fn fitted((width, height): (u64, u64)) -> (u64, u64) {
    let (width, height) = (width.max(1), height.max(1));
    let as_high = width.saturating_mul(HIGHEST) / height;
    if as_high <= WIDEST { (as_high.max(1), HIGHEST) } else { (WIDEST, (height.saturating_mul(WIDEST) / width).max(1)) }
}

/// In pixels.
fn size(logo: &Logo) -> Option<(u64, u64)> {
    let number = |from: usize, bytes: usize| {
        let part = logo.bytes.get(from..from.checked_add(bytes)?)?;
        Some(part.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    match logo.kind {
        LogoKind::Png => Some((number(16, 4)?, number(20, 4)?)),
        LogoKind::Svg => None,
        LogoKind::Jpeg => {
            // Segments, up to the one that begins a frame.
            let mut at = 2;
            loop {
                let (mark, length) = (number(at, 2)?, number(at + 2, 2)?);
                if matches!(mark, 0xFFC0..=0xFFCF) && !matches!(mark, 0xFFC4 | 0xFFC8 | 0xFFCC) {
                    return Some((number(at + 7, 2)?, number(at + 5, 2)?));
                }
                at = at.checked_add(2)?.checked_add(usize::try_from(length.max(2)).ok()?)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape() {
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0, 0, 0, 200, 0, 0, 0, 50]].concat();
        assert_eq!(size(&Logo { kind: LogoKind::Png, bytes: png }), Some((200, 50)));
        let jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 17, 8, 0, 50, 0, 200];
        assert_eq!(size(&Logo { kind: LogoKind::Jpeg, bytes: jpeg.to_vec() }), Some((200, 50)));
        assert_eq!(size(&Logo { kind: LogoKind::Jpeg, bytes: vec![0xFF, 0xD8, 0xFF] }), None);
        assert_eq!(fitted((200, 50)), (2_600_000, 650_000));
        assert_eq!(fitted((1_000, 50)), (2_600_000, 130_000));
        assert_eq!(fitted((0, 0)), (650_000, 650_000));
    }
}
