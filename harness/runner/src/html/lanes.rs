//! The chart of a cell as a picture: a lane for each actor, the server at the left, time downwards.
//!
//! Every arrow runs between the server's line and the lane of its actor; what it says stands in the lane. A break is a heavy arrow
//! towards its holder, an acknowledgement the way back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use maud::{Markup, html};

use crate::record::ChartLine;

/// Where the server's line is; steps and times stand left of it.
const SERVER: u32 = 108;
/// The right end of the times.
const TIMES: u32 = 90;
/// From the server's line, or the end of a lane, to the next lane.
const GAP: u32 = 54;
/// From a lane to its texts.
const INDENT: u32 = 8;
/// The height of a line of text.
const LINE: u32 = 15;
/// The height of the names of the lanes.
const HEAD: u32 = 30;
/// The width of a letter of the fixed-width face that the style sheet asks for, in tenths.
const LETTER: u32 = 73;
/// A longer text goes on in the next line.
const WRAPPED_AT: usize = 46;
/// No text of a server makes a picture without bounds.
const LONGEST: usize = 600;
/// Nor does a chart with so many lines.
const MOST_LINES: usize = 400;

/// The picture of these lines; `what_else` are texts below the marked one: what was expected, what was observed.
#[must_use]
pub fn picture(chart: &[ChartLine], name: &str, below: &[(&'static str, String)]) -> Markup {
    let shown = chart.get(..MOST_LINES).unwrap_or(chart);
    let lanes = Lanes::of(shown);
    let mut drawn = Drawing::new(&lanes);
    for line in shown {
        drawn.line(line, below);
    }
    if let Some(more) = chart.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        drawn.note("dim", &format!("and {more} more lines: see the results"), None);
    }
    drawn.finish(name)
}

/// Where the lanes are.
struct Lanes<'a> {
    /// The name of each, and where its line is.
    lanes: Vec<(&'a str, u32)>,
    width: u32,
}

impl<'a> Lanes<'a> {
    /// As wide as their texts want it, in the order in which their actors come.
    fn of(chart: &'a [ChartLine]) -> Lanes<'a> {
        let mut widest: Vec<(&str, usize)> = Vec::new();
        let mut notes = 0;
        for line in chart {
            let texts = [line.text.as_str(), line.answer.as_str()];
            let widths =
                texts.iter().flat_map(|text| wrapped(text)).map(|part| part.chars().count());
            let width = widths.max().unwrap_or_default();
            match line.actor.as_deref() {
                None => notes = notes.max(width),
                Some(actor) => match widest.iter_mut().find(|(name, _)| *name == actor) {
                    Some((_, known)) => *known = width.max(*known),
                    None => widest.push((actor, width)),
                },
            }
        }
        let mut lanes = Vec::new();
        let mut x = SERVER;
        for (actor, width) in widest {
            let lane = x + GAP;
            lanes.push((actor, lane));
            x = lane + INDENT + letters(width.max(12));
        }
        let notes = SERVER + INDENT + letters(notes);
        Lanes { lanes, width: x.max(notes) + 12 }
    }

    fn x(&self, actor: &str) -> Option<u32> {
        self.lanes.iter().find(|(name, _)| *name == actor).map(|(_, x)| *x)
    }
}

/// The width of so many letters.
fn letters(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / LETTER).saturating_mul(LETTER) / 10
}

/// Which way an arrow goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToServer,
    FromServer,
}

/// The picture while it is drawn.
struct Drawing<'a> {
    lanes: &'a Lanes<'a>,
    /// The end of what is drawn.
    y: u32,
    step: usize,
    /// Arrows by class.
    paths: BTreeMap<&'static str, String>,
    /// Bands behind the texts: class, from, height.
    bands: Vec<(&'static str, u32, u32)>,
    texts: Vec<Markup>,
}

impl<'a> Drawing<'a> {
    fn new(lanes: &'a Lanes<'a>) -> Drawing<'a> {
        let (paths, bands, texts) = (BTreeMap::new(), Vec::new(), Vec::new());
        Drawing { lanes, y: HEAD, step: 0, paths, bands, texts }
    }

    fn line(&mut self, line: &ChartLine, below: &[(&'static str, String)]) {
        if line.step != self.step {
            self.step = line.step;
            self.y += 4;
            let y = self.y;
            self.path("rule", format_args!("M0 {y}H{}", self.lanes.width));
            self.text("step", 4, y + LINE, &line.step.to_string());
        }
        let from = self.y;
        self.time(line);
        match line.actor.as_deref().and_then(|actor| self.lanes.x(actor)) {
            Some(x) => self.in_lane(line, x),
            None => self.across(line),
        }
        if line.marked {
            let x = line.actor.as_deref().and_then(|actor| self.lanes.x(actor));
            for (class, text) in below {
                self.note(class, text, x);
            }
            self.bands.push(("hit", from, self.y + 3 - from));
        }
        self.y += 5;
    }

    fn time(&mut self, line: &ChartLine) {
        let plus = if line.open { "+" } else { "" };
        let text = format!("{plus}{}", milliseconds(line.at_us));
        let y = self.y + LINE;
        self.texts.push(html! { text.time x=(TIMES) y=(y) { (text) } });
    }

    /// What an actor does or sees, and the answer that came at once.
    fn in_lane(&mut self, line: &ChartLine, x: u32) {
        let text = line.text.as_str();
        let said = |start: &str| text.strip_prefix(start);
        if let Some(said) = said("-> ").or(said("+> ")) {
            let class = if said.starts_with("ack ") { "ack" } else { "call" };
            self.arrow(class, Way::ToServer, x);
            self.note(class, said, Some(x));
        } else if let Some(said) = said("<- ") {
            let class = match said {
                _ if line.breaks => "break",
                "connection gone" => "gone",
                _ if said.starts_with("finding") => "finding",
                _ => "answer",
            };
            if class == "gone" {
                let y = self.y + LINE - 4;
                self.path("gone", format_args!("M{} {}l8 8m0-8-8 8", x - 4, y - 4));
            } else {
                self.arrow(class, Way::FromServer, x);
            }
            self.note(class, said, Some(x));
        } else {
            self.note("missing", text, Some(x));
        }
        match line.answer.as_str() {
            "" => {}
            ".. pending" => self.note("dim", "pending", Some(x)),
            answer => match answer.strip_prefix("<- ") {
                Some(said) => {
                    self.arrow("answer", Way::FromServer, x);
                    self.note("answer", said, Some(x));
                }
                None => self.aside(answer, x),
            },
        }
    }

    /// What stands where an answer would.
    fn aside(&mut self, text: &str, x: u32) {
        let class = if text.starts_with("expected ") { "expected" } else { "dim" };
        self.note(class, text, Some(x));
    }

    /// What no actor does: time passes, something never came, the harness speaks.
    fn across(&mut self, line: &ChartLine) {
        let class = match line.text.as_str() {
            text if text.starts_with("time passes") => "wait",
            text if text.starts_with('(') => "missing",
            _ => "fault",
        };
        let from = self.y;
        self.note(class, &line.text, None);
        if class == "wait" {
            self.bands.push(("wait", from + 2, self.y + 2 - from));
        }
        if !line.answer.is_empty() {
            self.aside(&line.answer, SERVER);
        }
    }

    fn arrow(&mut self, class: &'static str, way: Way, x: u32) {
        let y = self.y + LINE - 4;
        let (from, to, back) = match way {
            Way::ToServer => (x, SERVER, "m7-4-7 4 7 4"),
            Way::FromServer => (SERVER, x, "m-7-4 7 4-7 4"),
        };
        self.path(class, format_args!("M{from} {y}H{to}"));
        // The tip of a dashed arrow is not dashed.
        let tip = if class == "answer" { "tip" } else { class };
        self.path(tip, format_args!("M{to} {y}{back}"));
    }

    fn path(&mut self, class: &'static str, path: std::fmt::Arguments<'_>) {
        // Writing to a String never fails.
        let _ = self.paths.entry(class).or_default().write_fmt(path);
    }

    /// A text in lines of its own, in a lane or across all of them.
    fn note(&mut self, class: &'static str, text: &str, lane: Option<u32>) {
        for part in wrapped(text) {
            self.y += LINE;
            self.text(class, lane.unwrap_or(SERVER) + INDENT, self.y, &part);
        }
    }

    fn text(&mut self, class: &'static str, x: u32, y: u32, text: &str) {
        self.texts.push(html! { text class=(class) x=(x) y=(y) { (text) } });
    }

    fn finish(self, name: &str) -> Markup {
        let Drawing { lanes, y, paths, bands, texts, .. } = self;
        let (width, height) = (lanes.width, y + 6);
        html! {
            svg.lanes viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
                role="figure" aria-label={ "What " (name) " did, step by step" } {
                @for (class, from, height) in bands {
                    rect class=(class) y=(from) width=(width) height=(height) {}
                }
                text.server x=(SERVER) y="18" { "server" }
                path.server d={ "M" (SERVER) " 24V" (height) } {}
                @for (actor, x) in &lanes.lanes {
                    text.actor x=(x) y="18" { (shortened(actor, 16)) }
                    path.life d={ "M" (x) " 24V" (height) } {}
                }
                @for (class, path) in paths {
                    path class=(class) d=(path) {}
                }
                @for text in texts { (text) }
            }
        }
    }
}

/// In lines that a lane has room for, at blanks where there are any.
fn wrapped(text: &str) -> Vec<String> {
    let text = shortened(text, LONGEST);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut width = 0;
    for word in text.split_inclusive(' ') {
        let long = word.trim_end().chars().count();
        if width > 0 && width + long > WRAPPED_AT {
            lines.push(std::mem::take(&mut line));
            width = 0;
        }
        for letter in word.chars() {
            if width == WRAPPED_AT && letter != ' ' {
                lines.push(std::mem::take(&mut line));
                width = 0;
            }
            line.push(letter);
            width += 1;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Microseconds for people: `0.4 ms`, `12 ms`, `35.1 s`.
#[must_use]
pub fn milliseconds(micros: u64) -> String {
    match micros {
        0 => "0 ms".to_owned(),
        1..10_000 => format!("{:.1} ms", micros as f64 / 1e3),
        10_000..10_000_000 => format!("{:.0} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn line(step: usize, actor: &str, text: &str, answer: &str, at_us: u64) -> ChartLine {
        ChartLine {
            step,
            actor: Some(actor.to_owned()).filter(|actor| !actor.is_empty()),
            text: text.to_owned(),
            answer: answer.to_owned(),
            at_us,
            open: text.starts_with("<- "),
            breaks: text.starts_with("<- break "),
            marked: text.contains("open b"),
        }
    }

    /// The example of the design.
    #[test]
    fn a_failure_looks_like_this() {
        let chart = [
            line(1, "A", "-> open f as a rw/rwd batch", "<- success batch", 0),
            line(2, "B", "-> open f as b rw/rwd", ".. pending", 2_000),
            line(2, "A", "<- break a batch>ii ack", "", 3_000),
            line(2, "B", "<- open b success ii", "expected only after ack", 4_100),
            line(3, "", "time passes: ack_timeout", "", 35_000_000),
            line(4, "A", "-> ack a ii", "<- success ii", 36_000_000),
            line(5, "A", "<- connection gone", "", 36_000_000),
            line(5, "", "fault: the connection was closed", "", 36_000_000),
        ];
        let below = [("observed", "observed success ii".to_owned())];
        let picture = picture(&chart, "oplock/batch/x", &below).0;
        insta::assert_snapshot!(picture.replace("><", ">\n<"));
    }

    #[test]
    fn no_chart_is_without_bounds() {
        let long = "x".repeat(100_000);
        let chart = vec![line(1, "A", &format!("-> {long}"), &long, u64::MAX); 2_000];
        assert!(picture(&chart, "x", &[]).0.len() < 2_000_000);
        let actors: Vec<_> =
            (0..2_000).map(|actor| line(1, &format!("A{actor}"), "-> x", "", 0)).collect();
        assert!(picture(&actors, "x", &[]).0.len() < 2_000_000);
        assert!(picture(&[], "x", &[]).0.contains("<svg"));
    }

    #[test]
    fn every_text_is_escaped() {
        let hostile = "<script>alert(1)</script>\"'&";
        let chart = [line(1, hostile, hostile, hostile, 0), line(2, "", hostile, hostile, 0)];
        let below = [("observed", hostile.to_owned())];
        let picture = picture(&chart, hostile, &below).0;
        assert!(!picture.contains("<script"), "{picture}");
    }

    #[rstest]
    #[case("", &[])]
    #[case("open f as a", &["open f as a"])]
    #[case(
        "open a/rather/long/name as the-first rw/rwd lease RWH key k1 parent k2",
        &["open a/rather/long/name as the-first rw/rwd", "lease RWH key k1 parent k2"]
    )]
    fn long_texts_go_on(#[case] text: &str, #[case] lines: &[&str]) {
        assert_eq!(wrapped(text), lines);
    }

    #[test]
    fn a_word_that_fits_no_line_is_cut() {
        let lines = wrapped(&"ü".repeat(100));
        assert_eq!(lines.iter().map(|line| line.chars().count()).collect::<Vec<_>>(), [46, 46, 8]);
    }

    #[rstest]
    #[case(0, "0 ms")]
    #[case(400, "0.4 ms")]
    #[case(12_345, "12 ms")]
    #[case(35_100_000, "35.1 s")]
    fn times(#[case] micros: u64, #[case] text: &str) {
        assert_eq!(milliseconds(micros), text);
    }
}
