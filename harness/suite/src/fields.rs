//! Reading a tree of nodes field by field, with a diagnostic for everything that is not as it should be.

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::near::nearest;
use crate::plan::Place;
use crate::substitute::has_variable;
use crate::words;
use crate::yaml::{self, Fault, Key, Kind, Node, Spot};

/// Reads one file and collects what is wrong with it.
pub struct Reader<'f> {
    /// The file as the user named it.
    pub file: &'f str,
    /// Its text.
    pub text: &'f str,
    /// What is wrong with it so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether a `$name` that is left in a word has been reported before.
    pub(crate) names_are_checked: bool,
}

/// The entries of a mapping whose keys are all known.
#[derive(Clone)]
pub struct Fields<'n> {
    /// Where the mapping begins.
    pub spot: Spot,
    entries: Vec<(&'n Key, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The value of a key.
    pub fn find(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(known, _)| known.text == key).map(|(_, node)| *node)
    }

    /// The place of a key.
    pub fn key_spot(&self, key: &str) -> Option<Spot> {
        self.entries.iter().find(|(known, _)| known.text == key).map(|(known, _)| known.spot)
    }
}

impl<'f> Reader<'f> {
    /// A reader of this file, before anything is read.
    #[must_use]
    pub fn new(file: &'f str, text: &'f str) -> Self {
        Reader { file, text, diagnostics: Vec::new(), names_are_checked: false }
    }

    /// The tree of the file; nothing where it is empty or no YAML, which is then reported.
    pub fn tree(&mut self) -> Option<Node> {
        let (tree, faults) = yaml::parse(self.text);
        let is_broken = faults.iter().any(|fault| matches!(fault, Fault::Syntax(..)));
        for fault in faults {
            match fault {
                Fault::Syntax(spot, what) => {
                    self.report(Code::Syntax, spot, format!("not YAML: {what}"), "read up to here");
                }
                Fault::Duplicate(spot, key, first) => {
                    let message = format!("the key `{key}` stands twice");
                    let label = format!("the first one is on line {}", first.line);
                    self.report(Code::DuplicateKey, spot, message, label);
                }
            }
        }
        if tree.is_none() && !is_broken {
            let spot = Spot { line: 1, column: 1, length: 1 };
            self.report(Code::Missing, spot, "the file is empty", "nothing to read");
        }
        tree
    }

    pub(crate) fn place(&self, spot: Spot) -> Place {
        Place { file: self.file.to_owned(), line: spot.line, column: spot.column }
    }

    /// Adds a diagnostic.
    pub fn report(
        &mut self,
        code: Code,
        spot: Spot,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        let new = Diagnostic::new(code, self.file, spot, message.into(), label.into());
        self.diagnostics.push(new);
    }

    /// Adds a diagnostic with a help line.
    pub fn report_with_help(
        &mut self,
        code: Code,
        spot: Spot,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut new = Diagnostic::new(code, self.file, spot, message.into(), label.into());
        new.help = Some(help.into());
        self.diagnostics.push(new);
    }

    /// Says that a word is not in a closed list, with the nearest one or all of them.
    pub fn unknown<'w>(
        &mut self,
        code: Code,
        spot: Spot,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'w str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let help = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("there is no {what} here"),
            None if known.len() > 40 => "the `rules` and `schema` commands list all of them".into(),
            None => format!("known here: {}", known.join(", ")),
        };
        let label = format!("not {}", with_article(what));
        self.report_with_help(code, spot, format!("unknown {what} `{word}`"), label, help);
    }

    fn wrong_shape(&mut self, node: &Node, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}");
        self.report(Code::WrongShape, node.spot, message, format!("this is {}", node.describe()));
    }

    /// The entries of a mapping.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [(Key, Node)]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ => {
                self.wrong_shape(node, what, "a mapping");
                None
            }
        }
    }

    /// The entries of a mapping, each under a known key.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<Fields<'n>> {
        let entries = self.entries(node, what)?;
        let mut kept = Vec::new();
        for (key, value) in entries {
            if known.contains(&key.text.as_str()) {
                kept.push((key, value));
            } else {
                let help = match nearest(&key.text, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", known.join(", ")),
                };
                let message = format!("unknown key `{}` in {what}", key.text);
                self.report_with_help(Code::UnknownKey, key.spot, message, "not a key here", help);
            }
        }
        Some(Fields { spot: node.spot, entries: kept })
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => {
                self.wrong_shape(node, what, "a list");
                None
            }
        }
    }

    /// A word or sentence on one line, not empty.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar(text) if self.names_are_checked && has_variable(text) => None,
            Kind::Scalar(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.wrong_shape(node, what, "a word");
                None
            }
        }
    }

    /// A sentence; it may be a block over several lines.
    pub fn sentence(&mut self, node: &Node, what: &str) -> Option<String> {
        match node.text() {
            Some(text) if !text.trim().is_empty() => {
                Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            _ => {
                self.wrong_shape(node, what, "a sentence");
                None
            }
        }
    }

    /// A list of words.
    pub fn words<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, Spot)> {
        let items = self.list(node, what).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| {
                self.text(item, &format!("an entry of {what}")).map(|w| (w, item.spot))
            })
            .collect()
    }

    /// A word of a closed list.
    pub fn one_of<T: Copy>(&mut self, node: &Node, what: &str, known: &[(&str, T)]) -> Option<T> {
        let word = self.text(node, &with_article(what))?;
        let found = known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() {
            let names = known.iter().map(|(name, _)| *name);
            self.unknown(Code::UnknownWord, node.spot, what, word, names);
        }
        found
    }

    /// `yes` or `no`, or the same in the words of YAML.
    pub fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        let known = [("yes", true), ("no", false), ("true", true), ("false", false)];
        self.one_of(node, what, &known)
    }

    /// Bits: one word of a closed list, a list of them, or a raw number.
    pub(crate) fn bits(&mut self, node: &Node, what: &str, known: &[(&str, u32)]) -> Option<u32> {
        if matches!(node.kind, Kind::List(_)) {
            let items = self.list(node, what)?;
            return items
                .iter()
                .try_fold(0, |bits, item| Some(bits | self.bits(item, what, known)?));
        }
        let raw = node.text().and_then(words::number).and_then(|raw| u32::try_from(raw).ok());
        raw.or_else(|| self.one_of(node, what, known))
    }

    /// A number with a sign.
    pub(crate) fn signed(&mut self, node: &Node, what: &str) -> Option<i64> {
        let text = self.text(node, what)?;
        let parsed = match text.strip_prefix('-') {
            Some(digits) => {
                words::number(digits).and_then(|value| 0_i64.checked_sub_unsigned(value))
            }
            None => words::number(text).and_then(|value| i64::try_from(value).ok()),
        };
        if parsed.is_none() {
            let label = "not a number that fits 64 bits with a sign";
            self.report(Code::BadNumber, node.spot, format!("{what} must be a number"), label);
        }
        parsed
    }

    /// Bytes as pairs of hex digits; none of them where the text is empty.
    pub(crate) fn bytes(&mut self, node: &Node, what: &str) -> Option<Vec<u8>> {
        let Some(text) = node.text() else {
            self.wrong_shape(node, what, "bytes in hex");
            return None;
        };
        let bytes = words::hex(text);
        if bytes.is_none() {
            let help = "such as `18 00 ff`, with or without blanks";
            let message = format!("{what} must be bytes in hex");
            self.report_with_help(
                Code::BadBytes,
                node.spot,
                message,
                "not pairs of hex digits",
                help,
            );
        }
        bytes
    }

    /// A number in decimal or, after `0x`, in hex.
    pub fn number<T: TryFrom<u64>>(&mut self, node: &Node, what: &str) -> Option<T> {
        let text = self.text(node, what)?;
        let parsed = words::number(text).and_then(|value| T::try_from(value).ok());
        if parsed.is_none() {
            let bits = size_of::<T>() * 8;
            let label = format!("not a number from 0 that fits {bits} bits");
            self.report(Code::BadNumber, node.spot, format!("{what} must be a number"), label);
        }
        parsed
    }

    /// A number of bytes: a number, or one with KiB or MiB.
    pub(crate) fn size(&mut self, node: &Node, what: &str) -> Option<u64> {
        let text = self.text(node, what)?;
        let parsed = words::size(text);
        if parsed.is_none() {
            let message = format!("{what} must be a number of bytes");
            self.report(Code::BadNumber, node.spot, message, "such as 0, 512, 4KiB or 1MiB");
        }
        parsed
    }

    /// Says that something is missing.
    pub fn missing(&mut self, spot: Spot, what: &str, key: &str) {
        let label = format!("`{key}:` is missing");
        self.report(Code::Missing, spot, format!("{what} does not say `{key}`"), label);
    }

    /// The value of a key that must be there.
    pub fn required<'n>(&mut self, fields: &Fields<'n>, key: &str, what: &str) -> Option<&'n Node> {
        let found = fields.find(key);
        if found.is_none() {
            self.missing(fields.spot, what, key);
        }
        found
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}
