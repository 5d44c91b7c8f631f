//! Texts of others in a page: whatever they hold, a reader sees it, and it does nothing.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use maud::Markup;
use serde::Serialize;

/// The text with everything that shows nothing, or turns what follows around, written out: `\u{202e}`.
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

/// Control, direction and zero-width characters, and what is no character at all.
fn is_hidden(letter: char) -> bool {
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

/// Puts a part of the page out.
///
/// # Errors
/// The system's.
pub fn put(out: &mut dyn io::Write, part: &Markup) -> io::Result<()> {
    out.write_all(visible(&part.0).as_bytes())
}

/// Puts data for the script of the page out, as an element that a browser does not run.
///
/// # Errors
/// The system's.
pub fn put_data(
    out: &mut dyn io::Write,
    attributes: &str,
    data: &impl Serialize,
) -> io::Result<()> {
    let json = serde_json::to_string(data)?;
    // Nothing in it may end the element, or begin a comment there.
    let json = json.replace("</", "<\\/").replace("<!", "\\u003c!");
    writeln!(out, "<script type=\"application/json\" {attributes}>{json}</script>")
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

    #[test]
    fn data_cannot_end_its_element() {
        let mut out = Vec::new();
        let text = "</script><!--<script>alert(1)</SCRIPT>]]>";
        put_data(&mut out, "id=\"data\"", &text).expect("a part");
        let page = String::from_utf8(out).expect("text");
        assert_eq!(page.matches("</").count(), 1, "{page}");
        assert_eq!(page.matches("<!").count(), 0, "{page}");
        let json = page.trim_end().trim_end_matches("</script>").split_once('>').expect("data").1;
        assert_eq!(serde_json::from_str::<String>(json).expect("json"), text);
    }
}
