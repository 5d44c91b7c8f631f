//! The checked plan: what the runner drives and judges. Every name in it is known to exist, every word is legal.

mod operation;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oplock_model::{
    CellId, Dialect, FileSpec, Layer, LeaseState, Level, Modes, OplockLevel, RuleId, ShareKind,
    Status,
};

pub use operation::{Ack, AckWhat, Durable, Open, Operation, Piece, Want};

/// Everything that was read from one directory of cases.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The cases, in order of their files' names and of their place in the file.
    pub cases: Vec<Case>,
    /// The capabilities that cases may need, by name.
    pub capabilities: BTreeMap<String, CapabilityEntry>,
    /// A hash over names and bytes of all files, as 16 hex digits.
    pub hash: String,
}

/// One entry of `cases/capabilities.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapabilityEntry {
    /// What it is, in one sentence.
    pub says: String,
    /// Whether the claim *core* needs it; else it is extended.
    pub core: bool,
    /// How it is found out, in one sentence.
    pub probe: String,
}

/// A place in a case file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the user named it: `cases/oplock/batch.yaml`.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// How much an implementation owes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Obligation {
    /// Owed by everybody.
    #[default]
    Must,
    /// Fails under `--strict` only.
    Should,
    /// Recorded, never judged.
    May,
    /// What one product does, with the note that says so; judged like `May`.
    Product(String),
}

/// One named question.
#[derive(Clone, Debug)]
pub struct Case {
    /// `<suite>/<name>`.
    pub id: String,
    /// The suite: `oplock/batch`.
    pub suite: String,
    /// What the case demands, in one sentence.
    pub says: String,
    /// Where it begins.
    pub place: Place,
    /// The rules from which its expected values were read.
    pub spec: Vec<RuleId>,
    /// Whether a failure is one.
    pub obligation: Obligation,
    /// The corpus version that brought the case.
    pub since: Option<String>,
    /// Its name before it was renamed.
    pub was: Option<String>,
    /// Free words for selection.
    pub tags: Vec<String>,
    /// The shape of its matrix, where it has one.
    pub matrix: Option<Matrix>,
    /// Its cells in the order of the table, rows first; a case without a matrix has one.
    pub cells: Vec<Cell>,
}

impl Case {
    /// Its whole id before it was renamed.
    #[must_use]
    pub fn was_id(&self) -> Option<String> {
        let was = self.was.as_ref()?;
        Some(if was.contains('/') { was.clone() } else { format!("{}/{was}", self.suite) })
    }
}

/// The shape of a matrix, for tables of observed cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The row axes, each with its values.
    pub rows: Vec<(String, Vec<String>)>,
    /// The names of the columns.
    pub columns: Vec<String>,
}

/// One row and column of a case, or the whole of a case without a matrix.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The stable id.
    pub id: CellId,
    /// Row values and the column's name, by axis, in order; empty without a matrix. The column's axis is `op`.
    pub axes: Vec<(String, String)>,
    /// The text of the matrix cell as written, footnote mark and all.
    pub written: Option<String>,
    /// The sentence of its footnote.
    pub footnote: Option<String>,
    /// The layer.
    pub layer: Layer,
    /// The capabilities that it needs, named and implied.
    pub needs: BTreeSet<String>,
    /// Readings of open questions that the case asks for; a live target skips such a cell.
    pub choices: BTreeMap<String, String>,
    /// The dialect that the case asks for.
    pub dialect: Option<Dialect>,
    /// The kind of share that the case asks for.
    pub share: ShareKind,
    /// Files that exist when the cell starts.
    pub files: Vec<FileSpec>,
    /// The actors.
    pub actors: Vec<ActorPlan>,
    /// What may come without being expected.
    pub allow: Option<Allow>,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Cell {
    /// Whether a step waits for a timer of tens of seconds; such cells start first.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        let timer = |action: &Action| {
            matches!(action, Action::TimePasses(Wait::AckTimeout | Wait::DurableTimeout))
        };
        self.steps.iter().any(|step| timer(&step.action))
    }
}

/// An actor of a cell. Actors with equal client and connection share that connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorPlan {
    /// `A`.
    pub name: String,
    /// The client number.
    pub client: u32,
    /// The connection of that client, from 1.
    pub connection: u32,
    /// The account, from 1.
    pub account: u32,
    /// The cluster node, from 1.
    pub node: u32,
}

/// What `allow:` lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Breaks that nobody expects are recorded and do not fail the cell.
    pub breaks: bool,
    /// Why.
    pub because: String,
}

/// One step: something is done, then something is seen.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it is written; a step that a matrix cell brings in points at its cell in the table.
    pub place: Place,
    /// What is done.
    pub action: Action,
    /// Preconditions: where one fails the cell is inconclusive.
    pub given: Vec<Expect>,
    /// What is judged.
    pub then: Vec<Expect>,
    /// A `?` cell: whatever comes is recorded, breaks are acknowledged as told, nothing is judged.
    pub record_only: bool,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// One call, or the members of a compound in order.
    Calls(Vec<Call>),
    /// Time passes until the named wait is over or every expectation of the step has come.
    TimePasses(Wait),
}

/// A named wait; the numbers are the target profile's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wait {
    /// Until a final answer that nothing holds back.
    Reply,
    /// Until a break notice.
    Break,
    /// How long a silence proves that nothing comes.
    Quiet,
    /// The window of the break timer; it starts at the break notice.
    AckTimeout,
    /// The window of the durable timer.
    DurableTimeout,
}

/// Names a call of a cell: its index in the order of the steps.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct CallIndex(pub usize);

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where it is written.
    pub place: Place,
    /// Its number in the cell.
    pub index: CallIndex,
    /// The actor: an index into [`Cell::actors`].
    pub actor: usize,
    /// The name of its answer: `as:`, or for an open the handle, else the verb's noun (`ack`, `write`, ...).
    pub label: String,
    /// What is called.
    pub operation: Operation,
}

/// Something that is expected. A list of expectations is ordered per connection (store: per actor).
#[derive(Clone, Debug)]
pub enum Expect {
    /// A break notice comes.
    Sees(Sees),
    /// A final answer comes.
    Gets(Gets),
    /// No final answer comes before the next step.
    Waits(Waits),
    /// No break comes: of this handle or key, or of any.
    NobodySees {
        /// Where it is written.
        place: Place,
        /// Whose break; of none named, any.
        target: Option<BreakTarget>,
    },
    /// The order is free, on one connection too.
    InAnyOrder {
        /// Where it is written.
        place: Place,
        /// All of these come.
        all: Vec<Expect>,
    },
    /// One of several readings holds.
    OneOf {
        /// Where it is written.
        place: Place,
        /// The readings.
        branches: Vec<Branch>,
    },
}

/// One reading of a `one of`.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What is expected under this reading.
    pub expect: Vec<Expect>,
    /// Who reads it so.
    pub because: String,
}

/// Who sees a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The connection of this actor: an index into [`Cell::actors`].
    Actor(usize),
    /// Any connection of this client.
    Client(u32),
}

/// What is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BreakTarget {
    /// The oplock of this handle.
    Handle(String),
    /// The lease of this key.
    Key(String),
}

/// A break notice that is expected.
#[derive(Clone, Debug)]
pub struct Sees {
    /// Where it is written.
    pub place: Place,
    /// Who sees it.
    pub who: Who,
    /// What is broken.
    pub target: BreakTarget,
    /// The level before, judged where the message carries it.
    pub from: Option<Level>,
    /// The level that is left.
    pub to: Level,
    /// Whether an acknowledgement is owed, judged where the message carries it.
    pub ack: Option<bool>,
    /// The epoch.
    pub epoch: Option<Epoch>,
    /// The breaker's modes.
    pub modes: Option<Modes>,
    /// The status of the completion, or of the notice's header; of none given success.
    pub status: Option<Status>,
    /// Store: IoStatus.Information of a legacy request, 7 or 8.
    pub information: Option<u32>,
}

/// A final answer that is expected.
#[derive(Clone, Debug)]
pub struct Gets {
    /// Where it is written.
    pub place: Place,
    /// Who gets it: an index into [`Cell::actors`].
    pub actor: usize,
    /// The call.
    pub call: CallIndex,
    /// Its name.
    pub label: String,
    /// What it says.
    pub answer: Answer,
}

/// The fields of an answer that are judged; what is not given is not judged, but the status is success by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// The level that an open was granted: the level byte, or where that says lease, the state.
    pub granted: Option<Level>,
    /// The level byte of the answer, raw.
    pub level: Option<OplockLevel>,
    /// The lease state of the answer, raw.
    pub state: Option<LeaseState>,
    /// The epoch of the answer.
    pub epoch: Option<Epoch>,
    /// Whether the lease answer carries BREAK_IN_PROGRESS.
    pub breaking: Option<bool>,
    /// The version of the lease context of the answer.
    pub version: Option<u8>,
    /// The parent lease key of the answer: its name, or that there is none.
    pub parent_key: Option<ParentKey>,
    /// The durable handle that an open was given.
    pub durable: Option<Granted>,
    /// How long the durable handle outlives its connection, in milliseconds.
    pub timeout: Option<u32>,
    /// Store: the level that could be had, or that the end of a request leaves.
    pub to: Option<Level>,
    /// Store: whether another acknowledgement is owed.
    pub ack: Option<bool>,
    /// IoStatus.Information of an answer that has it; for an open the create action.
    pub information: Option<u32>,
    /// Store: whether a request was turned down because of a writable section.
    pub writable_section: Option<bool>,
}

/// The parent lease key of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParentKey {
    /// Neither the flag nor a key.
    None,
    /// The flag, and the key of that name.
    Named(String),
}

/// Which durable create context an answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Granted {
    /// None of them.
    None,
    /// DHnQ.
    V1,
    /// DH2Q without SMB2_DHANDLE_FLAG_PERSISTENT.
    V2,
    /// DH2Q with SMB2_DHANDLE_FLAG_PERSISTENT.
    Persistent,
}

/// A final answer that must not come before the next step.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Where it is written.
    pub place: Place,
    /// Who waits: an index into [`Cell::actors`].
    pub actor: usize,
    /// For which call.
    pub call: CallIndex,
    /// Its name.
    pub label: String,
}

/// An epoch, absolute or from what went before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Epoch {
    /// `sent+N`: the epoch that this call sent, plus N.
    Sent(u16),
    /// `last+N`: the newest epoch that was seen for this lease, plus N.
    Last(u16),
    /// `same`: the newest epoch that was seen for this lease.
    Same,
    /// A number.
    Exact(u16),
}
