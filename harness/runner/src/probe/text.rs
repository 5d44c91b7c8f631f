//! A probe as a person reads it: a block for each theme, its columns aligned.

use std::fmt::Write as _;

use super::report::{Report, Row, Theme};
use crate::console::counted;

/// An answer that is longer has the line to itself.
const WIDEST_ANSWER: usize = 32;

impl Report {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.head();
        for theme in self.themes.iter().filter(|theme| !theme.rows.is_empty()) {
            block(&mut text, theme);
        }
        if !self.findings.is_empty() {
            text.push_str("\nfindings: answers that break the protocol\n");
        }
        for finding in &self.findings {
            let _ = writeln!(text, "  {finding}");
        }
        if !self.contradicted.is_empty() {
            let claims = counted(self.contradicted.len(), "claim");
            let names = self.contradicted.join(", ");
            let _ = writeln!(text, "\n{claims} of the profile contradicted: {names}");
        }
        text
    }

    fn head(&self) -> String {
        let mut head = format!("{} {}", self.product, self.version);
        if !self.place.is_empty() {
            let _ = write!(head, " at {}", self.place);
        }
        if !self.axes.is_empty() {
            let _ = write!(head, ", asked in {}", self.axes);
        }
        head.push('\n');
        head
    }
}

fn block(text: &mut String, theme: &Theme) {
    let _ = writeln!(text, "\n{}", theme.title);
    let width = |of: fn(&Row) -> &str, most: usize| {
        let widths = theme.rows.iter().map(|row| of(row).chars().count());
        widths.filter(|width| *width <= most).max().unwrap_or_default()
    };
    let name = width(|row| &row.name, usize::MAX);
    let answer = width(|row| &row.answer, WIDEST_ANSWER);
    for row in &theme.rows {
        let mark = if row.contradicts { '!' } else { ' ' };
        let line = format!("{mark} {:name$}  {:answer$}", row.name, row.answer);
        let mut found = row.found.clone();
        if let Some(claimed) = &row.claimed {
            let _ = write!(found, " (the profile claims {claimed})");
        }
        if row.answer.chars().count() > answer {
            let _ = writeln!(text, "{}\n  {:name$}  {found}", line.trim_end(), "");
        } else {
            let _ = writeln!(text, "{line}  {found}");
        }
    }
}
