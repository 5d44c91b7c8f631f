//! YAML text as a tree of nodes with places: the only module that names a YAML crate.
//!
//! It stands on `granit-parser`, the parser beneath serde-saphyr, and not on serde-saphyr itself: a `Spanned` value
//! there is deserialised by type, so a generic tree loses the text as written (`0x4711` and `+1` become numbers, `no`
//! a boolean, `~` nothing), the length of a token, the place of a key that occurs twice and all after it. Here every
//! scalar stays text until the plan knows what it should be; the strictness of booleans follows from that.

use granit_parser::{Event, Parser, ScalarStyle, Span};

/// A place in one file: line and column from 1, length in characters on that line, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
    /// Length.
    pub length: u32,
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub spot: Spot,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text as written, quotes and escapes removed; a missing value is the empty text.
    Scalar(String),
    /// A literal block; its place is the line of its `|`, its text begins on the next line.
    Block(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file, without the keys that occur twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it begins.
    pub spot: Spot,
    /// Its text.
    pub text: String,
}

impl Node {
    /// The text of a scalar or a block.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) | Kind::Block(text) => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// What the node is, in words.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(text) if text.is_empty() => "nothing",
            Kind::Scalar(_) => "a word",
            Kind::Block(_) => "a block of text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

/// What is wrong with the text as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not YAML; nothing after this place was read.
    Syntax(Spot, String),
    /// A key occurs twice: the second place, the key, the first place.
    Duplicate(Spot, String, Spot),
}

/// Reads one document. Nothing comes back where the text is empty or broken.
#[must_use]
pub fn parse(text: &str) -> (Option<Node>, Vec<Fault>) {
    let mut reader = TreeReader { parser: Parser::new_from_str(text), text, faults: Vec::new() };
    let tree = match reader.document() {
        Ok(tree) => tree,
        Err(Broken { spot, what }) => {
            reader.faults.push(Fault::Syntax(spot, what));
            None
        }
    };
    (tree, reader.faults)
}

struct Broken {
    spot: Spot,
    what: String,
}

struct TreeReader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    text: &'t str,
    faults: Vec<Fault>,
}

impl<'t> TreeReader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Broken> {
        match self.parser.next() {
            Some(Ok(pair)) => Ok(pair),
            Some(Err(error)) => {
                let marker = error.marker();
                let spot =
                    Spot { line: count(marker.line()), column: count(marker.col()) + 1, length: 1 };
                Err(Broken { spot, what: error.info() })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Broken> {
        let mut tree = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(tree),
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event if tree.is_none() => tree = Some(self.node(event, span)?),
                _ => return Err(self.broken(&span, "a second document in one file")),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<Node, Broken> {
        let spot = self.spot(&span);
        match event {
            Event::Scalar(_, _, anchor, ref tag)
            | Event::SequenceStart(_, anchor, ref tag)
            | Event::MappingStart(_, anchor, ref tag)
                if anchor != 0 || tag.is_some() =>
            {
                Err(self.broken(&span, "anchors, aliases and tags are not read here"))
            }
            Event::Scalar(text, style, _, _) => {
                let text = text.into_owned();
                if style == ScalarStyle::Literal {
                    return Ok(Node {
                        spot: self.block_spot(spot, &text),
                        kind: Kind::Block(text),
                    });
                }
                Ok(Node { spot, kind: Kind::Scalar(text) })
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::SequenceEnd | Event::StreamEnd) {
                        return Ok(Node { spot, kind: Kind::List(items) });
                    }
                    items.push(self.node(event, span)?);
                }
            }
            Event::MappingStart(..) => self.mapping(spot),
            _ => Err(self.broken(&span, "anchors, aliases and tags are not read here")),
        }
    }

    fn mapping(&mut self, spot: Spot) -> Result<Node, Broken> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                return Ok(Node { spot, kind: Kind::Map(entries) });
            }
            let key = self.node(event, span)?;
            let Kind::Scalar(text) = key.kind else {
                return Err(self.broken(&span, "a key must be a word"));
            };
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            match entries.iter().find(|(known, _)| known.text == text) {
                Some((first, _)) => {
                    self.faults.push(Fault::Duplicate(key.spot, text, first.spot));
                }
                None => entries.push((Key { spot: key.spot, text }, value)),
            }
        }
    }

    /// The place of the `|`; the parser tells that of the first line of text that is not empty.
    fn block_spot(&self, first: Spot, text: &str) -> Spot {
        let empty = text.chars().take_while(|letter| *letter == '\n').count();
        let line = first.line.saturating_sub(count(empty)).saturating_sub(1).max(1);
        let source = self.text.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default();
        let column = source.chars().position(|letter| letter == '|').unwrap_or_default();
        Spot { line, column: count(column).saturating_add(1), length: 1 }
    }

    fn broken(&self, span: &Span, what: &str) -> Broken {
        Broken { spot: self.spot(span), what: what.to_owned() }
    }

    fn spot(&self, span: &Span) -> Spot {
        let (start, end) = (span.start, span.end);
        let length = if end.line() == start.line() {
            end.col().saturating_sub(start.col())
        } else {
            // A token over several lines is marked to the end of its first line.
            let line = self.text.lines().nth(start.line().saturating_sub(1)).unwrap_or_default();
            line.trim_end().chars().count().saturating_sub(start.col())
        };
        Spot {
            line: count(start.line()).max(1),
            column: count(start.col()).saturating_add(1),
            length: count(length).max(1),
        }
    }
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(node: &Node) -> &[(Key, Node)] {
        match &node.kind {
            Kind::Map(entries) => entries,
            other => panic!("not a mapping: {other:?}"),
        }
    }

    #[test]
    fn scalars_stay_text_and_know_their_place() {
        let (tree, faults) = parse("n: no\nepoch: 0x4711\nplus: +1\nquoted: \"a b\"\n");
        assert_eq!(faults, []);
        let tree = tree.expect("a tree");
        let texts: Vec<_> = map(&tree).iter().map(|(_, node)| node.text()).collect();
        assert_eq!(texts, [Some("no"), Some("0x4711"), Some("+1"), Some("a b")]);
        let (key, value) = &map(&tree)[1];
        assert_eq!(key.spot, Spot { line: 2, column: 1, length: 5 });
        assert_eq!(value.spot, Spot { line: 2, column: 8, length: 6 });
    }

    #[test]
    fn a_block_begins_at_its_sign() {
        for (text, line, column) in
            [("a:\n  b: |\n    x\n    y\n", 2, 6), ("a: |\n\n\n  x\n", 1, 4)]
        {
            let tree = parse(text).0.expect("a tree");
            let mut node = &tree;
            while let Kind::Map(entries) = &node.kind {
                node = &entries[0].1;
            }
            assert!(matches!(node.kind, Kind::Block(_)));
            assert_eq!((node.spot.line, node.spot.column), (line, column), "{text:?}");
        }
    }

    #[test]
    fn duplicate_keys_are_reported_and_the_rest_is_read() {
        let (tree, faults) = parse("a: 1\na: 2\nb: 3\n");
        assert!(
            matches!(&faults[..], [Fault::Duplicate(at, key, _)] if at.line == 2 && key == "a")
        );
        assert_eq!(map(&tree.expect("a tree")).len(), 2);
    }

    #[test]
    fn broken_text_says_where() {
        let (tree, faults) = parse("a: [1, 2\nb: 3\n");
        assert!(tree.is_none());
        assert!(matches!(&faults[..], [Fault::Syntax(..)]));
        for text in ["&x a", "a: *x", "!t a", "--- a\n--- b", "[a]: b", "{a: {b: {c: \u{0}"] {
            assert!(matches!(parse(text).1[..], [Fault::Syntax(..)]), "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        assert!(matches!(parse(&"[".repeat(100_000)).1[..], [Fault::Syntax(..)]));
    }
}
