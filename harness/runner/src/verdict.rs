//! The words of a judgement.

use std::collections::BTreeMap;
use std::fmt;

use oplock_suite::plan::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The verdict of a cell, after the deviation list was applied.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every expectation held, nothing unexpected came.
    Pass,
    /// An expectation did not hold, an event came that nobody expected, or an answer broke the protocol.
    Fail,
    /// A `given` did not hold.
    Inconclusive,
    /// A needed capability is absent, or the user's filter left the cell out.
    Skipped,
    /// The harness or the connection failed, or the cell did not run.
    #[default]
    Error,
    /// Failed as its deviation entry says.
    KnownDeviation,
    /// Passed although a deviation entry says that it fails.
    UnexpectedPass,
    /// Failed, but not with the signature of its deviation entry.
    FailedDifferently,
    /// Its plays disagree.
    Flaky,
}

impl Verdict {
    /// The words that reports and the console use.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Skipped => "skipped",
            Verdict::Error => "error",
            Verdict::KnownDeviation => "known deviation",
            Verdict::UnexpectedPass => "unexpected pass",
            Verdict::FailedDifferently => "failed differently",
            Verdict::Flaky => "flaky",
        }
    }
}

/// How many cells have each verdict.
pub fn counts(verdicts: impl Iterator<Item = Verdict>) -> BTreeMap<Verdict, usize> {
    let mut counts = BTreeMap::new();
    for verdict in verdicts {
        *counts.entry(verdict).or_insert(0) += 1;
    }
    counts
}

/// How vendors group what they fix, in that order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A break did not come.
    MissingBreak,
    /// A break came that nobody expected.
    ExtraBreak,
    /// A break or a grant with another level.
    WrongLevel,
    /// A wrong epoch.
    Epoch,
    /// A wrong status of an operation.
    WrongStatus,
    /// A wrong answer to an acknowledgement.
    AckStatus,
    /// An answer that came only with the break timer, or never.
    Stall,
    /// Right events in a wrong order.
    Order,
    /// An answer that broke the protocol.
    Finding,
    /// A precondition that did not hold.
    Given,
    /// A fault of the harness, of the connection, or a cell that did not run.
    Fault,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::MissingBreak => "missing break",
            Kind::ExtraBreak => "extra break",
            Kind::WrongLevel => "wrong level",
            Kind::Epoch => "epoch",
            Kind::WrongStatus => "wrong status",
            Kind::AckStatus => "acknowledgement status",
            Kind::Stall => "stall of one timeout",
            Kind::Order => "order",
            Kind::Finding => "finding",
            Kind::Given => "given",
            Kind::Fault => "fault",
        })
    }
}

/// One thing that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Its kind.
    pub kind: Kind,
    /// The step: an index into the cell's steps.
    pub step: usize,
    /// The place of the expectation, or of the step where nothing was expected.
    pub place: Place,
    /// One sentence for a person: `B was answered before A acknowledged`.
    pub sentence: String,
    /// Which field: `to`, `status`, `granted`, `epoch`, ...; empty where a whole event is missing or extra.
    pub field: String,
    /// What was expected, in the words of a case; empty where nothing was.
    pub expected: String,
    /// What came, in the same words; empty where nothing did.
    pub observed: String,
    /// The entry of the history that shows it, where one does.
    pub entry: Option<usize>,
}

impl Divergence {
    /// Kind, step, field, expected and observed in normal form: no ids, times or ports. Deviation entries match on it.
    #[must_use]
    pub fn signature(&self) -> String {
        let step = self.step + 1;
        let field = if self.field.is_empty() { String::new() } else { format!(" {}", self.field) };
        let expected = if self.expected.is_empty() { "nothing" } else { &self.expected };
        let observed = if self.observed.is_empty() { "nothing" } else { &self.observed };
        format!("{} at step {step}:{field} expected {expected}, observed {observed}", self.kind)
    }
}

/// What `judge` says of one history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Pass, fail, inconclusive or error.
    pub verdict: Verdict,
    /// What was not as expected: the first is the cause, the others follow from it or came later.
    pub divergences: Vec<Divergence>,
    /// For each step, which reading of each `one of` held, in order.
    pub readings: Vec<(usize, String)>,
}

/// The judged cell as reports see it.
#[derive(Clone, Debug)]
pub struct CellResult {
    /// The leg of the run in which it was asked.
    pub leg: usize,
    /// Index of the case in the corpus.
    pub case: usize,
    /// Index of the cell in the case.
    pub cell: usize,
    /// The verdict after deviations.
    pub verdict: Verdict,
    /// Why it was skipped or did not run, or which deviation entry applied.
    pub reason: Option<String>,
    /// The line of the deviation entry that had a word in it.
    pub deviation: Option<u64>,
    /// What each play of it showed, where it was played more than once.
    pub attempts: Vec<crate::record::Attempt>,
    /// The judgement; nothing for a cell that did not run.
    pub judgement: Option<Judgement>,
    /// The record; nothing for a cell that did not run.
    pub played: Option<crate::history::Played>,
    /// What the vendor's own commands said about it.
    pub hooks: Vec<crate::hooks::HookRan>,
}

impl CellResult {
    /// The first thing that was not as expected: the others follow from it or came later.
    #[must_use]
    pub fn cause(&self) -> Option<&Divergence> {
        self.judgement.as_ref()?.divergences.first()
    }
}
