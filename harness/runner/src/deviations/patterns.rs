//! The fewest patterns that cover some cells and no others.

use std::collections::BTreeSet;

use super::glob;

/// A cell by its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name<'a> {
    /// The id of its case.
    pub case: &'a str,
    /// Its own.
    pub cell: &'a str,
}

impl Name<'_> {
    /// Whether a pattern is about it.
    #[must_use]
    pub fn matches(&self, pattern: &str) -> bool {
        glob::matches(pattern, self.cell) || glob::matches(pattern, self.case)
    }
}

/// Patterns that cover all of `wanted` and none of `others`: few of them, and each as narrow as that allows. `free` says
/// whether a pattern for several cells may be taken at all; the id of a cell always may.
#[must_use]
pub fn fewest(
    wanted: &[Name<'_>],
    others: &[Name<'_>],
    free: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    among(candidates_of(wanted), wanted, others, free)
}

/// The same over names of axes.
#[must_use]
pub fn fewest_axes(wanted: &[&str], others: &[&str]) -> Vec<String> {
    let mut candidates = BTreeSet::new();
    for name in wanted {
        candidates.insert((*name).to_owned());
        let words: Vec<&str> = name.split(',').collect();
        for (at, word) in words.iter().enumerate() {
            let before = if at > 0 { "*," } else { "" };
            let after = if at + 1 < words.len() { ",*" } else { "" };
            candidates.insert(format!("{before}{word}{after}"));
        }
        // A family of dialects: `smb2_*`.
        if let Some((family, _)) = name.split_once('_') {
            candidates.insert(format!("{family}_*"));
        }
    }
    fn named<'a>(names: &[&'a str]) -> Vec<Name<'a>> {
        names.iter().map(|name| Name { case: name, cell: name }).collect()
    }
    among(candidates, &named(wanted), &named(others), &|_| true)
}

fn among(
    patterns: BTreeSet<String>,
    wanted: &[Name<'_>],
    others: &[Name<'_>],
    free: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let mut left: BTreeSet<usize> = (0..wanted.len()).collect();
    let mut candidates: Vec<(String, BTreeSet<usize>)> = Vec::new();
    for pattern in patterns {
        let covered: BTreeSet<usize> = (0..)
            .zip(wanted)
            .filter(|(_, name)| name.matches(&pattern))
            .map(|(at, _)| at)
            .collect();
        let is_single = wanted.iter().any(|name| name.cell == pattern);
        let may = is_single || (covered.len() > 1 && free(&pattern));
        if may && !others.iter().any(|name| name.matches(&pattern)) {
            candidates.push((pattern, covered));
        }
    }
    let mut chosen: Vec<(String, BTreeSet<usize>)> = Vec::new();
    while !left.is_empty() {
        let best = candidates
            .iter()
            .filter(|(pattern, _)| !chosen.iter().any(|(taken, _)| is_undecided(pattern, taken)))
            .max_by_key(|(pattern, covered)| {
                let more = covered.intersection(&left).count();
                (more, glob::is_exact(pattern), glob::literals(pattern), std::cmp::Reverse(pattern))
            });
        let Some((pattern, covered)) = best else { break };
        if covered.is_disjoint(&left) {
            break;
        }
        left.retain(|at| !covered.contains(at));
        chosen.push((pattern.clone(), covered.clone()));
    }
    without_spare(&mut chosen);
    chosen.sort();
    chosen.into_iter().map(|(pattern, _)| pattern).collect()
}

/// Whether two patterns may be about one cell to the same degree.
#[must_use]
pub fn is_undecided(one: &str, other: &str) -> bool {
    glob::is_exact(one) == glob::is_exact(other)
        && glob::literals(one) == glob::literals(other)
        && glob::meet(one, other)
}

/// Drops what others cover as well.
fn without_spare(chosen: &mut Vec<(String, BTreeSet<usize>)>) {
    let mut at = 0;
    while let Some((_, covered)) = chosen.get(at) {
        let others = chosen.iter().enumerate().filter(|(index, _)| *index != at);
        let others: BTreeSet<usize> =
            others.flat_map(|(_, (_, covered))| covered.iter().copied()).collect();
        if covered.is_subset(&others) {
            chosen.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Everything that could be written for these cells.
fn candidates_of(wanted: &[Name<'_>]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in wanted {
        found.insert(name.cell.to_owned());
        found.insert(name.case.to_owned());
        found.extend(with_open_axes(name));
        // All of a theme, or of a part of it.
        for (end, _) in name.case.match_indices('/') {
            found.insert(format!("{}/*", name.case.get(..end).unwrap_or_default()));
        }
    }
    let mut ids: Vec<&str> = wanted.iter().flat_map(|name| [name.case, name.cell]).collect();
    ids.sort_unstable();
    ids.dedup();
    found.extend(between_neighbours(&ids));
    // Those with a common end stand beside each other when they are read from there.
    ids.sort_by_key(|id| id.chars().rev().collect::<String>());
    found.extend(between_neighbours(&ids));
    found
}

/// The most axes of a matrix that are left open in every combination.
const MOST_AXES: usize = 6;

/// The cell with some of the axes of its matrix left open: `a/b/held=*,op=read`, and `a/b/*,op=read` for short.
fn with_open_axes(name: &Name<'_>) -> Vec<String> {
    let Some(axes) = name.cell.strip_prefix(name.case).and_then(|rest| rest.strip_prefix('/'))
    else {
        return Vec::new();
    };
    let axes: Vec<&str> = axes.split(',').collect();
    if axes.len() < 2 || axes.len() > MOST_AXES {
        return Vec::new();
    }
    let mut found = Vec::new();
    for open in 1..(1_u32 << axes.len()) - 1 {
        let is_open = |at: usize| open & (1 << at) != 0;
        let mut parts: Vec<String> = Vec::new();
        for (at, axis) in axes.iter().enumerate() {
            let key = axis.split_once('=').map_or("", |(key, _)| key);
            match (is_open(at), at) {
                (false, _) => parts.push((*axis).to_owned()),
                // What stands at the ends needs no name.
                (true, 0) => parts.push("*".to_owned()),
                (true, at) if (at..axes.len()).all(is_open) => {
                    parts.push("*".to_owned());
                    break;
                }
                (true, _) => parts.push(format!("{key}=*")),
            }
        }
        let text = parts.join(",").replace("*,*", "*");
        found.push(format!("{}/{text}", name.case));
    }
    found
}

/// What two neighbours have in common, up to whole words.
fn between_neighbours(ids: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for pair in ids.windows(2) {
        let [one, other] = pair else { continue };
        if other.starts_with(*one) && one.contains('/') {
            found.push(format!("{one}*"));
        }
        let prefix = common(one.chars(), other.chars());
        let suffix = common(one.chars().rev(), other.chars().rev());
        let prefix: String = one.chars().take(prefix).collect();
        let suffix: String = {
            let tail: Vec<char> = one.chars().rev().take(suffix).collect();
            tail.into_iter().rev().collect()
        };
        let prefix = prefix.rfind(is_border).map_or("", |at| prefix.get(..=at).unwrap_or_default());
        let suffix = suffix.find(is_border).map_or("", |at| suffix.get(at..).unwrap_or_default());
        let theme = prefix.contains('/');
        if theme && prefix.len() + suffix.len() < one.len().min(other.len()) {
            found.push(format!("{prefix}*"));
            found.push(format!("{prefix}*{suffix}"));
        }
    }
    found
}

fn is_border(c: char) -> bool {
    matches!(c, '/' | '-' | ',' | '=')
}

fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn names<'a>(ids: &'a [&'a str]) -> Vec<Name<'a>> {
        let case = |id: &'a str| id.split_once("/held=").map_or(id, |(case, _)| case);
        ids.iter().map(|id| Name { case: case(id), cell: id }).collect()
    }

    #[rstest]
    #[case::one_cell_is_itself(&["a/b/c"], &[], &["a/b/c"])]
    #[case::one_cell_of_a_matrix_is_itself(&["a/b/held=R,op=x"], &["a/b/held=R,op=y"], &["a/b/held=R,op=x"])]
    #[case::all_cells_are_the_case(&["a/b/held=R,op=x", "a/b/held=R,op=y"], &["a/c"], &["a/b"])]
    #[case::a_column(
        &["a/b/held=R,op=x", "a/b/held=RW,op=x", "a/b/held=RWH,op=x"],
        &["a/b/held=R,op=y", "a/b/held=RW,op=y"],
        &["a/b/held=*,op=x"]
    )]
    #[case::a_row(
        &["a/b/held=R,op=x", "a/b/held=R,op=y"],
        &["a/b/held=RW,op=x", "a/b/held=RW,op=y"],
        &["a/b/held=R,op=*"]
    )]
    #[case::a_column_and_a_row_share_a_cell(
        &["a/b/held=R,op=x", "a/b/held=RW,op=x", "a/b/held=RWH,op=x", "a/b/held=R,op=y", "a/b/held=R,op=z"],
        &["a/b/held=RW,op=y", "a/b/held=RWH,op=z"],
        &["a/b/held=*,op=x", "a/b/held=R,*"]
    )]
    #[case::names_with_a_common_end(
        &["a/x/left-of-it", "a/x/right-of-it"], &["a/x/left-of-that"], &["a/x/*-of-it"]
    )]
    #[case::one_name_begins_another(&["a/x/fails", "a/x/fails-too"], &["a/x/holds"], &["a/x/fails*"])]
    #[case::a_whole_theme(
        &["a/x/one", "a/x/two", "a/y/three"], &["b/x/one", "a/z"], &["a/x/*", "a/y/three"]
    )]
    #[case::nothing(&[], &["a"], &[])]
    fn few_patterns(#[case] wanted: &[&str], #[case] others: &[&str], #[case] expected: &[&str]) {
        let found = fewest(&names(wanted), &names(others), &|_| true);
        assert_eq!(found, expected);
    }

    #[test]
    fn a_pattern_that_is_not_free_is_not_taken() {
        let wanted = ["a/x/one", "a/x/two"];
        let found = fewest(&names(&wanted), &[], &|pattern| glob::is_exact(pattern));
        assert_eq!(found, wanted);
    }

    #[rstest]
    #[case(&["smb2_1,signed", "smb2_0_2,signed"], &["smb3_1_1,signed"], &["smb2_*"])]
    #[case(&["smb3_1_1,signed,lease_v2", "smb3_0,signed,lease_v2"], &["smb3_1_1,signed,lease_v1"], &["*,lease_v2"])]
    #[case(&["smb3_1_1,signed"], &["smb3_1_1,unsigned"], &["smb3_1_1,signed"])]
    #[case(&["smb2_1,signed", "smb3_0,unsigned"], &["smb2_1,unsigned", "smb3_0,signed"], &["smb2_1,signed", "smb3_0,unsigned"])]
    fn few_axes(#[case] wanted: &[&str], #[case] others: &[&str], #[case] expected: &[&str]) {
        assert_eq!(fewest_axes(wanted, others), expected);
    }
}
