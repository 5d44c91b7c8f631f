//! The words that all forms of a comparison share.

use super::lists::{Comparison, Shown};
use crate::visible::on_one_line;

/// The longest text of others that a line takes, in letters.
const LONGEST: usize = 400;

/// A text of others as part of one line: nothing in it turns, hides or ends what stands around it.
pub(super) fn one_line(text: &str) -> String {
    let mut line = on_one_line(text);
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push_str(" ...");
    }
    line
}

/// The id of a cell with its axes.
pub(super) fn name(cell: &str, axes: &str) -> String {
    match axes {
        "" => one_line(cell),
        axes => format!("{}  @{}", one_line(cell), one_line(axes)),
    }
}

/// A verdict, with the pass rate where there were several plays.
pub(super) fn verdict(shown: &Shown) -> String {
    let Shown { verdict, passed, plays, .. } = shown;
    match plays {
        0 | 1 => verdict.words().to_owned(),
        plays => format!("{} ({passed} of {plays} plays passed)", verdict.words()),
    }
}

/// Microseconds as people read them.
pub(super) fn milliseconds(micros: u64) -> String {
    format!("{:.1} ms", micros as f64 / 1000.0)
}

/// The last line.
pub(super) fn counts(found: &Comparison) -> String {
    let count = &found.count;
    let mut parts: Vec<_> = [
        (count.regressed, "regressed"),
        (count.vanished, "vanished"),
        (count.slower, "slower"),
        (count.fixed, "fixed"),
        (count.new, "new"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    parts.push(format!("{} as before", count.unmoved));
    parts.join(", ")
}
