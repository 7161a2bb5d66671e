//! What each byte of a message is for the mask.
//!
//! It must never know what a word is.

/// Parts words.
pub const DELIMITER: u8 = 1;
/// May make the word that it is in a variable.
pub const MARK: u8 = 2;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' | b'\t' | b'"' | b'\'' | b',' | b';' | b':' | b'=' | b'|' => DELIMITER,
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' => DELIMITER,
            b'0'..=b'9' | b'.' | b'/' | b'\\' | b'@' => MARK,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// The flags of a byte.
pub fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}
