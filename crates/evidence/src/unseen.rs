//! Which characters nobody sees: controls, marks that turn the direction of reading, characters without width, tags.
//!
//! One list for all who take them out, refuse or escape them. Must never know why somebody asks.

/// Whether a character is none that is seen, other than a blank, a tab or a line feed.
#[inline]
pub fn is_unseen(c: char) -> bool {
    match c {
        ' '..='~' | '\t' | '\n' => false,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}
