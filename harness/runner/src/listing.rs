//! The commands that only tell what there is: `list`, `explain`, `rules`, `schema`.

use std::fmt::Write as _;

use oplock_model::{RULES, RuleId};
use oplock_suite::plan::Corpus;

use crate::cli::{CorpusArgs, ExplainArgs, ListArgs, ListFormat};
use crate::deviations::Deviations;
use crate::exit::Exit;
use crate::stop::Stop;
use crate::target::Choice;
use crate::{corpus, embed, run};

/// The cells that a run would take, one a line.
///
/// # Errors
/// A [`Stop`] where the cases are bad or nothing is selected.
pub fn list(args: &ListArgs) -> Result<String, Stop> {
    let choice = Choice::parse(&args.target).map_err(|error| Stop::usage(error.to_string()))?;
    let corpus = corpus::read(args.corpus.cases.as_deref())?;
    let (plan, _) = run::plan(&corpus, &args.select, &choice)?;
    let mut text = String::new();
    for (case, cell) in plan {
        let Some(cell) = corpus.cases.get(case).and_then(|case| case.cells.get(cell)) else {
            continue;
        };
        let ending = match args.format {
            ListFormat::Plain => "",
            ListFormat::Terse => ": test",
        };
        let _ = writeln!(text, "{}{ending}", cell.id);
    }
    Ok(text)
}

/// What a case asks, the command that runs it, and which shipped targets are known to deviate.
///
/// # Errors
/// A [`Stop`] where the cases are bad or there is no such case.
pub fn explain(args: &ExplainArgs) -> Result<String, Stop> {
    let corpus = corpus::read(args.corpus.cases.as_deref())?;
    let Some(mut text) = oplock_suite::explain(&corpus, &args.id) else {
        return Err(Stop {
            exit: Exit::NothingSelected,
            message: format!(
                "no case or cell `{}`; `oplock-conformance list` shows what there is",
                args.id
            ),
        });
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let known = known(&corpus, &args.id)?;
    if !known.is_empty() {
        text.push_str("\nknown deviations\n");
    }
    for (product, deviation) in known {
        let _ = writeln!(text, "  {product} {deviation}");
    }
    Ok(text)
}

/// The rules, each with its source and the cases that name it.
///
/// # Errors
/// A [`Stop`] where the cases are bad.
pub fn rules(args: &CorpusArgs) -> Result<String, Stop> {
    let corpus = corpus::read(args.cases.as_deref())?;
    let mut text = String::new();
    for rule in RULES {
        let title =
            if rule.title.is_empty() { String::new() } else { format!(" \"{}\"", rule.title) };
        let _ = writeln!(text, "{}\n  {} {}{title}", rule.name, rule.document, rule.section);
        let _ = writeln!(text, "  {}", rule.sentence);
        for case in naming(&corpus, rule.id) {
            let _ = writeln!(text, "    {case}");
        }
    }
    Ok(text)
}

fn naming(corpus: &Corpus, rule: RuleId) -> impl Iterator<Item = &str> {
    let names = move |case: &&oplock_suite::plan::Case| case.spec.contains(&rule);
    corpus.cases.iter().filter(names).map(|case| case.id.as_str())
}

/// What the shipped lists say of a case or cell, for every version that they know of.
fn known(corpus: &Corpus, id: &str) -> Result<Vec<(&'static str, String)>, Stop> {
    let mut found = Vec::new();
    for (product, file, text) in embed::all_deviations() {
        let list =
            Deviations::read_all(file, text).map_err(|error| Stop::usage(error.to_string()))?;
        for case in &corpus.cases {
            for cell in &case.cells {
                if (case.id == id || cell.id.0 == id)
                    && let Some(entry) = list.entry(&case.id, &cell.id.0)
                {
                    let told = (product, entry.told());
                    if !found.contains(&told) {
                        found.push(told);
                    }
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_id_is_told() {
        let args = ExplainArgs { id: "no/such".into(), corpus: CorpusArgs::default() };
        let stop = explain(&args).expect_err("no case");
        assert_eq!(stop.exit, Exit::NothingSelected);
        assert!(stop.message.contains("no case or cell `no/such`"), "{}", stop.message);
    }

    #[test]
    fn a_case_is_explained_with_its_known_deviations() {
        let id = "lease/stat-open/visitor-does-not-bar-write-caching";
        let args = ExplainArgs { id: id.into(), corpus: CorpusArgs::default() };
        let text = explain(&args).expect("a case");
        assert!(text.starts_with(id), "{text}");
        let (_, known) = text.split_once("\nknown deviations\n").expect("a deviation");
        assert!(known.starts_with("  samba "), "{known}");
    }

    #[test]
    fn every_rule_stands_with_its_source_and_its_cases() {
        let text = rules(&CorpusArgs::default()).expect("the corpus");
        for rule in RULES {
            assert!(text.contains(&format!("{}\n  {} {}", rule.name, rule.document, rule.section)));
        }
        let corpus = corpus::read(None).expect("the corpus");
        let case = corpus.cases.first().expect("a case");
        assert!(text.contains(&format!("    {}\n", case.id)));
    }

    #[test]
    fn a_live_target_is_asked_nothing_of_the_store() {
        let cells = |target: &str| {
            let args = ListArgs {
                select: crate::cli::SelectArgs::default(),
                corpus: CorpusArgs::default(),
                target: target.into(),
                format: ListFormat::Terse,
            };
            list(&args).expect("cells")
        };
        let (reference, live) = (cells("reference"), cells("samba"));
        assert!(reference.lines().all(|line| line.ends_with(": test")));
        assert!(live.lines().count() < reference.lines().count());
        assert!(live.lines().all(|line| reference.contains(line)));
    }
}
