//! What a cell shows when it is opened: what its case demands, and what came.

use maud::{Markup, html};
use oplock_model::RuleId;

use super::lanes::{self, milliseconds};
use super::tone::Tone;
use crate::record::{Attempt, Brief, CaseLine, CellLine, Record, Rules};
use crate::screen::quoted;

/// More of what a case or a cell has is left to the results.
const MOST: usize = 64;

/// What all cells of a case have in common: the demand, and where it is from.
#[must_use]
pub fn case(case: &CaseLine) -> Markup {
    html! {
        div.about {
            p.says { (case.says) }
            @if !case.spec.is_empty() {
                ul.rules { @for name in case.spec.iter().take(MOST) { li { (rule(name)) } } }
            }
            dl.facts {
                (fact("owed", &case.obligation))
                @if !case.file.is_empty() { (fact("case", &format!("{}:{}", case.file, case.at_line))) }
                @if let Some(since) = &case.since { (fact("since", since)) }
                @if let Some(was) = &case.was { (fact("was", was)) }
                @if !case.tags.is_empty() { (fact("tags", &case.tags.join(", "))) }
            }
        }
    }
}

fn rule(name: &str) -> Markup {
    let Some(rule) = RuleId::parse(name).map(RuleId::rule) else {
        return html! { code { (name) } " is no rule that this version knows." };
    };
    html! {
        code { (rule.name) } " "
        span.source {
            (rule.document) " " (rule.section)
            @if !rule.title.is_empty() { " “" (rule.title) "”" }
        }
        span.sentence { (rule.sentence) }
    }
}

/// What this cell showed.
#[must_use]
pub fn cell(record: &Record, brief: &Brief, line: &CellLine) -> Markup {
    let name = record.name(brief);
    html! {
        div.came {
            @if let Some(reason) = &line.reason { (reasoned(brief, line, reason)) }
            @if line.expected.is_some() || line.observed.is_some() { (pair(line)) }
            @if !line.chart.is_empty() {
                figure.chart tabindex="0" { (lanes::picture(&line.chart, &name, &below(line))) }
            }
            @if !line.then.is_empty() {
                ul.then { @for then in line.then.iter().take(MOST) { li { "then " (then) } } }
            }
            dl.facts {
                @if let Some(why) = &line.why { (fact("why", why)) }
                @if let Some(signature) = &line.signature { (fact("signature", signature)) }
                @if let Some(at) = &line.at { (fact("at", at)) }
                (fact("took", &took(line)))
                @if let Some(speed) = speed(line) { (fact("speed", &speed)) }
                @if !line.needs.is_empty() { (fact("needs", &joined(line.needs.iter()))) }
                (fired(&line.rules))
                @if let Some(kept) = &line.kept { (fact("kept", kept)) }
                @if let Some(capture) = &line.capture {
                    dt { "capture" }
                    dd { a href={ "pcap/" (encoded(capture)) } { (capture) } }
                }
                (command(&again(record, brief)))
            }
            @if !line.attempts.is_empty() { (attempts(brief, &line.attempts)) }
            @for ran in line.hooks.iter().take(MOST) {
                details.more {
                    summary { "hook " (ran.moment) ": " code { (ran.command.join(" ")) } " " (ran.ended) }
                    pre { @if ran.output.is_empty() { "it said nothing" } @else { (ran.output) } }
                }
            }
            @if let Some(screen) = &line.screen {
                details.more { summary { "as text" } pre { (screen.trim_end()) } }
            }
        }
    }
}

/// The command that runs a cell again.
#[must_use]
pub fn again(record: &Record, brief: &Brief) -> String {
    format!("{} --exact {}", again_in(record, brief.leg), quoted(&brief.cell))
}

/// The same without the cell.
#[must_use]
pub fn again_in(record: &Record, leg: usize) -> String {
    let axes = record.header.legs.get(leg).map_or("", |leg| leg.axes.as_str());
    let axes = if axes.is_empty() { String::new() } else { format!(" --axes {}", quoted(axes)) };
    format!("oplock-conformance {}{axes}", record.header.again)
}

fn reasoned(brief: &Brief, line: &CellLine, reason: &str) -> Markup {
    let before = match Tone::of(brief) {
        Tone::Skipped => "Skipped: ",
        Tone::Known => "Known deviation: ",
        Tone::Outdated => "The deviation list: ",
        _ => "",
    };
    html! {
        p.reason {
            (before) (reason)
            @if let Some(entry) = line.deviation { " (line " (entry) " of the deviation list)" }
        }
    }
}

fn pair(line: &CellLine) -> Markup {
    let nothing = "nothing";
    html! {
        dl.pair {
            div.expected { dt { "expected" } dd { (line.expected.as_deref().unwrap_or(nothing)) } }
            div.observed { dt { "observed" } dd { (line.observed.as_deref().unwrap_or(nothing)) } }
        }
    }
}

/// What stands in the chart below the line where the cell left the path.
fn below(line: &CellLine) -> Vec<(&'static str, String)> {
    let marked = line.chart.iter().find(|line| line.marked);
    let told = marked.is_some_and(|line| line.answer.starts_with("expected "));
    let expected = line.expected.as_ref().filter(|_| !told);
    let observed = line.observed.as_ref();
    [
        expected.map(|text| ("expected", format!("expected {text}"))),
        observed.map(|text| ("observed", format!("observed {text}"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn took(line: &CellLine) -> String {
    milliseconds((line.duration_ms.clamp(0.0, 1e12) * 1e3) as u64)
}

fn speed(line: &CellLine) -> Option<String> {
    let told = |what: &str, micros: &[u64]| {
        let times: Vec<_> = micros.iter().take(MOST).map(|micros| milliseconds(*micros)).collect();
        (!times.is_empty()).then(|| format!("{what} after {}", times.join(", ")))
    };
    let latencies = &line.latencies;
    let parts = [told("break", &latencies.break_us), told("release", &latencies.release_us)];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn fired(rules: &Rules) -> Markup {
    html! {
        @if !rules.fired.is_empty() { (fact("applied", &joined(rules.fired.iter()))) }
    }
}

fn attempts(brief: &Brief, attempts: &[Attempt]) -> Markup {
    let (passed, plays) = brief.passed;
    html! {
        details.more open[passed > 0 && passed < plays] {
            summary { "played " (plays) " times, passed " (passed) }
            ol.attempts {
                @for play in attempts.iter().take(MOST) {
                    li {
                        (play.verdict.words()) " "
                        span.dim { (milliseconds((play.duration_ms.clamp(0.0, 1e12) * 1e3) as u64)) }
                        @if let Some(signature) = &play.signature { " " (signature) }
                    }
                }
                @if attempts.len() > MOST { li.dim { "and " (attempts.len() - MOST) " more" } }
            }
        }
    }
}

fn command(text: &str) -> Markup {
    html! { dt { "again" } dd.command { code { (text) } } }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { dt { (name) } dd { (value) } }
}

fn joined<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// A file name as a part of an address: it stays a name, whatever it holds.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    // A path that climbs is no name.
    if text == ".." { "%2E%2E".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("oplock-batch-x.pcapng", "oplock-batch-x.pcapng")]
    #[case("javascript:alert(1)", "javascript%3Aalert%281%29")]
    #[case("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd")]
    #[case("a b\"<>ü", "a%20b%22%3C%3E%C3%BC")]
    fn names_stay_names(#[case] name: &str, #[case] address: &str) {
        assert_eq!(encoded(name), address);
    }
}
