//! The plan of a run before its first cell, as the reports of a run that never began have it.

use std::collections::BTreeMap;

use oplock_model::Facts;
use oplock_suite::plan::Corpus;

use crate::bench::Planned;
use crate::claim;
use crate::record::{self, Brief, CellLine, Header, LegLine, Record};
use crate::stop::Stop;

/// A plan in which nothing has run yet.
pub(crate) struct Planning<'a> {
    pub corpus: &'a Corpus,
    pub legs: Vec<LegLine>,
    /// Of the target in the first of the axes.
    pub facts: Facts,
    pub plan: Vec<(usize, Planned)>,
}

impl Planning<'_> {
    /// The plan as a record, in which no cell has run.
    pub(crate) fn record(&self, why: &str) -> Result<Record, Stop> {
        let mut cases = Vec::new();
        let mut case_of = BTreeMap::new();
        let mut cells = Vec::new();
        for &(number, Planned { leg, case, cell }) in &self.plan {
            let Some(found) = self.corpus.cases.get(case) else { continue };
            let Some(cell) = found.cells.get(cell) else { continue };
            let case = *case_of.entry(case).or_insert_with(|| {
                cases.push(record::tell::case_line(found, case));
                cases.len() - 1
            });
            let absent = self.legs.get(leg).map(|leg| &leg.absent);
            let lacks = absent.map(|absent| cell.needs.intersection(absent).cloned().collect());
            let line = CellLine {
                number,
                cell: cell.id.0.clone(),
                reason: Some(why.to_owned()),
                core: claim::is_core(self.corpus, cell),
                lacks: lacks.unwrap_or_default(),
                ..CellLine::default()
            };
            cells.push(Brief::of(&line, case, leg, None));
        }
        let header = Header {
            target: self.facts.clone(),
            legs: self.legs.clone(),
            planned: cells.len(),
            ..Header::default()
        };
        Record::beside(None, header, cases, cells, None)
            .map_err(|error| Stop::harness(error.to_string()))
    }
}
