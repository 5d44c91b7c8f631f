//! The grammar of a cell: `cell := break [ / grant ] [ = status ]`.

use oplock_model::{Level, Status};

/// What a cell of the table expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CellWord {
    /// `?`: recorded, never judged.
    Recorded,
    /// Judged as written.
    Judged {
        /// The breaks, one after another; none for `-`.
        breaks: Vec<(Level, Owed)>,
        /// What the last open of the step is granted.
        grant: Option<Level>,
        /// The status of the last call.
        status: Option<Status>,
    },
}

/// What is owed after a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owed {
    /// No acknowledgement.
    Nothing,
    /// `!`: an acknowledgement, and the operation waits for it.
    Waits,
    /// `~`: an acknowledgement, and the operation does not wait.
    Proceeds,
}

/// Why a cell cannot be read: what is wrong with which of its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadWord {
    /// The part.
    pub(crate) part: String,
    /// What it should have been.
    pub(crate) wanted: &'static str,
}

/// Reads a cell from its break, its grant and its status.
pub(crate) fn read_word(
    breaks: &str,
    grant: Option<&str>,
    status: Option<&str>,
) -> Result<CellWord, BadWord> {
    let bad = |part: &str, wanted| BadWord { part: part.to_owned(), wanted };
    if breaks == "?" {
        return match grant.or(status) {
            Some(part) => Err(bad(part, "judged: a cell `?` is recorded only")),
            None => Ok(CellWord::Recorded),
        };
    }
    let breaks = match breaks {
        "-" => Vec::new(),
        chain => chain.split('>').map(read_break).collect::<Result<_, _>>()?,
    };
    let grant = match grant {
        Some(word) => Some(Level::from_word(word).ok_or_else(|| bad(word, "a level"))?),
        None => None,
    };
    let status = match status {
        Some(word) => Some(Status::from_word(word).ok_or_else(|| bad(word, "a status"))?),
        None => None,
    };
    Ok(CellWord::Judged { breaks, grant, status })
}

fn read_break(word: &str) -> Result<(Level, Owed), BadWord> {
    let (level, owed) = match (word.strip_suffix('!'), word.strip_suffix('~')) {
        (Some(level), _) => (level, Owed::Waits),
        (_, Some(level)) => (level, Owed::Proceeds),
        _ => (word, Owed::Nothing),
    };
    match Level::from_word(level) {
        Some(level) => Ok((level, owed)),
        None => Err(BadWord {
            part: word.to_owned(),
            wanted: "`-`, `?`, or a level with `!`, `~` or neither",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn judged(
        breaks: &[(Level, Owed)],
        grant: Option<Level>,
        status: Option<Status>,
    ) -> Option<CellWord> {
        Some(CellWord::Judged { breaks: breaks.to_vec(), grant, status })
    }

    // The table of "Cells of a matrix" in the case format, and its four examples.
    #[rstest]
    #[case("-", None, None, judged(&[], None, None))]
    #[case("ii", None, None, judged(&[(Level::Ii, Owed::Nothing)], None, None))]
    #[case("RH!", None, None, judged(&[(Level::Rh, Owed::Waits)], None, None))]
    #[case("none~", None, None, judged(&[(Level::None, Owed::Proceeds)], None, None))]
    #[case("?", None, None, Some(CellWord::Recorded))]
    #[case("RH!", Some("RH"), None, judged(&[(Level::Rh, Owed::Waits)], Some(Level::Rh), None))]
    #[case("RW!", None, Some("sharing_violation"),
        judged(&[(Level::Rw, Owed::Waits)], None, Some(Status::SHARING_VIOLATION)))]
    #[case("RH!>R!>none", None, None,
        judged(&[(Level::Rh, Owed::Waits), (Level::R, Owed::Waits), (Level::None, Owed::Nothing)], None, None))]
    #[case("H", None, None, None)]
    #[case("RH!!", None, None, None)]
    #[case("RH!>", None, None, None)]
    #[case("-!", None, None, None)]
    #[case("-", Some("rh"), None, None)]
    #[case("-", None, Some("violation"), None)]
    #[case("?", Some("RH"), None, None)]
    fn grammar(
        #[case] breaks: &str,
        #[case] grant: Option<&str>,
        #[case] status: Option<&str>,
        #[case] expected: Option<CellWord>,
    ) {
        assert_eq!(read_word(breaks, grant, status).ok(), expected);
    }
}
