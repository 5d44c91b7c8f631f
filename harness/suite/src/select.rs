//! Which cells a run takes.

use crate::plan::{Case, Cell, Corpus};

/// What the user asked for: nothing named means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// A cell is taken where one of these fits its id: as a part of it, or with `*` as a pattern of the whole id.
    pub patterns: Vec<String>,
    /// Patterns are whole ids of cells or of cases.
    pub exact: bool,
    /// A cell is left out where one of these fits its id; always as without `exact`.
    pub skip: Vec<String>,
    /// A cell is taken where its case has one of these tags.
    pub tags: Vec<String>,
}

impl Selection {
    /// The chosen cells as (index of the case, index of the cell), in the order of the corpus.
    #[must_use]
    pub fn select(&self, corpus: &Corpus) -> Vec<(usize, usize)> {
        let mut chosen = Vec::new();
        for (case_index, case) in corpus.cases.iter().enumerate() {
            if !self.tags.is_empty() && !case.tags.iter().any(|tag| self.tags.contains(tag)) {
                continue;
            }
            for (cell_index, cell) in case.cells.iter().enumerate() {
                if self.takes(case, cell) {
                    chosen.push((case_index, cell_index));
                }
            }
        }
        chosen
    }

    fn takes(&self, case: &Case, cell: &Cell) -> bool {
        let named = self.patterns.is_empty()
            || self.patterns.iter().any(|pattern| {
                // A report names the run's axes behind `@`; they are chosen elsewhere.
                let pattern = pattern.split('@').next().unwrap_or(pattern).trim_end();
                if self.exact { is_id(pattern, case, cell) } else { fits(pattern, case, cell) }
            });
        named && !self.skip.iter().any(|pattern| fits(pattern, case, cell))
    }
}

fn is_id(id: &str, case: &Case, cell: &Cell) -> bool {
    id == cell.id.0 || id == case.id || former_ids(case, cell).iter().any(|former| former == id)
}

fn fits(pattern: &str, case: &Case, cell: &Cell) -> bool {
    let ids = former_ids(case, cell);
    std::iter::once(cell.id.0.as_str())
        .chain(ids.iter().map(String::as_str))
        .any(|id| if pattern.contains('*') { glob(pattern, id) } else { id.contains(pattern) })
}

/// The ids that the cell and its case had before a rename.
fn former_ids(case: &Case, cell: &Cell) -> Vec<String> {
    let Some(former) = case.was_id() else { return Vec::new() };
    let rest = cell.id.0.strip_prefix(&case.id).unwrap_or_default();
    vec![format!("{former}{rest}"), former]
}

/// Whether the whole text fits a pattern in which `*` stands for any letters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece).and_then(|at| rest.get(at + piece.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("a*c", "abc", true)]
    #[case("a*c", "ac", true)]
    #[case("*", "", true)]
    #[case("a*b*c", "a-c-b-c", true)]
    #[case("a*b*c", "a-c-c", false)]
    #[case("ab*ba", "aba", false)]
    #[case("*x", "axb", false)]
    fn patterns(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(glob(pattern, text), expected);
    }
}
