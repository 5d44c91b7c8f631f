//! A comparison for people.

use std::fmt::Write as _;

use super::lists::{Comparison, Moved, Shown};
use super::moves::Move;
use super::slower::NOISE;
use super::words::{counts, milliseconds, name, one_line, verdict};
use crate::console::counted;

/// So many of one kind are named, the others are counted: a server that is all wrong is no book.
const NAMED: usize = 40;

/// The whole text: what is worse first.
#[must_use]
pub fn text(found: &Comparison) -> String {
    let mut text = head(found);
    for move_ in Move::ALL {
        moves(&mut text, found, move_);
        // What is gone is worse than what fails in another way.
        if move_ == Move::NewlyKnown {
            vanished(&mut text, found);
            slower(&mut text, found);
        }
    }
    rates(&mut text, found);
    new(&mut text, found);
    let verdict = if found.regression { "regression" } else { "no regression" };
    // Writing to a String never fails.
    let _ = writeln!(text, "\n{verdict}: {}", counts(found));
    text
}

fn head(found: &Comparison) -> String {
    let mut text = String::new();
    for (word, run) in [("before", &found.before), ("now", &found.after)] {
        let began = if run.began.is_empty() { String::new() } else { format!(", {}", run.began) };
        let _ = writeln!(
            text,
            "{word:<6}  {}: {}{}  {}",
            one_line(&run.target()),
            counted(run.cells, "cell"),
            one_line(&began),
            one_line(&run.file)
        );
    }
    for note in &found.notes {
        let _ = writeln!(text, "        {}", one_line(note));
    }
    text
}

fn moves(text: &mut String, found: &Comparison, move_: Move) {
    let all: Vec<_> = found.moves(move_).collect();
    title(text, move_.words(), all.len(), "");
    for moved in all.iter().take(NAMED) {
        moved_cell(text, moved);
    }
    more(text, all.len());
}

fn moved_cell(text: &mut String, moved: &Moved) {
    let note = match (moved.gates, moved.move_) {
        (false, Move::Regressed | Move::NewlyInconclusive) => "   (nobody owes it)",
        (false, Move::NewlyKnown) => "   (accepted)",
        _ => "",
    };
    let _ = writeln!(text, "  {}{note}", name(&moved.cell, &moved.axes));
    if let Some(was) = &moved.was {
        let _ = writeln!(text, "      was    {}", one_line(was));
    }
    if moved.gates && !moved.says.is_empty() {
        let _ = writeln!(text, "      {}", one_line(&moved.says));
    }
    let (one, other) = (&moved.before, &moved.after);
    let _ = writeln!(text, "      {} -> {}", verdict(one), verdict(other));
    for (word, shown, other) in [("before", one, other), ("now", other, one)] {
        if let Some(why) = shown.why.as_ref().filter(|why| Some(*why) != other.why.as_ref()) {
            let _ = writeln!(text, "      {word:<6} {}", one_line(why));
        }
    }
    signatures(text, moved);
    if moved.other_steps {
        let _ = writeln!(text, "      the corpus asks it in other steps than before");
    }
    if moved.gates {
        let _ = writeln!(text, "      again  {}", one_line(&moved.again));
    }
}

/// What tells two ways to fail apart.
fn signatures(text: &mut String, moved: &Moved) {
    let (one, other): (&Shown, &Shown) = (&moved.before, &moved.after);
    if moved.move_ != Move::FailsDifferently {
        return;
    }
    for (sign, shown) in [("-", one), ("+", other)] {
        if let Some(signature) = &shown.signature {
            let _ = writeln!(text, "      {sign} {}", one_line(signature));
        }
    }
}

fn vanished(text: &mut String, found: &Comparison) {
    title(text, "vanished", found.vanished.len(), "");
    for vanished in found.vanished.iter().take(NAMED) {
        let _ = writeln!(text, "  {}", name(&vanished.cell, &vanished.axes));
        let _ = writeln!(text, "      {}; {}", verdict(&vanished.before), vanished.why.words());
    }
    more(text, found.vanished.len());
}

fn slower(text: &mut String, found: &Comparison) {
    title(text, "slower", found.slower.len(), NOISE);
    for slower in &found.slower {
        let _ = writeln!(
            text,
            "  {}  {} {}  {} -> {} ({:.1}x){}",
            one_line(&slower.theme),
            slower.wait.words(),
            slower.percentile.words(),
            milliseconds(slower.before_us),
            milliseconds(slower.after_us),
            slower.factor,
            if slower.gates { "" } else { "   (told only; --slower gates)" },
        );
    }
}

fn rates(text: &mut String, found: &Comparison) {
    title(text, "pass rates", found.rates.len(), "");
    for rate in found.rates.iter().take(NAMED) {
        let ((one, of_one), (other, of_other)) = (rate.before, rate.after);
        let name = name(&rate.cell, &rate.axes);
        let _ = writeln!(text, "  {name}  {one} of {of_one} -> {other} of {of_other}");
    }
    more(text, found.rates.len());
}

fn new(text: &mut String, found: &Comparison) {
    title(text, "new", found.new.len(), "they count from the next comparison on");
    for new in found.new.iter().take(NAMED) {
        let since = new.since.as_ref().map(|since| format!(", since {}", one_line(since)));
        let (name, verdict) = (name(&new.cell, &new.axes), verdict(&new.after));
        let _ = writeln!(text, "  {name}  {verdict}{}", since.unwrap_or_default());
    }
    more(text, found.new.len());
}

fn title(text: &mut String, words: &str, count: usize, note: &str) {
    let note = if note.is_empty() { String::new() } else { format!("; {note}") };
    if count > 0 {
        let _ = writeln!(text, "\n{words} ({count}){note}");
    }
}

fn more(text: &mut String, count: usize) {
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more; --format json has all of them");
    }
}
