//! `results.jsonl` as it is published: every line of real runs is as its schema says.

use std::fs::File;
use std::io::{BufRead as _, BufReader};

use libtest_mimic::Failed;
use serde_json::Value;

use crate::{Tried, expect_exit};

/// The whole corpus.
pub(crate) fn every_line_is_as_the_schema_says(tried: &Tried) -> Result<(), Failed> {
    expect_exit(&tried.run(&["run"])?, 0)?;
    as_the_schema_says(tried, 5_000)
}

/// A real server, with what only it has: trails, captures, latencies, two axes.
pub(crate) fn so_is_every_line_of_samba(tried: &Tried) -> Result<(), Failed> {
    let options =
        ["run", "--target", "samba", "--axes", "smb3_1_1", "--axes", "smb2_1", "--pcap=all"];
    let filter = ["oplock/batch/third-open-joins", "durable/keeping"];
    expect_exit(&tried.run(&[&options[..], &filter].concat())?, 0)?;
    as_the_schema_says(tried, 10)
}

/// Holds each line to the schema that the command prints; there have to be so many.
fn as_the_schema_says(tried: &Tried, least: usize) -> Result<(), Failed> {
    let printed = tried.command_bare(&["schema", "--results"])?;
    expect_exit(&printed, 0)?;
    let schema: Value = serde_json::from_slice(&printed.stdout)?;
    let validator = jsonschema::validator_for(&schema)?;
    let mut cells = 0;
    for (number, line) in
        BufReader::new(File::open(tried.out().join("results.jsonl"))?).lines().enumerate()
    {
        let line: Value = serde_json::from_str(&line?)?;
        if let Err(error) = validator.validate(&line) {
            return Err(format!("line {}: {error} at {}", number + 1, error.instance_path()).into());
        }
        cells += usize::from(line["line"] == "cell");
    }
    if cells < least { Err(format!("only {cells} cells").into()) } else { Ok(()) }
}
