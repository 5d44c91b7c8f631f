//! The table under `cells:`: one line a row, one cell a column, a header above them.

use std::collections::{BTreeMap, BTreeSet};

use super::axes::Axes;
use super::word::{BadWord, CellWord, read_word};
use crate::codes::Code;
use crate::fields::Reader;
use crate::near::nearest;
use crate::words;
use crate::yaml::{Kind, Node, Spot};

/// A cell of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableCell {
    /// Where it stands.
    pub(crate) spot: Spot,
    /// Its text, footnote mark and all.
    pub(crate) written: String,
    /// What it expects.
    pub(crate) word: CellWord,
    /// The sentence of its footnote.
    pub(crate) footnote: Option<String>,
}

/// The cells by row values and column index.
pub(crate) type Table = BTreeMap<(Vec<String>, usize), TableCell>;

/// The combinations that `except:` takes out, as row values and column index.
pub(crate) type Excepted = BTreeSet<(Vec<String>, usize)>;

/// Reads the table; says where a cell is missing, stands too much, or cannot be read.
pub(crate) fn read_table(
    reader: &mut Reader<'_>,
    node: &Node,
    axes: &Axes,
    excepted: &Excepted,
    why: Option<&Node>,
) -> Table {
    let Kind::Block(text) = &node.kind else {
        let message = "`cells` must be a block of text";
        let help = "write `cells: |` and the table on the lines below it";
        let label = format!("this is {}", node.describe());
        reader.report_with_help(Code::WrongShape, node.spot, message, label, help);
        return Table::new();
    };
    let mut sentences = read_sentences(reader, why);
    let lines = token_lines(text, reader.text, node.spot);
    let mut table =
        TableReader { reader, axes, excepted, sentences: &mut sentences, seen: BTreeSet::new() };
    let mut cells = Table::new();
    let Some((header, rows)) = lines.split_first() else {
        table.reader.report(
            Code::CellMissing,
            node.spot,
            "the table is empty",
            "no header, no row",
        );
        return cells;
    };
    if table.header(header).is_some() {
        for line in rows {
            table.row(line, &mut cells);
        }
        for row in axes.row_product() {
            let wanted = (0..axes.column_names().len())
                .any(|column| !excepted.contains(&(row.clone(), column)));
            if wanted && !table.seen.contains(&row) {
                let message = format!("the table has no row `{}`", row.join(" "));
                let help = "a combination that cannot be stands under `except:` with its reason";
                let label = "a row is missing";
                table.reader.report_with_help(Code::CellMissing, node.spot, message, label, help);
            }
        }
    }
    for (mark, (_, spot, used)) in sentences {
        if !used {
            let message = format!("no cell has the footnote [{mark}]");
            reader.report(Code::Footnote, spot, message, "a sentence without a cell");
        }
    }
    cells
}

/// A word of the table and its place.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    spot: Spot,
}

struct TableReader<'t, 'r, 'f> {
    reader: &'r mut Reader<'f>,
    axes: &'t Axes,
    excepted: &'t Excepted,
    sentences: &'t mut BTreeMap<String, (String, Spot, bool)>,
    seen: BTreeSet<Vec<String>>,
}

/// The parts of a cell as tokens.
struct Parts<'l> {
    first: &'l Token,
    last: &'l Token,
    grant: Option<&'l Token>,
    status: Option<&'l Token>,
    mark: Option<&'l Token>,
}

impl TableReader<'_, '_, '_> {
    fn header(&mut self, line: &[Token]) -> Option<()> {
        let rows = self.axes.rows.iter().map(|(name, _)| name.clone());
        let wanted: Vec<String> = rows.chain(self.axes.column_names()).collect();
        let found: Vec<&str> = line.iter().map(|token| token.text.as_str()).collect();
        if found == wanted {
            return Some(());
        }
        let wrong = line.iter().zip(&wanted).find(|(token, name)| token.text != **name);
        let spot = wrong.map(|(token, _)| token.spot).or(line.last().map(|token| token.spot))?;
        let message = "the header of the table does not name the axes of the matrix";
        let help = format!("the header is `{}`", wanted.join(" "));
        self.reader.report_with_help(Code::BadMatrix, spot, message, "from here on", help);
        None
    }

    fn row(&mut self, line: &[Token], cells: &mut Table) {
        let axes = self.axes;
        let mut row = Vec::new();
        let mut rest = line;
        for (axis, values) in &axes.rows {
            let Some((token, after)) = rest.split_first() else { return };
            if !values.contains(&token.text) {
                let known = values.iter().map(String::as_str);
                let what = format!("value of the axis {axis}");
                self.reader.unknown(Code::CellExtra, token.spot, &what, &token.text, known);
                return;
            }
            row.push(token.text.clone());
            rest = after;
        }
        let Some(begin) = line.first() else { return };
        if !self.seen.insert(row.clone()) {
            let message = format!("the row `{}` stands twice", row.join(" "));
            self.reader.report(Code::CellExtra, begin.spot, message, "the second one");
            return;
        }
        for (column, name) in axes.column_names().iter().enumerate() {
            let Some((parts, after)) = split_cell(rest) else {
                if let Some(end) = line.last() {
                    let message = format!("the row `{}` has no cell for `{name}`", row.join(" "));
                    self.reader.report(Code::CellMissing, end.spot, message, "the row ends here");
                }
                return;
            };
            rest = after;
            self.cell(&parts, (row.clone(), column), cells);
        }
        if let Some(extra) = rest.first() {
            let message = format!("the row `{}` has more cells than columns", row.join(" "));
            self.reader.report(Code::CellExtra, extra.spot, message, "no column for this cell");
        }
    }

    fn cell(&mut self, parts: &Parts<'_>, at: (Vec<String>, usize), cells: &mut Table) {
        let first = parts.first.spot;
        let end = parts.last.spot.column + parts.last.spot.length;
        let spot = Spot { length: end.saturating_sub(first.column).max(1), ..first };
        let is_excepted = self.excepted.contains(&at);
        if parts.first.text == "." {
            if !is_excepted {
                let message = "a cell `.` is left out, and no `except:` says why";
                self.reader.report(Code::CellMissing, spot, message, "no reason");
            }
            return;
        }
        if is_excepted {
            let message = "a cell is judged that `except:` takes out";
            let help = "write `.` here, or take the exception away";
            self.reader.report_with_help(Code::CellExtra, spot, message, "an exception", help);
            return;
        }
        let footnote = parts.mark.and_then(|mark| self.footnote(mark));
        let text = |token: Option<&Token>| token.map(|token| token.text.clone());
        let (grant, status) = (text(parts.grant), text(parts.status));
        let read = read_word(&parts.first.text, grant.as_deref(), status.as_deref());
        match read {
            Ok(word) => {
                let written = self.written(spot);
                cells.insert(at, TableCell { spot, written, word, footnote });
            }
            Err(BadWord { part, wanted }) => {
                let tokens = [Some(parts.first), parts.grant, parts.status];
                let bad = tokens
                    .into_iter()
                    .flatten()
                    .find(|token| token.text.contains(&part))
                    .map_or(spot, |token| token.spot);
                let known = words::levels().into_iter().map(|(word, _)| word);
                let statuses = oplock_model::Status::NAMED.iter().map(|(word, ..)| *word);
                let bare = part.trim_end_matches(['!', '~']);
                let help = match nearest(bare, known.chain(statuses)).filter(|near| *near != bare) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "a cell is `break [/ grant] [= status] [[footnote]]`".to_owned(),
                };
                let message = format!("`{part}` in a cell is not {wanted}");
                let label = "not part of a cell";
                self.reader.report_with_help(Code::CellMalformed, bad, message, label, help);
            }
        }
    }

    fn footnote(&mut self, mark: &Token) -> Option<String> {
        let name = mark.text.trim_matches(['[', ']']);
        match self.sentences.get_mut(name) {
            Some((sentence, _, used)) => {
                *used = true;
                Some(sentence.clone())
            }
            None => {
                let message = format!("the footnote [{name}] has no sentence");
                let help = format!("say under the case: `why: {{{name}: ...}}`");
                let label = "not under `why:`";
                self.reader.report_with_help(Code::Footnote, mark.spot, message, label, help);
                None
            }
        }
    }

    fn written(&self, spot: Spot) -> String {
        let line = self.reader.text.lines().nth((spot.line as usize).saturating_sub(1));
        let chars = line.unwrap_or_default().chars();
        let cell = chars.skip((spot.column as usize).saturating_sub(1)).take(spot.length as usize);
        cell.collect()
    }
}

/// The first cell of the tokens, and the tokens after it.
fn split_cell(tokens: &[Token]) -> Option<(Parts<'_>, &[Token])> {
    let (first, mut rest) = tokens.split_first()?;
    let mut parts = Parts { first, last: first, grant: None, status: None, mark: None };
    loop {
        match rest {
            [sign, value, after @ ..] if sign.text == "/" && parts.grant.is_none() => {
                (parts.grant, parts.last, rest) = (Some(value), value, after);
            }
            [sign, value, after @ ..] if sign.text == "=" && parts.status.is_none() => {
                (parts.status, parts.last, rest) = (Some(value), value, after);
            }
            [mark, after @ ..] if mark.text.starts_with('[') && parts.mark.is_none() => {
                (parts.mark, parts.last, rest) = (Some(mark), mark, after);
            }
            _ => return Some((parts, rest)),
        }
    }
}

fn read_sentences(
    reader: &mut Reader<'_>,
    why: Option<&Node>,
) -> BTreeMap<String, (String, Spot, bool)> {
    let mut sentences = BTreeMap::new();
    let Some(node) = why else { return sentences };
    for (key, value) in reader.entries(node, "`why`").unwrap_or_default() {
        if let Some(sentence) = reader.sentence(value, "a footnote") {
            sentences.insert(key.text.clone(), (sentence, key.spot, false));
        }
    }
    sentences
}

/// The words of each line that has any; `/` and `=` are words of their own.
fn token_lines(text: &str, source: &str, block: Spot) -> Vec<Vec<Token>> {
    let mut lines = Vec::new();
    let first = block.line as usize;
    for (index, content) in text.lines().enumerate() {
        // A block of text begins on the line after its `|`, less the indentation of all its lines.
        let line = source.lines().nth(first + index).unwrap_or(content);
        let indent = line.chars().count().saturating_sub(content.chars().count());
        let tokens = tokens(content, first + index + 1, indent);
        if !tokens.is_empty() {
            lines.push(tokens);
        }
    }
    lines
}

fn tokens(content: &str, line: usize, indent: usize) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (column, letter) in content.chars().enumerate() {
        let sign = matches!(letter, '/' | '=');
        if letter.is_whitespace() || sign {
            open = false;
        }
        if letter.is_whitespace() {
            continue;
        }
        match tokens.last_mut().filter(|_| open && letter != '[') {
            Some(token) => {
                token.text.push(letter);
                token.spot.length += 1;
            }
            None => {
                let at = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let spot = Spot { line: at(line), column: at(indent + column + 1), length: 1 };
                tokens.push(Token { text: letter.to_string(), spot });
            }
        }
        open = !sign;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_marks_are_words_of_their_own() {
        let words: Vec<String> = tokens("RW!=sharing_violation[1]  RH! / RH -", 3, 6)
            .into_iter()
            .map(|t| t.text)
            .collect();
        assert_eq!(words, ["RW!", "=", "sharing_violation", "[1]", "RH!", "/", "RH", "-"]);
    }

    #[test]
    fn places_count_the_indentation() {
        let tokens = tokens("a  bb", 3, 6);
        let spots: Vec<_> =
            tokens.iter().map(|token| (token.spot.column, token.spot.length)).collect();
        assert_eq!(spots, [(7, 1), (10, 2)]);
    }
}
