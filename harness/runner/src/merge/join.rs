//! What the shards of a run are together.

use std::collections::BTreeMap;

use crate::record::{Brief, CaseLine, Footer, Header, LegLine, Record};

/// The record that the run would have written in one piece.
#[derive(Debug)]
pub struct Joined {
    /// What holds for all of it.
    pub header: Header,
    /// The cases, in the order in which the plan comes to them.
    pub cases: Vec<CaseLine>,
    /// The cells in the order of the plan, each with the index of the record that has its line.
    pub cells: Vec<(usize, Brief)>,
    /// How it ended.
    pub footer: Footer,
}

/// Joins the parts of one run, in the order of their shards, which were found to fit together; nothing where there are none.
#[must_use]
pub fn joined(parts: &[Record]) -> Option<Joined> {
    let first = parts.first()?;
    let (cases, cells) = plan(parts);
    let header = Header {
        began: parts.iter().map(|part| &part.header.began).min().cloned().unwrap_or_default(),
        legs: legs(first, parts),
        planned: cells.len(),
        shard: None,
        ..first.header.clone()
    };
    let briefs: Vec<_> = cells.iter().map(|(_, brief)| brief.clone()).collect();
    let (footer, _) = known(parts, &cases).ending(&header, &cases, &briefs);
    Some(Joined { header, cases, cells, footer })
}

/// The cases and the cells of all parts, as the plan has them.
fn plan(parts: &[Record]) -> (Vec<CaseLine>, Vec<(usize, Brief)>) {
    let mut found: Vec<_> = parts
        .iter()
        .enumerate()
        .flat_map(|(part, record)| record.cells.iter().map(move |brief| (part, brief)))
        .collect();
    found.sort_by_key(|(_, brief)| brief.number);
    let mut cases = Vec::new();
    let mut case_of = BTreeMap::new();
    let mut cells = Vec::new();
    for (part, brief) in found {
        let Some(case) = parts.get(part).and_then(|record| record.case(brief)) else { continue };
        let case = *case_of.entry(case.id.as_str()).or_insert_with(|| {
            cases.push(case.clone());
            cases.len() - 1
        });
        cells.push((part, Brief { case, ..brief.clone() }));
    }
    (cases, cells)
}

/// The legs of the first part, with what the cells of any part need and the target has not.
fn legs(first: &Record, parts: &[Record]) -> Vec<LegLine> {
    let absent = |leg: usize| {
        let same = parts.iter().filter_map(move |part| part.header.legs.get(leg));
        same.flat_map(|leg| leg.absent.iter().cloned())
    };
    let legs = first.header.legs.iter().enumerate();
    legs.map(|(leg, line)| LegLine { absent: absent(leg).collect(), ..line.clone() }).collect()
}

/// What the footers say that does not follow from the cells.
fn known(parts: &[Record], cases: &[CaseLine]) -> Footer {
    let mut known = Footer::default();
    for footer in parts.iter().filter_map(|part| part.footer.as_ref()) {
        // Named one by one, so that no new field is forgotten.
        let Footer {
            counts: _,
            outdated,
            due_soon,
            changed,
            without_snapshot,
            contradicted,
            claims: _,
            speeds: _,
            grid,
            hooks,
            ended_early,
            seconds,
            exit: _,
        } = footer;
        add(&mut known.outdated, outdated);
        add(&mut known.due_soon, due_soon);
        add(&mut known.contradicted, contradicted);
        add(&mut known.hooks, hooks);
        known.changed.extend(changed.iter().cloned());
        known.without_snapshot += without_snapshot;
        known.grid.extend(grid.iter().map(|(cell, name)| (*cell, name.clone())));
        known.ended_early = known.ended_early.or_else(|| ended_early.clone());
        // Shards run side by side: the run took as long as the longest of them.
        known.seconds = known.seconds.max(*seconds);
    }
    let place: BTreeMap<_, _> = cases.iter().map(|case| (case.id.as_str(), case.number)).collect();
    known.changed.sort_by_key(|changed| place.get(changed.case.as_str()).copied());
    known
}

/// Adds what is not there yet.
fn add<T: PartialEq + Clone>(to: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !to.contains(one) {
            to.push(one.clone());
        }
    }
}
