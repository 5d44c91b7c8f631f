//! Tables of what several plays of a cell show together.

use std::cell::Cell as Counter;

use rstest::rstest;

use super::*;
use crate::testing;

/// The result of plays that show these, and how many of them were played.
fn played(plays: Plays, shows: &[CellResult], stop_after: u32) -> (CellResult, u32) {
    let number = Counter::new(0);
    let play = |play: u32| {
        number.set(play + 1);
        shows[(play as usize).min(shows.len() - 1)].clone()
    };
    let standing = |result: &CellResult| {
        Standing::of(result.verdict, &oplock_suite::plan::Obligation::Must, false)
    };
    let stopped = || (number.get() >= stop_after).then_some("did not run: --deadline was over");
    let result = plays.of(&play, &standing, &stopped);
    (result, number.get())
}

fn result(letter: char) -> CellResult {
    let verdict = match letter {
        'p' => Verdict::Pass,
        'f' | 'g' => Verdict::Fail,
        'i' => Verdict::Inconclusive,
        's' => Verdict::Skipped,
        'e' => Verdict::Error,
        'k' => Verdict::KnownDeviation,
        'u' => Verdict::UnexpectedPass,
        'd' => Verdict::FailedDifferently,
        other => panic!("{other}"),
    };
    let mut result = testing::result(0, verdict);
    if letter == 'g' {
        result.judgement = Some(testing::wrong_level("batch"));
    }
    result.deviation = matches!(letter, 'k' | 'u' | 'd').then_some(3);
    result.reason = match letter {
        'e' => Some("the connection was lost".to_owned()),
        'd' => Some("line 3 expects another".to_owned()),
        _ => None,
    };
    result
}

/// Which plays there are, and what they come to; `-` for a repetition that no play says anything about.
#[rstest]
// `--repeat`.
#[case::once(1, 0, "f", Verdict::Fail, 1, "")]
#[case::all_pass(3, 0, "ppp", Verdict::Pass, 3, "")]
#[case::all_fail(3, 0, "fff", Verdict::Fail, 3, "")]
#[case::one_fails(4, 0, "ppfp", Verdict::Flaky, 4, "passed 3 of 4 plays (1 fail); find")]
#[case::two_ways(
    3,
    0,
    "fgf",
    Verdict::Fail,
    3,
    "not the same in all plays; 1 of 3: wrong level at step 2: to expected ii, observed batch; 2 of 3: "
)]
#[case::fails_or_nothing(
    2,
    0,
    "if",
    Verdict::Flaky,
    2,
    "passed 0 of 2 plays (1 fail, 1 inconclusive)"
)]
#[case::skipped(3, 0, "s", Verdict::Skipped, 1, "")]
// A fault on the way is never a pass, and never the target's doing.
#[case::error_first(
    3,
    0,
    "epp",
    Verdict::Error,
    3,
    "the connection was lost (in error in 1 of 3 plays)"
)]
#[case::error_last(
    3,
    0,
    "ppe",
    Verdict::Error,
    3,
    "the connection was lost (in error in 1 of 3 plays)"
)]
#[case::error_and_fail(2, 0, "ef", Verdict::Fail, 2, "in error in 1 of 2 plays")]
#[case::error_and_flaky(3, 0, "epf", Verdict::Flaky, 3, "passed 1 of 3 plays (1 fail, 1 error)")]
#[case::only_errors(2, 0, "ee", Verdict::Error, 2, "the connection was lost")]
// What the deviation list knows.
#[case::known(2, 0, "kk", Verdict::KnownDeviation, 2, "")]
#[case::known_at_times(
    3,
    0,
    "kuk",
    Verdict::Flaky,
    3,
    "passed 1 of 3 plays (2 known deviation, 1 unexpected pass); find what differs between them, or say `expect: flaky` in line 3 of the deviation list"
)]
#[case::another_way(
    3,
    0,
    "kdk",
    Verdict::FailedDifferently,
    3,
    "line 3 expects another (2 known deviation, 1 failed differently of 3 plays)"
)]
// `--retries`.
#[case::no_retry(1, 2, "p", Verdict::Pass, 1, "")]
#[case::comes_right(1, 3, "fp", Verdict::Flaky, 2, "passed 1 of 2 plays (1 fail)")]
#[case::never_right(1, 2, "fff", Verdict::Fail, 3, "")]
#[case::error_then_right(
    1,
    2,
    "ep",
    Verdict::Error,
    2,
    "the connection was lost (in error in 1 of 2 plays)"
)]
#[case::flaky_already(2, 3, "pf", Verdict::Flaky, 2, "passed 1 of 2 plays (1 fail)")]
#[case::after_the_repeats(2, 3, "fffp", Verdict::Flaky, 4, "passed 1 of 4 plays (3 fail)")]
fn plays_together(
    #[case] repeat: u32,
    #[case] retries: u32,
    #[case] shows: &str,
    #[case] verdict: Verdict,
    #[case] plays: u32,
    #[case] reason: &str,
) {
    let shows: Vec<_> = shows.chars().map(result).collect();
    let (result, number) = played(Plays { repeat, retries }, &shows, u32::MAX);
    assert_eq!((result.verdict, number), (verdict, plays));
    let said = result.reason.unwrap_or_default();
    assert!(said.starts_with(reason) && said.is_empty() == reason.is_empty(), "{said}");
    let kept = if number > 1 { number as usize } else { 0 };
    assert_eq!(result.attempts.len(), kept);
}

/// A run that ends in the middle of the plays of a cell: those that are missing are told, unless there is worse to tell.
#[rstest]
#[case::passed_so_far(
    5,
    0,
    "pp",
    2,
    Verdict::Error,
    "did not run: --deadline was over, after 2 of 5 plays"
)]
#[case::one_play(
    5,
    0,
    "p",
    1,
    Verdict::Error,
    "did not run: --deadline was over, after 1 of 5 plays"
)]
#[case::failed_already(5, 0, "pf", 2, Verdict::Flaky, "passed 1 of 2 plays (1 fail)")]
#[case::no_retry_any_more(1, 3, "f", 1, Verdict::Fail, "")]
#[case::whole(2, 0, "pp", 2, Verdict::Pass, "")]
fn a_run_that_ends_between_two_plays(
    #[case] repeat: u32,
    #[case] retries: u32,
    #[case] shows: &str,
    #[case] stop_after: u32,
    #[case] verdict: Verdict,
    #[case] reason: &str,
) {
    let shows: Vec<_> = shows.chars().map(result).collect();
    let (result, number) = played(Plays { repeat, retries }, &shows, stop_after);
    assert_eq!((result.verdict, number), (verdict, stop_after));
    let said = result.reason.unwrap_or_default();
    assert!(said.starts_with(reason) && said.is_empty() == reason.is_empty(), "{said}");
}
