//! Which cell of the one run is which of the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Brief, Record};

/// The cells of two runs, side by side.
#[derive(Debug)]
pub struct Pairs<'a> {
    /// Those of both, the earlier first, in the order of the later plan.
    pub both: Vec<(&'a Brief, &'a Brief)>,
    /// Those of the earlier only, each with the id of its case in the later corpus.
    pub vanished: Vec<(&'a Brief, String)>,
    /// Those of the later only.
    pub new: Vec<&'a Brief>,
}

impl<'a> Pairs<'a> {
    /// Finds them by id and axes; a case that was renamed is the same case.
    #[must_use]
    pub fn of(before: &'a Record, after: &'a Record) -> Pairs<'a> {
        let renamed = renamed(before, after);
        let mut earlier = BTreeMap::new();
        for brief in &before.cells {
            let case = before.case(brief).map_or("", |case| case.id.as_str());
            let (case, cell) = match renamed.get(case) {
                Some(new) => (*new, in_case(&brief.cell, case, new)),
                None => (case, brief.cell.clone()),
            };
            earlier.insert((before.axes(brief), cell), (brief, case.to_owned()));
        }
        let mut both = Vec::new();
        let mut new = Vec::new();
        for brief in &after.cells {
            match earlier.remove(&(after.axes(brief), brief.cell.clone())) {
                Some((before, _)) => both.push((before, brief)),
                None => new.push(brief),
            }
        }
        let mut vanished: Vec<_> = earlier.into_values().collect();
        vanished.sort_by_key(|(brief, _)| brief.number);
        Pairs { both, vanished, new }
    }
}

/// The new ids of the cases that were renamed, by the old ones.
fn renamed<'a>(before: &'a Record, after: &'a Record) -> BTreeMap<&'a str, &'a str> {
    let ids = |record: &'a Record| -> BTreeSet<&'a str> {
        record.cases.iter().map(|case| case.id.as_str()).collect()
    };
    let (old, new) = (ids(before), ids(after));
    let was = |case: &'a crate::record::CaseLine| {
        let was = case.was.as_deref()?;
        // An id that both have is nobody's old name.
        let is_renamed = old.contains(was) && !new.contains(was) && !old.contains(case.id.as_str());
        is_renamed.then_some((was, case.id.as_str()))
    };
    after.cases.iter().filter_map(was).collect()
}

/// The id of a cell whose case has another name now.
fn in_case(cell: &str, old: &str, new: &str) -> String {
    match cell.strip_prefix(old) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{new}{rest}"),
        _ => cell.to_owned(),
    }
}
