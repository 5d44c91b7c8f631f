//! A comparison as the comment of a pull request, on GitHub and on GitLab.
//!
//! Every text of others stands in a `code` element with its letters as entities: there it begins no table, element, link or mention.

use std::fmt::Write as _;

use super::lists::{Comparison, Moved};
use super::moves::Move;
use super::slower::NOISE;
use super::words::{counts, milliseconds, name, one_line, verdict};
use crate::console::counted;

/// So many of one kind are named, the others are counted.
const NAMED: usize = 30;
/// GitHub takes comments of 65,536 letters: what comes after so many bytes is left out.
const LONGEST: usize = 60_000;

/// The whole comment.
#[must_use]
pub fn text(found: &Comparison) -> String {
    let (sign, verdict) = match found.regression {
        true => (":x:", "regression"),
        false => (":white_check_mark:", "no regression"),
    };
    let mut text = String::new();
    // Writing to a String never fails.
    let _ = writeln!(text, "### {sign} oplock-conformance: {verdict}\n");
    let _ = writeln!(text, "{} &rarr; {}  ", run(&found.before), run(&found.after));
    let _ = writeln!(text, "{}\n", counts(found));
    for note in &found.notes {
        let _ = writeln!(text, "- {}", code(note));
    }
    let mut sections = Vec::new();
    for move_ in Move::ALL {
        sections.extend(moves(found, move_));
        // What is gone is worse than what fails in another way.
        if move_ == Move::NewlyKnown {
            sections.extend(vanished(found));
            sections.extend(slower(found));
        }
    }
    sections.extend(rates(found));
    sections.extend(new(found));
    for section in sections {
        if text.len() + section.len() > LONGEST {
            let _ = writeln!(
                text,
                "\nThe rest is too long for a comment: `--format json` has all of it."
            );
            break;
        }
        text.push_str(&section);
    }
    text
}

fn run(run: &super::lists::Run) -> String {
    format!("{} ({})", code(&run.target()), counted(run.cells, "cell"))
}

fn moves(found: &Comparison, move_: Move) -> Option<String> {
    let all: Vec<_> = found.moves(move_).collect();
    let gates = all.iter().any(|moved| moved.gates);
    section(move_.words(), "", gates, all.len(), all.into_iter().map(moved_cell))
}

fn moved_cell(moved: &Moved) -> String {
    let (one, other) = (&moved.before, &moved.after);
    let mut text = format!(
        "- {}: {} &rarr; **{}**",
        code(&name(&moved.cell, &moved.axes)),
        verdict(one),
        verdict(other)
    );
    if !moved.gates && matches!(moved.move_, Move::Regressed | Move::NewlyInconclusive) {
        text.push_str(" (nobody owes it)");
    }
    text.push('\n');
    let mut line = |words: &str, value: &str| {
        let _ = writeln!(text, "  <br>{words}{}", code(value));
    };
    if moved.gates && !moved.says.is_empty() {
        line("", &moved.says);
    }
    if let Some(was) = &moved.was {
        line("renamed from ", was);
    }
    match (&other.why, &one.why) {
        (Some(why), _) => line("now ", why),
        (None, Some(why)) => line("before ", why),
        (None, None) => {}
    }
    if moved.move_ == Move::FailsDifferently {
        one.signature.iter().for_each(|signature| line("before ", signature));
        other.signature.iter().for_each(|signature| line("now ", signature));
    }
    if moved.gates {
        line("again ", &moved.again);
    }
    if moved.other_steps {
        text.push_str("  <br>the corpus asks it in other steps than before\n");
    }
    text
}

fn vanished(found: &Comparison) -> Option<String> {
    let all = &found.vanished;
    let items = all.iter().map(|vanished| {
        let (name, why) = (code(&name(&vanished.cell, &vanished.axes)), vanished.why.words());
        format!("- {name}: {}; {why}\n", verdict(&vanished.before))
    });
    section("vanished", "", all.iter().any(|vanished| vanished.gates), all.len(), items)
}

fn slower(found: &Comparison) -> Option<String> {
    let all = &found.slower;
    let items = all.iter().map(|slower| {
        let (one, other) = (milliseconds(slower.before_us), milliseconds(slower.after_us));
        format!(
            "- {} {} {}: {one} &rarr; **{other}** ({:.1}x)\n",
            code(&slower.theme),
            slower.wait.words(),
            slower.percentile.words(),
            slower.factor
        )
    });
    section("slower", NOISE, all.iter().any(|slower| slower.gates), all.len(), items)
}

fn rates(found: &Comparison) -> Option<String> {
    let items = found.rates.iter().map(|rate| {
        let ((one, of_one), (other, of_other)) = (rate.before, rate.after);
        let name = code(&name(&rate.cell, &rate.axes));
        format!("- {name}: {one} of {of_one} &rarr; {other} of {of_other}\n")
    });
    section("pass rates", "", false, found.rates.len(), items)
}

fn new(found: &Comparison) -> Option<String> {
    let items = found.new.iter().map(|new| {
        let since = new.since.as_ref().map(|since| format!(", since {}", code(since)));
        let (name, verdict) = (code(&name(&new.cell, &new.axes)), verdict(&new.after));
        format!("- {name}: {verdict}{}\n", since.unwrap_or_default())
    });
    section("new", "they count from the next comparison on", false, found.new.len(), items)
}

/// One part that can be folded away; what is a regression is open.
fn section(
    words: &str,
    note: &str,
    gates: bool,
    count: usize,
    items: impl Iterator<Item = String>,
) -> Option<String> {
    if count == 0 {
        return None;
    }
    let open = if gates { " open" } else { "" };
    let note = if note.is_empty() { String::new() } else { format!("; {note}") };
    let mut text =
        format!("\n<details{open}><summary><b>{words} ({count})</b>{note}</summary>\n\n");
    items.take(NAMED).for_each(|item| text.push_str(&item));
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more; `--format json` has all of them");
    }
    text.push_str("\n</details>\n");
    Some(text)
}

/// A text of others.
fn code(text: &str) -> String {
    let mut escaped = String::from("<code>");
    for letter in one_line(text).chars() {
        match letter {
            ' ' | '/' | '-' | ',' | '=' | '.' | ':' | ';' | '(' | ')' | '\'' | '%' | '?' => {
                escaped.push(letter);
            }
            letter if letter.is_alphanumeric() => escaped.push(letter),
            letter => {
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
        }
    }
    escaped.push_str("</code>");
    escaped
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::code;

    #[rstest]
    #[case("oplock/batch/a", "oplock/batch/a")]
    #[case("@admins | <b>`x`</b>", "&#64;admins &#124; &#60;b&#62;&#96;x&#96;&#60;/b&#62;")]
    #[case(
        "*a* _b_ [c](d) #1 &lt; \\",
        "&#42;a&#42; &#95;b&#95; &#91;c&#93;(d) &#35;1 &#38;lt; &#92;"
    )]
    #[case("one\n\n- two\n<!--", "one - two &#60;&#33;--")]
    #[case("\u{1b}[31m", "&#92;u&#123;1b&#125;&#91;31m")]
    #[case("Grüße 文件", "Grüße 文件")]
    fn a_text_of_others_stays_text(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(code(text), format!("<code>{expected}</code>"));
    }
}
