//! What a probe found, theme by theme: the same for people and for tools.

use std::collections::BTreeMap;
use std::time::Duration;

use oplock_live::{
    Answer, Attempt, BreakTimer, CIPHERS, Came, Dialect, Probed, Signing, TimerEnd, ciphers,
};
use oplock_model::{Capability, Claimed, Facts, Latencies, Spread};
use serde::Serialize;

use super::calibration::{BREAK, Factors, QUIET, shown};
use super::themes::{ELSEWHERE, MORE, THEMES};
use crate::contradiction::contradictions;
use crate::waits::{Bounds, Calibrated, Waits};

/// The version of the form in which tools read it.
pub const FORMAT: u32 = 1;

/// Everything that a probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// Short product name.
    pub product: String,
    /// Its version.
    pub version: String,
    /// Where it is: host, port and share; empty at the reference.
    pub place: String,
    /// The axes in which everything but dialects, signing and encryption was asked.
    pub axes: String,
    /// The answers.
    pub themes: Vec<Theme>,
    /// Answers that break the protocol, each with the axes that were tried.
    pub findings: Vec<String>,
    /// Capabilities of which the profile claims what the target does not show.
    pub contradicted: Vec<String>,
}

/// Answers that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Theme {
    /// Its heading.
    pub title: String,
    /// Its answers.
    pub rows: Vec<Row>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What was asked.
    pub name: String,
    /// The answer: `yes`, `no`, or what there is.
    pub answer: String,
    /// How it was found.
    pub found: String,
    /// What the profile claims, where it does: `yes`, `no`, with its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<String>,
    /// Whether the answer contradicts the claim.
    pub contradicts: bool,
}

impl Report {
    /// What the reference says of itself: it has no transport, and nothing about it is measured.
    #[must_use]
    pub fn of_reference(facts: &Facts, known: &[String]) -> Report {
        let themes = capabilities(facts, known);
        Report::new(facts, String::new(), themes, Vec::new())
    }

    /// What a server showed; its waits would be chosen between these bounds.
    #[must_use]
    pub fn of_server(
        probed: &Probed,
        place: String,
        known: &[String],
        bounds: &Calibrated,
        waits: &Waits,
    ) -> Report {
        let Probed { facts, attempts, server, share, timers, .. } = probed;
        let mut themes = vec![
            dialects(attempts, facts),
            signing(attempts),
            encryption(attempts),
            said("server", server),
            said("share", share),
        ];
        themes.extend(capabilities(facts, known));
        themes.push(break_timer(facts, timers));
        themes.push(latencies(facts.latencies.as_ref()));
        themes.push(chosen(waits, bounds, facts.latencies.as_ref()));
        let odd = attempts.iter().filter_map(|attempt| match &attempt.came {
            Came::Odd(what) => Some(format!("{}: {what}", attempt.axes.name())),
            Came::Taken { .. } | Came::Refused(_) => None,
        });
        Report::new(facts, place, themes, odd.collect())
    }

    fn new(facts: &Facts, place: String, mut themes: Vec<Theme>, findings: Vec<String>) -> Report {
        let contradicted = contradictions(&[facts]).into_iter().map(|found| found.name);
        let contradicted: Vec<String> = contradicted.collect();
        for row in themes.iter_mut().flat_map(|theme| &mut theme.rows) {
            // What an older dialect does not find contradicts nothing.
            row.contradicts = contradicted.contains(&row.name);
        }
        Report {
            format: FORMAT,
            product: facts.product.clone(),
            version: facts.version.clone(),
            place,
            axes: facts.axes.clone(),
            themes,
            findings,
            contradicted,
        }
    }
}

impl Row {
    fn new(name: impl Into<String>, answer: impl Into<String>, found: impl Into<String>) -> Row {
        let (name, answer, found) = (name.into(), answer.into(), found.into());
        Row { name, answer, found, claimed: None, contradicts: false }
    }

    fn of_capability(name: &str, facts: &Facts) -> Row {
        match facts.capabilities.get(name) {
            Some(capability) => {
                Row::new(name, yes(capability.present), &capability.source).with_claim(capability)
            }
            None => Row::new(name, "no", "this target was not asked"),
        }
    }

    fn with_claim(self, capability: &Capability) -> Row {
        let claimed = capability.claimed.as_ref().map(|Claimed { has, because }| match because {
            Some(because) => format!("{}: {because}", yes(*has)),
            None => yes(*has).to_owned(),
        });
        Row { claimed, ..self }
    }
}

/// Capabilities by theme, each that is known once.
fn capabilities(facts: &Facts, known: &[String]) -> Vec<Theme> {
    let mut rest: BTreeMap<&str, ()> = known.iter().map(|name| (name.as_str(), ())).collect();
    ELSEWHERE.iter().for_each(|name| {
        rest.remove(name);
    });
    let mut themes: Vec<Theme> = THEMES
        .iter()
        .map(|(title, names)| {
            let rows = names.iter().filter(|name| rest.remove(**name).is_some());
            theme(title, rows.map(|name| Row::of_capability(name, facts)).collect())
        })
        .collect();
    if !rest.is_empty() {
        let rows = rest.keys().map(|name| Row::of_capability(name, facts)).collect();
        themes.push(theme(MORE, rows));
    }
    themes
}

fn dialects(attempts: &[Attempt], facts: &Facts) -> Theme {
    let row = |dialect: Dialect| {
        let name = dialect.word();
        let tried: Vec<&Attempt> = of(attempts, dialect).collect();
        let taken = tried.iter().find(|attempt| attempt.is_taken());
        let row = match taken.or(tried.first()) {
            Some(attempt) if attempt.is_taken() => {
                Row::new(name, "yes", format!("a login that offers only it: {}", attempt.came))
            }
            Some(attempt) => Row::new(name, "no", attempt.came.to_string()),
            None => Row::new(name, "unknown", "not tried"),
        };
        match facts.capabilities.get(name) {
            Some(capability) => row.with_claim(capability),
            None => row,
        }
    };
    theme("dialects", Dialect::ALL.into_iter().map(row).collect())
}

/// `unsigned` is a way too: whoever is let in with it need not sign.
fn signing(attempts: &[Attempt]) -> Theme {
    let mut rows = Vec::new();
    for dialect in Dialect::ALL {
        let tried = of(attempts, dialect).filter(|attempt| attempt.axes.encryption.is_none());
        let word = |attempt: &Attempt| {
            let known = Signing::WORDS.iter().find(|(_, way)| *way == attempt.axes.signing);
            known.map(|(word, _)| *word).unwrap_or_default()
        };
        rows.push(ways(dialect, tried, word));
    }
    let modes = attempts.iter().filter_map(|attempt| match attempt.came {
        Came::Taken { security_mode, .. } => Some(security_mode),
        Came::Refused(_) | Came::Odd(_) => None,
    });
    let modes: Vec<u16> = modes.collect();
    let required = modes.iter().any(|mode| mode & SIGNING_REQUIRED != 0);
    let found = match modes.first() {
        Some(mode) => format!("SecurityMode {mode:#06x} of its answers"),
        None => "no login worked".to_owned(),
    };
    rows.push(Row::new("required", yes(required), found));
    theme("signing", rows)
}

/// SMB2_NEGOTIATE_SIGNING_REQUIRED (MS-SMB2 2.2.4, SecurityMode).
const SIGNING_REQUIRED: u16 = 0x2;

fn encryption(attempts: &[Attempt]) -> Theme {
    let mut rows = Vec::new();
    for dialect in Dialect::ALL.into_iter().filter(|dialect| !ciphers(*dialect).is_empty()) {
        let tried = of(attempts, dialect).filter(|attempt| attempt.axes.encryption.is_some());
        let word = |attempt: &Attempt| {
            let known = CIPHERS.iter().find(|(_, cipher)| Some(*cipher) == attempt.axes.encryption);
            known.map(|(word, _)| *word).unwrap_or_default()
        };
        rows.push(ways(dialect, tried, word));
    }
    let clear = attempts.iter().find(|a| a.axes.encryption.is_none() && a.is_taken());
    rows.push(match clear {
        Some(attempt) => {
            Row::new("demanded", "no", format!("a login in {} works", attempt.axes.name()))
        }
        None => Row::new("demanded", "yes", "no login in clear works"),
    });
    theme("encryption", rows)
}

/// Which ways of one dialect are taken, and why the others are not.
fn ways<'a>(
    dialect: Dialect,
    tried: impl Iterator<Item = &'a Attempt>,
    word: impl Fn(&Attempt) -> &'static str,
) -> Row {
    let (taken, others): (Vec<_>, Vec<_>) = tried.partition(|attempt| attempt.is_taken());
    let words: Vec<&str> = taken.into_iter().map(&word).collect();
    let answer = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for attempt in others {
        let reason = attempt.came.to_string();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, words)) => words.push(word(attempt)),
            None => reasons.push((reason, vec![word(attempt)])),
        }
    }
    let found = reasons.iter().fold("a login with each".to_owned(), |found, (reason, words)| {
        format!("{found}; {}: {reason}", words.join(", "))
    });
    Row::new(dialect.word(), answer, found)
}

fn of(attempts: &[Attempt], dialect: Dialect) -> impl Iterator<Item = &Attempt> {
    attempts.iter().filter(move |attempt| attempt.axes.dialect == dialect)
}

fn said(title: &str, answers: &[Answer]) -> Theme {
    let row = |answer: &Answer| Row::new(answer.name, &answer.value, &answer.source);
    theme(title, answers.iter().map(row).collect())
}

fn break_timer(facts: &Facts, timers: &[BreakTimer]) -> Theme {
    let mut row = Row::of_capability("break_timer", facts);
    if row.found.starts_with(Capability::ASSUMED) {
        row.found = "taken as present unless a profile says no".to_owned();
    }
    let mut rows = vec![row];
    if timers.is_empty() {
        rows.push(Row::new("class", "not measured", "--timer waits for it, most of a minute"));
    }
    for BreakTimer { held, ended } in timers {
        let name = format!("of {held}");
        let found = "a break that nobody acknowledged: from its notice to the opener's answer";
        rows.push(match ended {
            TimerEnd::After(time) => Row::new(name, class(*time), found),
            TimerEnd::Never(time) => Row::new(name, format!("none within {}", shown(*time)), found),
            TimerEnd::Unknown(why) => Row::new(name, "unknown", why),
        });
    }
    theme("break timer", rows)
}

/// The measured time with the servers that it is like: Windows and Samba take 35 s, found by a timer that ticks (MS-SMB2
/// 3.3.2.1 "Oplock Break Acknowledgment Timer").
fn class(time: Duration) -> String {
    let window = Waits::live().ack_timeout;
    let like = match time {
        time if time < window.earliest => {
            "shorter than the usual 35 s: set `ack_timeout` of `waits`"
        }
        time if time <= window.latest => "the usual 35 s",
        _ => "longer than the usual 35 s: set `ack_timeout` of `waits`",
    };
    format!("{:.1} s, {like}", time.as_secs_f64())
}

fn latencies(latencies: Option<&Latencies>) -> Theme {
    let row = |name: &str, spread: Option<Spread>, what: &str| match spread {
        Some(Spread { rounds, p50, p95, p99, max }) => {
            let [p50, p95, p99, max] =
                [p50, p95, p99, max].map(|micros| shown(Duration::from_micros(micros)));
            let answer = format!("p50 {p50}, p95 {p95}, p99 {p99}, max {max}");
            Row::new(name, answer, format!("{what}: {rounds} rounds, the slowest batch"))
        }
        None => Row::new(name, "not measured", format!("{what}: none came")),
    };
    let open = latencies.map(|found| found.open);
    let break_ = latencies.and_then(|found| found.break_);
    let release = latencies.and_then(|found| found.release);
    let loss = latencies.and_then(|found| found.loss);
    theme(
        "latency",
        vec![
            row("open", open, "a create and its answer"),
            row("break", break_, "a create and the notice of the break that it causes"),
            row("release", release, "an acknowledgement and the answer that it lets go"),
            row("loss", loss, "the loss of a holder's connection until it stands in nobody's way"),
        ],
    )
}

fn chosen(waits: &Waits, bounds: &Calibrated, latencies: Option<&Latencies>) -> Theme {
    let measured = latencies.is_some_and(|found| found.break_.is_some());
    let row = |name: &str, wait: Duration, how: String, Bounds { least, most }: Bounds| {
        let found = match (least == most, measured) {
            (true, _) => "the profile fixes it".to_owned(),
            (_, true) => format!("{how}, from {} to {}", shown(least), shown(most)),
            (_, false) => "no break was measured".to_owned(),
        };
        Row::new(name, shown(wait), found)
    };
    let how = |Factors { usual, slowest }: Factors| {
        format!(
            "{usual} times the usual break or release, or {slowest} times the slowest, losses too"
        )
    };
    let (quiet, break_) = (how(QUIET), how(BREAK));
    theme(
        "waits of a run",
        vec![
            row("quiet", waits.quiet, quiet, bounds.quiet),
            row("break", waits.break_, break_, bounds.break_),
        ],
    )
}

fn theme(title: &str, rows: Vec<Row>) -> Theme {
    Theme { title: title.to_owned(), rows }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}
