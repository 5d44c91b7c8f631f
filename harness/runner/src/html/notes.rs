//! What there is to know of a run besides its cells: contradicted claims, the deviation list, changed outcomes, skips, speed.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::lanes::milliseconds;
use super::tone::Tone;
use crate::console::counted;
use crate::deviations::{Listed, Outdated, by_entry};
use crate::record::{Changed, Footer, Record, Speeds, Spread};

/// More of one kind is left to the results.
const MOST: usize = 500;

/// What wants somebody's work: above the cells.
#[must_use]
pub fn work(record: &Record) -> Markup {
    let Some(footer) = &record.footer else { return html! {} };
    let by_entry = by_entry(record);
    let list: Vec<&Outdated> =
        by_entry.iter().chain(&footer.outdated).chain(&footer.due_soon).collect();
    html! {
        @if !footer.contradicted.is_empty() {
            section aria-labelledby="contradicted-title" {
                h2 #contradicted-title { "Claims that the target contradicted" }
                ul.findings { @for text in footer.contradicted.iter().take(MOST) { li { (text) } } }
            }
        }
        @if !list.is_empty() {
            section aria-labelledby="list-title" {
                h2 #list-title { "Deviation list" }
                ul.findings {
                    @for found in list.iter().take(MOST) {
                        li { span.dim { "line " (found.line) " " } (found.message) }
                    }
                }
            }
        }
        @if !footer.changed.is_empty() { (changes(footer)) }
    }
}

fn changes(footer: &Footer) -> Markup {
    html! {
        section aria-labelledby="changed-title" {
            h2 #changed-title { "Changed outcomes (" (footer.changed.len()) ")" }
            p.dim { "The verdicts held; " code { "oplock-conformance bless" } " keeps the new outcome." }
            @for change in footer.changed.iter().take(MOST) { (changed(change)) }
            @if let Some(more) = footer.changed.len().checked_sub(MOST).filter(|more| *more > 0) {
                p.dim { "and " (more) " more: see the results" }
            }
        }
    }
}

fn changed(change: &Changed) -> Markup {
    html! {
        details.more {
            summary { (change.case) }
            pre.difference {
                @for line in change.difference.lines() {
                    @let class = match line.as_bytes().first() {
                        Some(b'-') => "before",
                        Some(b'+') => "after",
                        _ => "same",
                    };
                    span class=(class) { (line) "\n" }
                }
            }
        }
    }
}

/// What may be looked up: below the cells.
#[must_use]
pub fn figures(record: &Record) -> Markup {
    let skips = skips(record);
    html! {
        @if !skips.is_empty() {
            section aria-labelledby="skips-title" {
                h2 #skips-title { "Skipped, by reason" }
                table.plain {
                    tbody {
                        @for (reason, count) in skips.iter().take(MOST) {
                            tr { td.number { (count) } td { (reason) } }
                        }
                    }
                }
            }
        }
        @if let Some(listed) = record.header.deviations.as_ref().filter(|listed| !listed.entries.is_empty()) {
            (entries(record, listed))
        }
        @if let Some(footer) = &record.footer {
            @if !footer.speeds.is_empty() { (speeds(footer)) }
            @if !footer.hooks.is_empty() {
                section aria-labelledby="hooks-title" {
                    h2 #hooks-title { "The vendor's own commands" }
                    @for line in &footer.hooks { pre { (line) } }
                }
            }
            @if footer.without_snapshot > 0 {
                p.dim { (counted(footer.without_snapshot, "case")) " without a snapshot" }
            }
        }
    }
}

/// The entries of the deviation list, each with how many cells it had a word in.
fn entries(record: &Record, listed: &Listed) -> Markup {
    let mut cells: BTreeMap<u64, usize> = BTreeMap::new();
    for line in record.cells.iter().filter_map(|brief| brief.deviation) {
        *cells.entry(line).or_default() += 1;
    }
    html! {
        section aria-labelledby="entries-title" {
            h2 #entries-title { "Known deviations (" (listed.entries.len()) ")" }
            p.dim { "The entries of " code { (listed.file) } " for this version." }
            div.scroll tabindex="0" role="region" aria-label="Known deviations" {
                table.plain {
                    thead {
                        tr {
                            th scope="col" { "line" } th scope="col" { "cases" } th scope="col" { "cells" }
                            th scope="col" { "because" } th scope="col" { "review" }
                        }
                    }
                    tbody {
                        @for entry in listed.entries.iter().take(MOST) {
                            tr {
                                td.number { (entry.line) }
                                th scope="row" { (entry.cases) }
                                td.number { (cells.get(&entry.line).copied().unwrap_or_default()) }
                                td {
                                    (entry.because)
                                    @if let Some(reference) = &entry.reference { " (" (reference) ")" }
                                }
                                td { (entry.review.as_deref().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Skipped cells by their reason, the most first.
fn skips(record: &Record) -> Vec<(&str, usize)> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for brief in record.cells.iter().filter(|brief| Tone::of(brief) == Tone::Skipped) {
        *reasons.entry(brief.reason.as_deref().unwrap_or("no reason is told")).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    reasons
}

fn speeds(footer: &Footer) -> Markup {
    html! {
        section aria-labelledby="speed-title" {
            h2 #speed-title { "How fast it was" }
            p.dim { "From a call to the break that it causes, and from an acknowledgement to the answer that it releases." }
            div.scroll tabindex="0" role="region" aria-label="How fast it was" {
                table.plain.speed {
                    thead {
                        tr {
                            th rowspan="2" scope="col" { "theme" }
                            th colspan="4" scope="colgroup" { "break" }
                            th colspan="4" scope="colgroup" { "release" }
                        }
                        tr {
                            @for _ in 0..2 {
                                th scope="col" { "count" } th scope="col" { "p50" }
                                th scope="col" { "p99" } th scope="col" { "max" }
                            }
                        }
                    }
                    tbody {
                        @for (theme, Speeds { break_, release }) in &footer.speeds {
                            tr { th scope="row" { (theme) } (spread(break_)) (spread(release)) }
                        }
                    }
                }
            }
        }
    }
}

fn spread(spread: &Option<Spread>) -> Markup {
    html! {
        @match spread {
            Some(Spread { count, p50, p99, max }) => {
                td.number { (count) }
                @for micros in [p50, p99, max] { td.number { (milliseconds(*micros)) } }
            }
            None => td.number colspan="4" { "–" },
        }
    }
}
