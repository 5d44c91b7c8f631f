//! The lines of `results.jsonl`.

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{Facts, Trail};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::speed::{Latencies, Speeds};
use crate::deviations::{Listed, Outdated};
use crate::exit::Standing;
use crate::history::History;
use crate::hooks::HookRan;
use crate::verdict::{Kind, Verdict};
use crate::waits::Waits;

/// The version of the format. Readers take the one before as well, and refuse others.
pub const FORMAT: u32 = 2;

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "line")]
pub enum Line {
    /// The first.
    Header(Box<Header>),
    /// One for each case of which a cell was to run, after the header.
    Case(Box<CaseLine>),
    /// One for each cell, as it ends.
    Cell(Box<CellLine>),
    /// The last.
    Footer(Box<Footer>),
}

/// What holds for the whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    #[schemars(extend("const" = FORMAT))]
    pub format: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// When the run began: `2026-05-04T10:11:12Z`.
    pub began: String,
    /// The hash over names and bytes of the case files.
    pub corpus: String,
    /// Product, version, and the capabilities in the first of the axes.
    pub target: Facts,
    /// The ways in which the target was asked.
    pub legs: Vec<LegLine>,
    /// Whether the target is a server, and no reference engine.
    pub live: bool,
    /// From which the lease keys were drawn.
    pub seed: u64,
    /// Over how many nodes the clients of each cell were spread, where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_over_nodes: Option<usize>,
    /// How many cells were to run.
    pub planned: usize,
    /// How many cells the run has in all its shards together: each has its number in that plan.
    pub whole_plan: usize,
    /// Which part of the plan this is, where it is a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardOf>,
    /// How many times each cell was played.
    pub repeat: u32,
    /// How many more times a cell was played that was not as it should be.
    pub retries: u32,
    /// Whether what a server only should meet counts.
    pub strict: bool,
    /// Whether an outcome that differs from its snapshot counts.
    pub fail_on_change: bool,
    /// Cases that are newer than this version of the corpus were recorded, not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corpus_as_of: Option<String>,
    /// The arguments of a command that runs the same again, without axes and cell: `run --target samba --seed 7`.
    pub again: String,
    /// How many cells of the store layer the selection had, which a live target's plan has not.
    pub store_cells: usize,
    /// What of each claim's scope the user's filter left out.
    pub left_out: LeftOut,
    /// The target's deviation list, where one of its entries is for this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviations: Option<Listed>,
    /// The record from whose histories the verdicts were had again, where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_from: Option<JudgedFrom>,
}

/// One way in which the target was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LegLine {
    /// The name of its axes; empty at the reference's own.
    pub axes: String,
    /// The version of leases whose cases leave it open, where the leg names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_version: Option<u8>,
    /// The bounds of its waits.
    pub waits: Waits,
    /// Those of cells that wait for a timer, where another server was asked those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer_waits: Option<Waits>,
    /// The capabilities that cells need and the target has not in these axes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub absent: BTreeSet<String>,
}

/// A record that was judged again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgedFrom {
    /// Name and version of the tool that made it.
    pub tool: String,
    /// The hash over names and bytes of its case files.
    pub corpus: String,
}

/// A part of a plan: number 1 of 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShardOf {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// What the filter of a run left out, for its claims.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Of the core.
    pub core: Scope,
    /// Of all.
    pub extended: Scope,
}

/// The `must` cells that a claim is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// How many of them the target's capabilities leave.
    pub cells: usize,
    /// The capabilities that the others need and no axes of the target have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without: BTreeSet<String>,
}

/// What a report says of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseLine {
    /// Its place in the corpus.
    pub number: usize,
    /// Its id.
    pub id: String,
    /// Its theme: `oplock/batch`.
    pub suite: String,
    /// What it demands, in one sentence.
    pub says: String,
    /// Where it is written.
    pub file: String,
    /// The line there, from 1.
    pub at_line: u32,
    /// Who owes it: `must`, `should`, `may`, or `product: ` and a name.
    pub obligation: String,
    /// The version of the corpus that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Its id before it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The rules from which its expected values were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spec: Vec<String>,
}

/// What one cell showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellLine {
    /// Its place in the plan of the whole run.
    pub number: usize,
    /// The cell's id.
    pub cell: String,
    /// The case's id.
    pub case: String,
    /// The axes in which it was asked.
    pub axes: String,
    /// The verdict, deviations applied.
    pub verdict: Verdict,
    /// What that means for the run.
    pub standing: Standing,
    /// Why it was skipped, did not run, or which deviation applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The line of the deviation entry that had a word in it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<u64>,
    /// The kind of the first divergence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Its step, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// It in a sentence: `B was answered before A acknowledged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// Its signature, as a deviation entry wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// What was expected there, in the words of a case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What came, in the same words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Whether it is of the core.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub core: bool,
    /// The capabilities that it needs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<String>,
    /// Those of them that the target has not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lacks: BTreeSet<String>,
    /// What each play of it showed, where it was played more than once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// The rules that the case names, and those that the target says it applied.
    pub rules: Rules,
    /// The cells of the transition grid that it is about, as the reference goes through them; the footer has their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grid: Vec<u16>,
    /// Wall time, of all plays together.
    pub duration_ms: f64,
    /// How fast the target was.
    #[serde(default, skip_serializing_if = "Latencies::is_empty")]
    pub latencies: Latencies,
    /// What was done and seen, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chart: Vec<ChartLine>,
    /// What a person wants to read of it, where it is not as it should be or nobody owes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    /// What else was not as expected after the first divergence, a sentence each with its step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<String>,
    /// Why the corpus expects it, where the cell of a matrix has a footnote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where the divergence is in the server's log, or where the cell began: UTC time, address, ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What finds the cell in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<Trail>,
    /// What the vendor's own commands said about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRan>,
    /// The file name of its capture, below the folder `pcap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// Where its files were kept: share and path, or for a private smbd a folder beside the reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// A hash over what its steps do, without what they expect: with the same one, its history can be judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<String>,
    /// The record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}

/// One play of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// The verdict, deviations applied.
    pub verdict: Verdict,
    /// The signature of the first divergence, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Wall time.
    pub duration_ms: f64,
}

/// One line of the chart of a cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartLine {
    /// The step that it belongs to, from 1.
    pub step: usize,
    /// The actor that acts or sees; nothing where time passes or the harness speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What is done or seen: `-> open f as a rw/rwd batch`, `<- break a batch>ii ack`.
    pub text: String,
    /// The answer where it came in the same step, `<- success batch`, or `.. pending`, or what was expected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    /// Microseconds since the cell's first line.
    pub at_us: u64,
    /// Whether it shows something that came by itself, or was still open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// Whether it shows a break.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaks: bool,
    /// Whether this is where the cell left the path.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
}

/// The rules of a cell, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Named by the case.
    pub named: Vec<String>,
    /// Applied by the target; a live server says none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<String>,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// Cells by verdict.
    #[schemars(extend("propertyNames" = {"$ref": "#/definitions/Verdict"}))]
    pub counts: BTreeMap<Verdict, usize>,
    /// Entries of the deviation list that want work whatever the cells showed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outdated: Vec<Outdated>,
    /// Entries of it whose review is near, which is no fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due_soon: Vec<Outdated>,
    /// Cases whose outcome is not that of their snapshot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
    /// How many cases have no snapshot, though their target has others.
    #[serde(default)]
    pub without_snapshot: usize,
    /// What the target's profile says of it and it showed otherwise, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradicted: Vec<String>,
    /// What the target may say of itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimLine>,
    /// How fast it was, by theme.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub speeds: BTreeMap<String, Speeds>,
    /// The names of the cells of the transition grid that any cell is about: `RWH x read by a stranger`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "by_number")]
    pub grid: BTreeMap<u16, String>,
    /// What there is to know of the vendor's own commands, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<String>,
    /// Why the run ended before its plan did, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_early: Option<String>,
    /// Wall time of the run.
    pub seconds: f64,
    /// The exit code.
    pub exit: u8,
}

/// A case whose outcome is not that of its snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// Its id.
    pub case: String,
    /// The lines that differ, with `-` and `+`.
    pub difference: String,
}

/// A claim, given or withheld.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimLine {
    /// `core` or `extended`.
    pub profile: String,
    /// Whether the target may make it.
    pub given: bool,
    /// In words: `conforms: core without lease_v2 (312 cells)`.
    pub text: String,
}

/// JSON has texts for keys, and a line that is known by its tag keeps them as texts.
fn by_number<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<u16, String>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(from)?;
    let number = |(key, name): (String, String)| match key.parse() {
        Ok(number) => Ok((number, name)),
        Err(_) => Err(D::Error::custom(format!("`{key}` is no cell of the transition grid"))),
    };
    texts.into_iter().map(number).collect()
}
