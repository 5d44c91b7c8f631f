//! The commands that only tell what there is: `list`, `explain`, `rules`, `schema`.

use std::fmt::Write as _;

use oplock_model::rule_rows::{DOCUMENTS, Row};
use oplock_model::{RULES, Rule, RuleId};
use oplock_suite::plan::{Case, Corpus};

use crate::cli::{ExplainArgs, ListArgs, ListFormat, RulesArgs};
use crate::console::counted;
use crate::deviations::Deviations;
use crate::exit::Exit;
use crate::stop::Stop;
use crate::survey::Survey;
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
    let id = args.id.split('@').next().unwrap_or(&args.id);
    let asked = |case: &&Case| case.id == id || case.cells.iter().any(|cell| cell.id.0 == id);
    if let Some(case) = corpus.cases.iter().find(asked) {
        let rows = rows_of_case(case);
        let place = text.rfind("\nrun\n").unwrap_or(text.len());
        text.insert_str(place, &rows);
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

/// The rules, each with its source, the rows of the specification that it stands for, and the cases that name or reach it.
///
/// # Errors
/// A [`Stop`] where the cases are bad or no rule has such a name.
pub fn rules(args: &RulesArgs) -> Result<String, Stop> {
    let corpus = corpus::read(args.corpus.cases.as_deref())?;
    let survey = Survey::take(corpus.clone());
    rules_of(&corpus, &survey, args)
}

fn rules_of(corpus: &Corpus, survey: &Survey, args: &RulesArgs) -> Result<String, Stop> {
    let asked = |rule: &&Rule| {
        args.patterns.is_empty()
            || args.patterns.iter().any(|pattern| rule.name.contains(pattern.as_str()))
    };
    let mut text = String::new();
    for rule in RULES.iter().filter(asked) {
        text.push_str(&told(rule));
        let named: Vec<&str> = naming(corpus, rule.id).collect();
        for case in &named {
            let _ = writeln!(text, "    {case}");
        }
        let reached = survey.reaching(rule.id).filter(|case| !named.contains(case)).count();
        let _ = match (named.len(), reached) {
            (0, 0) => writeln!(text, "    no case reaches it"),
            (_, 0) => Ok(()),
            (0, more) => writeln!(text, "    reached by {}", counted(more, "case")),
            (_, more) => writeln!(text, "    and reached by {}", counted(more, "other")),
        };
    }
    if text.is_empty() {
        return Err(Stop {
            exit: Exit::NothingSelected,
            message: format!("no rule is named like {}", args.patterns.join(" or ")),
        });
    }
    Ok(text)
}

/// A rule with its source, its sentence and its rows.
#[must_use]
pub fn told(rule: &Rule) -> String {
    let title = if rule.title.is_empty() { String::new() } else { format!(" \"{}\"", rule.title) };
    let mut text = format!("{}\n  {} {}{title}\n", rule.name, rule.document, rule.section);
    let _ = writeln!(text, "  {}", rule.sentence);
    for row in rows_of(rule.id) {
        let _ = writeln!(text, "  row {} section {}: {}", row.document, row.section, row.row);
    }
    text
}

/// The rows of the specification that a rule stands for.
fn rows_of(rule: RuleId) -> impl Iterator<Item = &'static Row> {
    let rows = DOCUMENTS.iter().flat_map(|document| document.rows);
    rows.filter(move |row| row.rules().contains(&rule))
}

/// The rows that stand behind the rules of a case.
fn rows_of_case(case: &Case) -> String {
    let mut text = String::new();
    for rule in &case.spec {
        for row in rows_of(*rule) {
            let line = format!("  {} section {}: {}\n", row.document, row.section, row.row);
            if !text.contains(&line) {
                text.push_str(&line);
            }
        }
    }
    if text.is_empty() { text } else { format!("\nrows of the specification\n{text}") }
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
                let asked = case.id == id || cell.id.0 == id;
                for entry in list.entries(&case.id, &cell.id.0).filter(|_| asked) {
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
    use crate::cli::CorpusArgs;
    use crate::survey;

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
        assert!(text.contains("\nrows of the specification\n  01 section 5: "), "{text}");
        let (_, known) = text.split_once("\nknown deviations\n").expect("a deviation");
        assert!(known.starts_with("  samba "), "{known}");
    }

    #[test]
    fn every_rule_stands_with_its_source_and_its_cases() {
        let corpus = corpus::read(None).expect("the corpus");
        let text = rules_of(&corpus, survey::of_embedded(), &RulesArgs::default()).expect("rules");
        for rule in RULES {
            assert!(text.contains(&format!("{}\n  {} {}", rule.name, rule.document, rule.section)));
        }
        let case = corpus.cases.first().expect("a case");
        assert!(text.contains(&format!("    {}\n", case.id)));
    }

    #[test]
    fn a_rule_is_told_with_its_rows() {
        let rule = RuleId::FsaAckRhCannotGrant;
        let text = told(rule.rule());
        let row = "\n  row 03 section 4: 2 told R, asks for W against a waiter\n";
        assert!(text.contains(row), "{text}");
    }

    #[test]
    fn rules_can_be_picked() {
        let args = |pattern: &str| RulesArgs {
            patterns: vec![pattern.to_owned()],
            corpus: CorpusArgs::default(),
        };
        let corpus = corpus::read(None).expect("the corpus");
        let rules = |args: &RulesArgs| rules_of(&corpus, survey::of_embedded(), args);
        let text = rules(&args("fsa.key.same_open")).expect("a rule");
        assert_eq!(text.lines().filter(|line| !line.starts_with(' ')).count(), 1, "{text}");
        let stop = rules(&args("no.such")).expect_err("no rule");
        assert_eq!(stop.exit, Exit::NothingSelected);
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
