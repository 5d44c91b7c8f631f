//! Colour on the console, where somebody wants it.

use std::fmt::Display;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

/// When texts have colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Where a terminal shows it and the environment does not object
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Puts colour around words, or leaves them as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

/// What a word says by its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Somebody has to do something, but the target is not to blame.
    Warning,
    /// The head of a group.
    Head,
    /// Less than the rest.
    Faint,
}

impl When {
    /// The paint for this stream. NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM have a word in `auto`.
    #[must_use]
    pub fn paint(self, stream: &impl RawStream) -> Paint {
        let on = match self {
            When::Always => true,
            When::Never => false,
            When::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        };
        Paint { on }
    }
}

impl Paint {
    /// No colour.
    pub const NONE: Paint = Paint { on: false };

    /// The text in the colour of what it says.
    #[must_use]
    pub fn tone(self, tone: Tone, text: impl Display) -> String {
        if !self.on {
            return text.to_string();
        }
        let style = match tone {
            Tone::Good => AnsiColor::Green.on_default().bold(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Warning => AnsiColor::Yellow.on_default().bold(),
            Tone::Head => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_counts_more_than_the_stream() {
        let stream = std::io::stderr();
        let red = When::Always.paint(&stream).tone(Tone::Bad, "FAIL");
        assert_eq!(red, "\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m");
        assert_eq!(When::Never.paint(&stream), Paint::NONE);
        assert_eq!(Paint::NONE.tone(Tone::Bad, "FAIL"), "FAIL");
    }
}
