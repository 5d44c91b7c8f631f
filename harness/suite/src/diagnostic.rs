//! What is wrong with a case file, where, and what to do about it.

use std::fmt::Write as _;

use crate::codes::Code;
use crate::plan::Place;
use crate::source::CorpusFiles;
use crate::yaml::Spot;

/// One fault of a case file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it begins.
    pub place: Place,
    /// How many characters of that line it covers, at least 1.
    pub length: u32,
    /// Its kind.
    pub code: Code,
    /// What is wrong, in one fragment.
    pub message: String,
    /// What is seen at the place; may be empty.
    pub label: String,
    /// What to do, where we know.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn new(code: Code, file: &str, spot: Spot, message: String, label: String) -> Self {
        let place = Place { file: file.to_owned(), line: spot.line, column: spot.column };
        Diagnostic { place, length: spot.length, code, message, label, help: None }
    }

    /// The diagnostic as text, with the line it speaks of; ends with a line break.
    #[must_use]
    pub fn render(&self, files: &CorpusFiles) -> String {
        let Place { file, line, column } = &self.place;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let mut out = format!("error[{}]: {}\n", self.code, self.message);
        let _ = writeln!(out, "{margin}--> {file}:{line}:{column}");
        let index = (*line as usize).saturating_sub(1);
        if let Some(source) = files.text(file).and_then(|text| text.lines().nth(index)) {
            // A tab counts as one column, so it is shown as one.
            let source = source.replace('\t', " ");
            let before = " ".repeat((*column as usize).saturating_sub(1));
            let marks = "^".repeat(self.length.max(1) as usize);
            let pointer = format!("{margin} | {before}{marks} {}", self.label);
            let _ = writeln!(out, "{margin} |\n{number} | {source}\n{}", pointer.trim_end());
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, "{margin} = help: {help}");
        }
        out
    }
}
