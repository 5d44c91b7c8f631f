//! One row of the specification, and the rules that stand for it.

use crate::RuleId;

/// One row of a table, or one sentence that prescribes something, with the rules that carry it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of the document: `01` to `08`.
    pub document: &'static str,
    /// The section of the document: `5`, `A7`; `Silent` and `Servers` where sections have no number.
    pub section: &'static str,
    /// What the row is about, in a few words of our own; a number of the row in front, where it has one.
    pub row: &'static str,
    /// The rules, or why there is none.
    pub stand: Stand,
}

/// What stands for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// These rules, at least one.
    Rules(&'static [RuleId]),
    /// No rule, for this reason.
    Without(Reason),
}

/// Why a row has no rule of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It gives a number or a name; tests compare the value.
    Value,
    /// It gives the layout of a message or structure; the tests of the codec compare its bytes.
    Layout,
    /// It says what a word means; other rows decide with it.
    Definition,
    /// It says again, or sums up, what other rows of the document prescribe.
    Repeated,
    /// It decides by a field of the engine's choices, in places that rules name.
    Choice(&'static str),
    /// It is an invariant, which the engine checks after every step in place of one branch.
    Invariant,
    /// Its two outcomes cannot be told apart by any sequence of calls.
    Unobservable,
    /// It leaves an order free, so a case accepts all of them.
    OrderFree,
    /// It concerns routines and flags inside a kernel, behind the interface that the store has.
    Internal,
    /// It concerns an object that the engine does not have, such as a transaction or a lower file system.
    NotModelled,
    /// It binds the client; a conformance suite for servers plays the client itself.
    ClientSide,
    /// It tells how releases of Windows other than the one that we chose behave.
    OtherVersion,
    /// It tells how other servers behave; their deviations stand with their targets.
    OtherServer,
    /// The documents are silent, and what the engine does follows from its other rules.
    Silent,
    /// It corrects or explains a document and prescribes nothing.
    Editorial,
}

impl Row {
    /// The rules of the row; none where it stands without.
    #[must_use]
    pub fn rules(&self) -> &'static [RuleId] {
        match self.stand {
            Stand::Rules(rules) => rules,
            Stand::Without(_) => &[],
        }
    }
}

impl Reason {
    /// The reason in a word or two, for an account.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Reason::Value => "value",
            Reason::Layout => "layout",
            Reason::Definition => "definition",
            Reason::Repeated => "repeated",
            Reason::Choice(_) => "choice",
            Reason::Invariant => "invariant",
            Reason::Unobservable => "unobservable",
            Reason::OrderFree => "order is free",
            Reason::Internal => "internal",
            Reason::NotModelled => "not modelled",
            Reason::ClientSide => "client side",
            Reason::OtherVersion => "other version",
            Reason::OtherServer => "other server",
            Reason::Silent => "silent",
            Reason::Editorial => "editorial",
        }
    }
}

/// Writes a table of rows: sections in braces, a label and its rules or its reason on each line.
macro_rules! rows {
    ($document:literal; $($section:literal { $($row:literal => $stand:tt;)* })*) => {
        /// Every row of the document, in its order.
        pub(super) const ROWS: &[crate::rule_rows::Row] = &[$($(
            crate::rule_rows::Row {
                document: $document,
                section: $section,
                row: $row,
                stand: crate::rule_rows::row::stand!($stand),
            },
        )*)*];
    };
}

macro_rules! stand {
    ([$($rule:ident)+]) => {
        crate::rule_rows::Stand::Rules(&[$(crate::RuleId::$rule),+])
    };
    ((Choice $field:literal)) => {
        crate::rule_rows::Stand::Without(crate::rule_rows::Reason::Choice($field))
    };
    ($reason:ident) => {
        crate::rule_rows::Stand::Without(crate::rule_rows::Reason::$reason)
    };
}

pub(super) use {rows, stand};
