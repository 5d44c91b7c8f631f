//! The kinds of fault that a case file can have.

use std::fmt;

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// The kind of a diagnostic; its number is never given to another kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(
                #[doc = $meaning]
                $name,
            )*
        }

        impl Code {
            /// Every code, its number and what it means.
            pub const ALL: &'static [(Code, &'static str, &'static str)] =
                &[$((Code::$name, $code, $meaning),)*];

            /// `C001`.
            #[must_use]
            pub fn number(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)*
                }
            }
        }
    };
}

codes! {
    Syntax = "C001", "The text is not YAML, or uses a part of YAML that the case format leaves out.";
    DuplicateKey = "C002", "A key stands twice in one mapping.";
    UnknownKey = "C003", "A key is not part of the format at this place.";
    UnknownVerb = "C004", "A step or an expectation begins with words that are no verb.";
    WrongShape = "C006", "A value has the wrong shape: a list where a word is needed, and the like.";
    UnknownWord = "C007", "A word is not in the closed list of this place.";
    BadNumber = "C008", "A number is missing, malformed or out of range.";
    Missing = "C009", "Something that must be said is not said.";
    UnknownActor = "C010", "An actor or client is named that the case does not have.";
    UnknownFile = "C011", "A file is named that the case does not have.";
    UnknownHandle = "C012", "A handle or an answer is named that no step brings.";
    UnknownLeaseKey = "C013", "A lease key is named that no step asks for.";
    UnknownRule = "C014", "A rule is named that is not in the table of rules.";
    UnknownCapability = "C015", "A capability is named that is not in capabilities.yaml.";
    UsedBeforeOpen = "C016", "A handle is used before the step that opens it.";
    UsedAfterClose = "C017", "A handle is used after it was closed, and success is expected.";
    NeverMet = "C018", "An expectation can never be met.";
    NoEffect = "C019", "A step has no effect.";
    CellMissing = "C020", "The product of the matrix has a cell that the table lacks.";
    CellExtra = "C021", "The table has a cell that the product of the matrix lacks.";
    CellMalformed = "C022", "A cell of the table does not follow the grammar of cells.";
    Footnote = "C023", "A footnote has no sentence, or a sentence no footnote.";
    DuplicateId = "C024", "A name that must be unique is given twice.";
    NoBecause = "C025", "A reading, an exception or a permission comes without its reason.";
    NumberWithUnit = "C026", "A literal duration; waits have names, numbers live with the target.";
    UnknownVariable = "C027", "A `$name` stands for nothing.";
    WrongLayer = "C028", "A word is used on a layer that does not know it.";
    OrderUnclear = "C029", "An answer that no expectation names could come at several places.";
    BadMatrix = "C030", "The parts of a matrix do not fit together.";
    BadName = "C031", "A name has a form that cannot be part of an id.";
    BadBytes = "C032", "Bytes are not written as pairs of hex digits.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that a kind had which is gone: C005 was for words that the format did not speak yet.
    const RETIRED: [&str; 1] = ["C005"];

    #[test]
    fn numbers_count_up_and_none_is_given_twice() {
        let numbers = (1..).map(|number| format!("C{number:03}"));
        let free = numbers.filter(|number| !RETIRED.contains(&number.as_str()));
        for ((code, number, _), expected) in Code::ALL.iter().zip(free) {
            assert_eq!(*number, expected);
            assert_eq!(code.to_string(), *number);
        }
    }
}
