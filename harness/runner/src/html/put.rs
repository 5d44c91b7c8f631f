//! Parts of the page on their way out: no text of others can leave its place, or hide in it.

use std::io;

use maud::Markup;
use serde::Serialize;

use crate::visible::visible;

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
    use super::*;

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
