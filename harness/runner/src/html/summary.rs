//! The top of the page: how the run ended, what the target may say of itself, and how many cells showed what.

use maud::{Markup, html};
use oplock_model::Facts;

use super::tone::Tone;
use crate::console::counted;
use crate::exit::Exit;
use crate::record::{Footer, Record};
use crate::verdict::{self, Verdict};

/// The title of the page.
#[must_use]
pub fn title(record: &Record) -> String {
    let Facts { product, version, .. } = &record.header.target;
    let parts = ["oplock conformance:", product.as_str(), version];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The top of the page.
#[must_use]
pub fn summary(record: &Record) -> Markup {
    let header = &record.header;
    let Facts { product, version, .. } = &header.target;
    let ended = Ended::of(record);
    html! {
        section #summary aria-labelledby="summary-title" {
            h1 #summary-title { (product) " " span.version { (version) } }
            p class={ "verdict " (ended.tone.class()) } {
                strong { (ended.headline) } " " span.why { (ended.why) }
            }
            @if let Some(footer) = &record.footer { (claims(footer)) }
            (counts(record))
            (axes(record))
            dl.facts.run { (facts(record)) }
        }
    }
}

/// How a run ended, for somebody who reads one line.
struct Ended {
    tone: Tone,
    headline: &'static str,
    why: String,
}

impl Ended {
    fn of(record: &Record) -> Ended {
        let Some(footer) = &record.footer else {
            let (told, planned) = (record.cells.len(), record.header.planned);
            let why = format!("{told} of {} have a result", counted(planned, "planned cell"));
            return Ended { tone: Tone::Broken, headline: "The run was cut off", why };
        };
        let code = |exit: Exit| footer.exit == exit.code();
        let (tone, headline) = match footer.exit {
            _ if code(Exit::Ok) => (Tone::Pass, "Nothing unexpected"),
            _ if code(Exit::Conformance) => (Tone::Red, "Does not conform"),
            _ if code(Exit::Outdated) => (Tone::Outdated, "The deviation list is out of date"),
            _ => (Tone::Broken, "Not everything ran"),
        };
        let wrong = record.cells.iter().filter(|brief| Tone::of(brief).is_wrong()).count();
        let early = footer.ended_early.as_ref().map(|why| format!("; ended early: {why}"));
        let why = format!(
            "{wrong} of {} not as they should be; exit code {}{}",
            counted(record.cells.len(), "cell"),
            footer.exit,
            early.unwrap_or_default()
        );
        Ended { tone, headline, why }
    }
}

fn claims(footer: &Footer) -> Markup {
    html! {
        @if !footer.claims.is_empty() {
            ul.claims {
                @for claim in &footer.claims {
                    li class=(if claim.given { "given" } else { "withheld" }) { (claim.text) }
                }
            }
        }
    }
}

/// A link for each verdict and for what nobody owes; with the script of the page they list those cells.
fn counts(record: &Record) -> Markup {
    let counts = verdict::counts(record.cells.iter().map(|brief| brief.verdict));
    let recorded = record.cells.iter().filter(|brief| Tone::of(brief) == Tone::Recorded).count();
    html! {
        ul.counts aria-label="Cells by verdict" {
            @for (verdict, count) in counts {
                li {
                    a.count href={ "#verdict=" (verdict.words().replace(' ', "+")) } {
                        span class={ "swatch " (plainly(verdict).class()) } {}
                        strong { (count) } " " (verdict.words())
                    }
                }
            }
            @if recorded > 0 {
                li {
                    a.count href="#verdict=recorded" {
                        span class={ "swatch " (Tone::Recorded.class()) } {}
                        strong { (recorded) } " only recorded"
                    }
                }
            }
        }
    }
}

/// The colour of a verdict where the obligation is `must`.
fn plainly(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Pass,
        Verdict::Skipped => Tone::Skipped,
        Verdict::KnownDeviation => Tone::Known,
        Verdict::UnexpectedPass => Tone::Outdated,
        Verdict::Error => Tone::Broken,
        Verdict::Fail | Verdict::FailedDifferently | Verdict::Flaky | Verdict::Inconclusive => {
            Tone::Red
        }
    }
}

/// The counts of each of several axes.
fn axes(record: &Record) -> Markup {
    let legs = &record.header.legs;
    html! {
        @if legs.len() > 1 {
            div.scroll tabindex="0" role="region" aria-label="Cells by axes" {
                table.plain {
                    thead { tr { th scope="col" { "axes" } th scope="col" { "cells" } } }
                    tbody {
                        @for (index, leg) in legs.iter().enumerate() {
                            tr {
                                th scope="row" { a href={ "#axes=" (index) } { (leg.axes) } }
                                td { (in_leg(record, index)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn in_leg(record: &Record, leg: usize) -> String {
    let own = record.cells.iter().filter(|brief| brief.leg == leg);
    let counts = verdict::counts(own.map(|brief| brief.verdict));
    let counts = counts.into_iter().map(|(verdict, count)| format!("{count} {}", verdict.words()));
    counts.collect::<Vec<_>>().join(", ")
}

fn facts(record: &Record) -> Markup {
    let header = &record.header;
    let fact = |name: &str, value: &str| {
        html! { @if !value.is_empty() { div { dt { (name) } dd { (value) } } } }
    };
    let axes = match header.legs.as_slice() {
        [leg] => leg.axes.as_str(),
        _ => "",
    };
    let shard = header.shard.map(|shard| {
        let whole = counted(header.whole_plan, "cell");
        format!("{} of {}; the whole run has {whole}", shard.number, shard.of)
    });
    let took = record.footer.as_ref().map(|footer| format!("{:.1} s", footer.seconds));
    let played = match (header.repeat, header.retries) {
        (0 | 1, 0) => String::new(),
        (0 | 1, retries) => format!(
            "up to {} where a cell was not as it should be",
            counted(retries as usize + 1, "time")
        ),
        (repeat, _) => format!("each cell {repeat} times"),
    };
    let strict = if header.strict { "what is owed only as `should` counts" } else { "" };
    let change = if header.fail_on_change { "an outcome that changed counts" } else { "" };
    let as_of = header.corpus_as_of.as_ref().map(|version| format!("as of {version}"));
    let judged_from = header.judged_from.as_ref().map(|from| {
        format!("again, from histories that {} recorded of corpus {}", from.tool, from.corpus)
    });
    let store = match header.store_cells {
        0 => String::new(),
        cells => format!("{} not asked: a live target has none", counted(cells, "store cell")),
    };
    let nodes = header.spread_over_nodes.map(|nodes| format!("clients spread over {nodes}"));
    html! {
        (fact("axes", axes))
        (fact("began", &header.began))
        (fact("took", took.as_deref().unwrap_or_default()))
        (fact("tool", &header.tool))
        (fact("corpus", &header.corpus))
        (fact("judged", judged_from.as_deref().unwrap_or_default()))
        (fact("judged", as_of.as_deref().unwrap_or_default()))
        (fact("shard", shard.as_deref().unwrap_or_default()))
        (fact("nodes", nodes.as_deref().unwrap_or_default()))
        (fact("played", &played))
        (fact("strict", strict))
        (fact("changes", change))
        (fact("store layer", &store))
        div.wide { dt { "again" } dd.command { code { "oplock-conformance " (header.again) } } }
    }
}
