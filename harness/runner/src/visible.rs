//! Texts of others, as a person may see them: whatever they hold, it does nothing.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything that shows nothing, moves the cursor, or turns what follows around, written out: `\u{202e}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_hidden(letter) {
            // Writing to a String never fails.
            let _ = write!(shown, "{}", letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// The same on one line.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    visible(text)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .replace('\t', " ")
}

/// Control, direction and zero-width characters, and what is no character at all.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    match letter {
        '\n' | '\t' => false,
        '\u{AD}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{FFFE}'
        | '\u{FFFF}'
        | '\u{E0000}'..='\u{E007F}' => true,
        letter => letter.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("open f as a", "open f as a")]
    #[case("a\tb\nc", "a\tb\nc")]
    #[case("\u{1b}[31mred\0\r\u{85}", "\\u{1b}[31mred\\u{0}\\u{d}\\u{85}")]
    #[case("cod\u{202e}gpj.exe", "cod\\u{202e}gpj.exe")]
    #[case("\u{2066}a\u{2069}\u{200f}\u{2028}", "\\u{2066}a\\u{2069}\\u{200f}\\u{2028}")]
    #[case("Grüße 文件 \u{1F600}", "Grüße 文件 \u{1F600}")]
    fn what_hides_is_written_out(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(visible(text), expected);
    }

    #[rstest]
    #[case("one", "one")]
    #[case("one\n\n  two\r\n", "one two\\u{d}")]
    fn a_line_stays_a_line(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(on_one_line(text), expected);
    }
}
