//! `coverage`: the rules and the cells of the transition grid that the cases reach, and those that they don't.

mod table;

use std::fmt::Write as _;

use oplock_engine::coverage::{Cell, Reason};
use oplock_model::rule_rows::{DOCUMENTS, Document, Reason as RowReason, Stand};
use oplock_model::{RULES, Rule};
use serde::Serialize;

use self::table::{families, grids};
use crate::cli::{CoverageArgs, CoverageFormat};
use crate::console::counted;
use crate::exit::Exit;
use crate::stop::Stop;
use crate::survey::Survey;
use crate::{corpus, listing};

/// What proves that the unit tests leave nothing out.
const UNIT: &str = "`cargo test -p oplock-engine` fails unless its own tests reach every rule and every possible cell";

/// How much of something is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// What it is: a layer, a family of rules, a state.
    pub name: String,
    /// How many of it the cases reach.
    pub reached: usize,
    /// How many can be reached.
    pub possible: usize,
    /// How many cannot.
    pub impossible: usize,
}

/// The whole coverage, as `--format json` prints it.
#[derive(Debug, Serialize)]
struct Report {
    format: u32,
    rules: Vec<RuleReport>,
    families: Vec<Share>,
    grids: Vec<Share>,
    states: Vec<Share>,
    cells: Vec<CellReport>,
}

#[derive(Debug, Serialize)]
struct RuleReport {
    rule: &'static str,
    cases: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CellReport {
    cell: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    impossible: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_rule: Option<&'static str>,
    cases: usize,
}

/// What the cases reach: all of it in figures, or with a filter each rule and cell that it names.
///
/// # Errors
/// A [`Stop`] where the cases are bad, or nothing has a name like the filter.
pub fn coverage(args: &CoverageArgs) -> Result<String, Stop> {
    if args.rows {
        return Ok(rows());
    }
    let survey = Survey::take(corpus::read(args.corpus.cases.as_deref())?);
    match (args.format, &args.patterns[..]) {
        (CoverageFormat::Json, patterns) => json(&survey, patterns),
        (CoverageFormat::Text, []) => Ok(summary(&survey) + &missing(&survey)),
        (CoverageFormat::Text, patterns) => detail(&survey, patterns),
    }
}

/// The figures.
#[must_use]
pub fn summary(survey: &Survey) -> String {
    let reached = survey.rules();
    let mut text = format!(
        "rules: {} of {} reached by {}\n",
        reached.iter().count(),
        RULES.len(),
        counted(survey.cases.len(), "case")
    );
    let families = families(&reached);
    let width = families.iter().map(|family| family.name.len()).max().unwrap_or(0);
    for Share { name, reached, possible, .. } in &families {
        let _ = writeln!(text, "  {name:width$}  {reached:>4} of {possible:>4}");
    }
    let (layers, states) = grids(&survey.cells());
    for layer in &layers {
        let Share { name, reached, possible, impossible } = layer;
        let _ = writeln!(
            text,
            "\ncells of the {name}: {reached} of {possible} possible ones reached, {impossible} impossible"
        );
        let of_layer: Vec<&Share> =
            states.iter().filter(|(of, _)| of == name).map(|(_, share)| share).collect();
        let width = of_layer.iter().map(|state| state.name.chars().count()).max().unwrap_or(0);
        for Share { name, reached, possible, .. } in of_layer {
            let _ = writeln!(text, "  {name:width$}  {reached:>4} of {possible:>4}");
        }
    }
    text.push_str("\nrows of the specification\n");
    for Document { number, title, rows } in DOCUMENTS {
        let with = rows.iter().filter(|row| !row.rules().is_empty()).count();
        let without = rows.len() - with;
        let _ = writeln!(
            text,
            "  {number}  {:>4} rows, {with:>4} with a rule, {without:>4} without  {title}",
            rows.len()
        );
    }
    text.push_str("\nimpossible because\n");
    for (reason, count) in reasons() {
        let _ = writeln!(text, "  {count:>5}  {reason}: {}", reason.sentence());
    }
    let _ = writeln!(text, "\nat unit level\n  {UNIT}");
    text
}

/// Every row of the specification without a rule, with its reason.
#[must_use]
pub fn rows() -> String {
    let mut text = String::new();
    for document in DOCUMENTS {
        let _ = writeln!(text, "{} {}", document.number, document.title);
        for row in document.rows {
            if let Stand::Without(reason) = row.stand {
                let words = match reason {
                    RowReason::Choice(name) => format!("choice `{name}`"),
                    other => other.words().to_owned(),
                };
                let _ = writeln!(text, "  section {}: {}: {words}", row.section, row.row);
            }
        }
    }
    text
}

/// The rules that no case reaches, each with its sentence.
#[must_use]
pub fn missing(survey: &Survey) -> String {
    let reached = survey.rules();
    let missing: Vec<&Rule> = RULES.iter().filter(|rule| !reached.contains(rule.id)).collect();
    let mut text = format!("\nreached by no case: {}\n", counted(missing.len(), "rule"));
    for rule in missing {
        let _ = writeln!(text, "  {}\n    {}", rule.name, rule.sentence);
    }
    text.push_str("\n`coverage RULE` lists the cases that reach a rule, `coverage 'STATE x OPERATION'` the cells of the grid\n");
    text
}

/// What a filter names: rules with their cases, and cells.
fn detail(survey: &Survey, patterns: &[String]) -> Result<String, Stop> {
    let mut text = String::new();
    for rule in RULES.iter().filter(|rule| is_named(patterns, rule.name)) {
        text.push_str(&listing::told(rule));
        let before = text.len();
        for case in survey.reaching(rule.id) {
            let _ = writeln!(text, "    {case}");
        }
        if text.len() == before {
            text.push_str("    no case reaches it\n");
        }
    }
    for cell in Cell::all().filter(|cell| is_named(patterns, &cell.to_string())) {
        let cases: Vec<&str> = survey.in_cell(cell.number()).collect();
        match (cell.impossible(), &cases[..]) {
            (Some(why), []) => {
                let _ = writeln!(text, "{cell}\n    impossible: {} ({})", why.reason, why.rule);
            }
            (_, []) => {
                let _ = writeln!(text, "{cell}\n    no case is in it");
            }
            (_, [first, rest @ ..]) => {
                let more = match rest.len() {
                    0 => String::new(),
                    more => format!(" and {}", counted(more, "other")),
                };
                let _ = writeln!(text, "{cell}\n    {first}{more}");
            }
        }
    }
    if text.is_empty() {
        return Err(Stop {
            exit: Exit::NothingSelected,
            message: format!(
                "no rule and no cell of the grid is named like {}",
                patterns.join(" or ")
            ),
        });
    }
    Ok(text)
}

fn json(survey: &Survey, patterns: &[String]) -> Result<String, Stop> {
    let named = |name: &str| patterns.is_empty() || is_named(patterns, name);
    let reached = survey.cells();
    let (layers, states) = grids(&reached);
    let report = Report {
        format: 1,
        rules: RULES
            .iter()
            .filter(|rule| named(rule.name))
            .map(|rule| RuleReport {
                rule: rule.name,
                cases: survey.reaching(rule.id).map(str::to_owned).collect(),
            })
            .collect(),
        families: families(&survey.rules()),
        grids: layers,
        states: states.into_iter().map(|(_, share)| share).collect(),
        cells: Cell::all()
            .filter(|cell| named(&cell.to_string()))
            .map(|cell| CellReport {
                cell: cell.to_string(),
                impossible: cell.impossible().map(|why| why.reason.word()),
                by_rule: cell.impossible().map(|why| why.rule.name()),
                cases: survey.in_cell(cell.number()).count(),
            })
            .collect(),
    };
    serde_json::to_string_pretty(&report).map_err(|error| Stop::harness(error.to_string()))
}

/// Whether a filter means that rule or cell: part of its name, or the beginning where it names a state and an operation.
fn is_named(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.contains(" x ") {
        true => name.starts_with(pattern.as_str()),
        false => name.contains(pattern.as_str()),
    })
}

/// How many cells each reason makes impossible.
fn reasons() -> Vec<(Reason, usize)> {
    let of = |reason: Reason| {
        Cell::all().filter(|cell| cell.impossible().is_some_and(|why| why.reason == reason)).count()
    };
    Reason::ALL.iter().map(|reason| (*reason, of(*reason))).collect()
}

#[cfg(test)]
mod tests;
