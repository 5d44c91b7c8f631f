//! Whether records are all the shards of one run, each of them once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use thiserror::Error;

use crate::claim;
use crate::console::counted;
use crate::fnv::Fnv;
use crate::record::{Brief, FORMAT, Header, Record, ShardOf};
use crate::shard::Shard;

/// Why records are not the whole of one run.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum Misfit {
    /// A file of an older release.
    #[error("{}: format {format} knows no shards; `report` makes the reports of a whole run", .file.display())]
    TooOld {
        /// The file.
        file: PathBuf,
        /// What it is written in.
        format: u32,
    },
    /// A run that came to no end.
    #[error("{} was cut off: {} of {planned} planned have no line; run this shard again", .file.display(), counted(*missing, "cell"))]
    CutOff {
        /// The file.
        file: PathBuf,
        /// How many cells have no line.
        missing: usize,
        /// Of how many.
        planned: usize,
    },
    /// Two runs.
    #[error("{} and {} are not of one run: {how}; {remedy}", .file.display(), .second.display())]
    Differ {
        /// One file.
        file: PathBuf,
        /// The other.
        second: PathBuf,
        /// In what they differ: `the seed is 7 in the one, 8 in the other`.
        how: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A whole run among others.
    #[error("{} is a whole run, not a shard; it cannot be merged with others, only compared: `compare`", .file.display())]
    Whole {
        /// The file.
        file: PathBuf,
    },
    /// One shard twice.
    #[error("{} and {} are both shard {} of {}; name each shard once", .file.display(), .second.display(), .shard.number, .shard.of)]
    Twice {
        /// One file.
        file: PathBuf,
        /// The other.
        second: PathBuf,
        /// Which.
        shard: ShardOf,
    },
    /// One place of the plan twice.
    #[error("{} and {} overlap: cell {number} of the plan is `{one}` in the one and `{other}` in the other; run all shards with the same filter and the same --axes", .file.display(), .second.display())]
    Overlap {
        /// One file.
        file: PathBuf,
        /// The other.
        second: PathBuf,
        /// Which place.
        number: usize,
        /// The cell of the one.
        one: String,
        /// The cell of the other.
        other: String,
    },
    /// A cell that no such run can have.
    #[error("{}: `{cell}` is no cell of {part}; the file is damaged or was written by another tool: run this shard again", .file.display())]
    Stranger {
        /// The file.
        file: PathBuf,
        /// The cell.
        cell: String,
        /// Of what it is none.
        part: String,
    },
    /// Shards are not there.
    #[error("{} of {whole} in the plan are in no file: {shards}; run what is missing, and name its results.jsonl too", counted(*missing, "cell"))]
    Missing {
        /// How many cells are in none of the files.
        missing: usize,
        /// Of how many.
        whole: usize,
        /// Which shards are in none.
        shards: String,
    },
}

/// Says whether the records are all the shards of one run, or one whole run.
///
/// # Errors
/// The first [`Misfit`].
pub fn fit(parts: &[Record]) -> Result<(), Misfit> {
    for part in parts {
        is_whole(part)?;
    }
    let Some((first, others)) = parts.split_first() else { return Ok(()) };
    for other in others {
        if let Some(part) = [first, other].into_iter().find(|part| part.header.shard.is_none()) {
            return Err(Misfit::Whole { file: file(part) });
        }
        same_run(first, other)?;
    }
    no_shard_twice(parts)?;
    once(parts)
}

fn no_shard_twice(parts: &[Record]) -> Result<(), Misfit> {
    let mut found = BTreeMap::new();
    for part in parts {
        let Some(shard) = part.header.shard else { continue };
        if let Some(first) = found.insert(shard.number, part) {
            return Err(Misfit::Twice { file: file(first), second: file(part), shard });
        }
    }
    Ok(())
}

/// Whether the run came to its end, and has the cells that it says.
fn is_whole(part: &Record) -> Result<(), Misfit> {
    let Header { format, planned, whole_plan, shard, .. } = &part.header;
    if *format < FORMAT {
        return Err(Misfit::TooOld { file: file(part), format: *format });
    }
    let missing = planned.saturating_sub(part.cells.len());
    if part.cut_off().is_some() || missing > 0 {
        return Err(Misfit::CutOff { file: file(part), missing, planned: *planned });
    }
    let stranger = |brief: &&Brief| {
        let case = part.case(brief).map_or("", |case| case.id.as_str());
        let own = shard.is_none_or(|shard| Shard(shard).has(case, part.axes(brief)));
        !own || brief.number >= *whole_plan
    };
    match part.cells.iter().find(stranger) {
        None => Ok(()),
        Some(brief) => Err(Misfit::Stranger {
            file: file(part),
            cell: part.name(brief),
            part: shard.map_or_else(
                || format!("a plan of {}", counted(*whole_plan, "cell")),
                |ShardOf { number, of }| format!("shard {number} of {of}"),
            ),
        }),
    }
}

/// Whether two shards asked the same questions of the same target.
fn same_run(first: &Record, second: &Record) -> Result<(), Misfit> {
    let (one, other) = (&first.header, &second.header);
    let differ = |found: Different| {
        let Different { what, one, other, remedy } = found;
        let how = format!("{what} {one} in the one, {other} in the other");
        Misfit::Differ { file: file(first), second: file(second), how, remedy }
    };
    if let (Some(shard), Some(second_shard)) = (one.shard, other.shard)
        && shard.of != second_shard.of
    {
        let of = |shard: ShardOf| format!("{} of {}", shard.number, shard.of);
        return Err(differ(Different {
            what: "the shard is".to_owned(),
            one: of(shard),
            other: of(second_shard),
            remedy: "merge the shards of one division",
        }));
    }
    let mut all = facts(one).into_iter().zip(facts(other));
    let found = match all.find(|(one, other)| one.value != other.value) {
        None => capabilities(one, other),
        Some((one, other)) => Some(Different {
            what: one.what.to_owned(),
            one: one.value,
            other: other.value,
            remedy: one.remedy,
        }),
    };
    found.map_or(Ok(()), |found| Err(differ(found)))
}

/// In what two shards differ.
struct Different {
    what: String,
    one: String,
    other: String,
    remedy: &'static str,
}

/// Something that all shards of a run have in common.
struct Common {
    what: &'static str,
    value: String,
    remedy: &'static str,
}

const SAME_CASES: &str = "run all shards with the same tool and the same --cases";
const SAME_TARGET: &str = "run all shards against the same version of the target";
const SAME_OPTIONS: &str = "run all shards with the same options";

fn facts(header: &Header) -> Vec<Common> {
    let common = |what, value: String, remedy| Common { what, value, remedy };
    let target = format!("{} {}", header.target.product, header.target.version);
    let axes: Vec<_> = header
        .legs
        .iter()
        .map(|leg| match leg.lease_version {
            Some(version) => format!("`{}` with leases of version {version}", leg.axes),
            None => format!("`{}`", leg.axes),
        })
        .collect();
    let yes_or_no = |yes: bool| if yes { "on" } else { "off" }.to_owned();
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "not given".to_owned());
    let nodes = header.spread_over_nodes.map(|nodes| format!("over {nodes} nodes"));
    vec![
        common("the tool is", header.tool.clone(), SAME_CASES),
        common("the hash of the corpus is", header.corpus.clone(), SAME_CASES),
        common("the target is", target.trim_end().to_owned(), SAME_TARGET),
        common("the axes are", axes.join(", "), SAME_OPTIONS),
        common(
            "the seed is",
            header.seed.to_string(),
            "run all shards with one --seed, or all without",
        ),
        common(
            "the whole plan has",
            counted(header.whole_plan, "cell"),
            "run all shards with the same filter and the same --axes",
        ),
        common(
            "the filter left out",
            left_out(header),
            "run all shards with the same filter and the same --axes",
        ),
        common("--repeat is", header.repeat.to_string(), SAME_OPTIONS),
        common("--retries is", header.retries.to_string(), SAME_OPTIONS),
        common("--strict is", yes_or_no(header.strict), SAME_OPTIONS),
        common("--fail-on-change is", yes_or_no(header.fail_on_change), SAME_OPTIONS),
        common("--corpus-as-of is", or_none(header.corpus_as_of.clone()), SAME_OPTIONS),
        common("--spread is", or_none(nodes), SAME_OPTIONS),
        common("the deviation list has", list(header), SAME_OPTIONS),
        common(
            "the verdicts are those of",
            judged(header),
            "run all shards, or judge all of them again",
        ),
    ]
}

fn left_out(header: &Header) -> String {
    let (core, extended) = (header.left_out.core.cells, header.left_out.extended.cells);
    let store = counted(header.store_cells, "store cell");
    format!("{} ({core} of the core) and {store}", counted(extended, "cell"))
}

/// The entries of the deviation list, wherever each machine has its file.
fn list(header: &Header) -> String {
    let Some(list) = &header.deviations else { return "no entry".to_owned() };
    let entries = serde_json::to_string(&list.entries).unwrap_or_default();
    let mut hash = Fnv::new();
    hash.take(&entries);
    let noun = if list.entries.len() == 1 { "entry" } else { "entries" };
    format!("{} {noun} ({})", list.entries.len(), hash.hex())
}

fn judged(header: &Header) -> String {
    match &header.judged_from {
        None => "the run".to_owned(),
        Some(_) => "a later judgement".to_owned(),
    }
}

/// A capability that only one of the targets has.
fn capabilities(one: &Header, other: &Header) -> Option<Different> {
    let has = |header: &Header, name: &str| claim::has(&header.target, name);
    let mut names = one.target.capabilities.keys().chain(other.target.capabilities.keys());
    let name = names.find(|name| has(one, name) != has(other, name))?;
    let answer = |header| if has(header, name) { "there" } else { "absent" }.to_owned();
    let what = format!("the capability {name} is");
    Some(Different { what, one: answer(one), other: answer(other), remedy: SAME_TARGET })
}

/// Whether each cell of the plan is in one record, and in one only.
fn once(parts: &[Record]) -> Result<(), Misfit> {
    let mut found: BTreeMap<usize, (&Record, &Brief)> = BTreeMap::new();
    let mut whole = 0;
    for part in parts {
        whole = part.header.whole_plan;
        for brief in &part.cells {
            if let Some((first, other)) = found.insert(brief.number, (part, brief)) {
                return Err(Misfit::Overlap {
                    file: file(first),
                    second: file(part),
                    number: brief.number,
                    one: first.name(other),
                    other: part.name(brief),
                });
            }
        }
    }
    let missing = whole.saturating_sub(found.len());
    if missing == 0 {
        return Ok(());
    }
    let shards: Vec<_> = parts.iter().filter_map(|part| part.header.shard).collect();
    Err(Misfit::Missing { missing, whole, shards: absent(&shards) })
}

/// The shards that are not among these; one that had nothing to run is no loss, and has no record.
fn absent(shards: &[ShardOf]) -> String {
    /// More are counted.
    const NAMED: usize = 20;
    let of = shards.first().map_or(0, |shard| shard.of);
    let there = |number: &u32| shards.iter().any(|shard| shard.number == *number);
    let absent = (of as usize).saturating_sub(shards.len());
    let names: Vec<_> = (1..=of)
        .filter(|number| !there(number))
        .take(NAMED)
        .map(|number| number.to_string())
        .collect();
    if names.is_empty() {
        return "and no shard is missing, so the files do not belong together".to_owned();
    }
    let more = match absent.saturating_sub(names.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let noun = if absent == 1 { "shard" } else { "shards" };
    format!("those of {noun} {}{more} of {of}", names.join(", "))
}

fn file(record: &Record) -> PathBuf {
    record.path().map(ToOwned::to_owned).unwrap_or_default()
}
