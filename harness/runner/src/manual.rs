//! `man` and `completions`: what a package of the command installs beside it, made of the command line itself.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::reports::{cannot_write, replace};
use crate::stop::Stop;

/// The manual page of the command, or of one of its commands; or the names of all pages, once they are written to a folder.
///
/// # Errors
/// A [`Stop`] where there is no such command, or a page cannot be written.
pub fn man(args: &ManArgs) -> Result<String, Stop> {
    let pages = pages()?;
    if let Some(folder) = &args.out {
        let written: Result<Vec<String>, Stop> =
            pages.iter().map(|page| page.write(folder)).collect();
        return written.map(|names| names.join("\n"));
    }
    let name = match &args.command {
        Some(command) => format!("{NAME}-{}", command.join("-")),
        None => NAME.to_owned(),
    };
    let page = pages.into_iter().find(|page| page.name == name);
    page.map(|page| page.text).ok_or_else(|| {
        Stop::usage(format!("no manual page `{name}`: `{NAME} --help` lists the commands"))
    })
}

/// The completions of one shell.
#[must_use]
pub fn completions(args: &CompletionsArgs) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How the program is called.
const NAME: &str = "oplock-conformance";

/// One page.
struct Page {
    /// Without its section.
    name: String,
    text: String,
}

impl Page {
    fn write(&self, folder: &Path) -> Result<String, Stop> {
        let path: PathBuf = folder.join(format!("{}.1", self.name));
        replace(&path, |file| file.write_all(self.text.as_bytes()))
            .map_err(|error| cannot_write(&path, &error))?;
        Ok(path.display().to_string())
    }
}

/// The page of the program, then one for each of its commands.
fn pages() -> Result<Vec<Page>, Stop> {
    let mut program = Cli::command().disable_help_subcommand(true);
    // Each command knows from here on how it is called.
    program.build();
    let mut pages = Vec::new();
    let mut left = vec![(NAME.to_owned(), program)];
    while let Some((name, command)) = left.pop() {
        let children = command.get_subcommands().filter(|child| !child.is_hide_set());
        left.extend(children.map(|child| (format!("{name}-{}", child.get_name()), child.clone())));
        let mut bytes = Vec::new();
        clap_mangen::Man::new(command.display_name(&name))
            .title(name.to_uppercase())
            .render(&mut bytes)
            .map_err(|error| Stop::harness(format!("cannot make the page {name}: {error}")))?;
        pages.push(Page { name, text: String::from_utf8_lossy(&bytes).into_owned() });
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_that_names_its_options() {
        let pages = pages().expect("pages");
        let named = |name: &str| pages.iter().find(|page| page.name == name).expect(name);
        assert!(named(NAME).text.contains("oplock\\-conformance\\-run(1)"), "{}", named(NAME).text);
        let run = named("oplock-conformance-run");
        assert!(run.text.starts_with(".ie"), "{}", run.text);
        assert!(run.text.contains("\\-\\-only\\-failed"), "{}", run.text);
        let commands = Cli::command().get_subcommands().count();
        assert!(pages.len() > commands, "{} pages, {commands} commands", pages.len());
    }

    #[test]
    fn an_unknown_command_is_told() {
        let command = Some(vec!["no-such".to_owned()]);
        let stop = man(&ManArgs { command, out: None }).expect_err("no page");
        assert!(
            stop.message.starts_with("no manual page `oplock-conformance-no-such`"),
            "{stop:?}"
        );
    }
}
