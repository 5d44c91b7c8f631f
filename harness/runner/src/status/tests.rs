use oplock_suite::plan::{Answer, Branch, CallIndex, Gets, Place};
use rstest::rstest;

use super::*;
use crate::cli::CorpusArgs;
use crate::exit::Exit;
use crate::testing;

/// The names and numbers that somebody may have before them, and what they stand for.
#[rstest]
#[case::win32_decimal("802", &["CANNOT_BREAK_OPLOCK"])]
#[case::win32_hex("0x322", &["CANNOT_BREAK_OPLOCK"])]
#[case::nt_hex("0xC0000909", &["CANNOT_BREAK_OPLOCK"])]
#[case::nt_hex_small_letters("0Xc0000909", &["CANNOT_BREAK_OPLOCK"])]
#[case::nt_decimal("3221227785", &["CANNOT_BREAK_OPLOCK"])]
#[case::nt_signed("-1073739511", &["CANNOT_BREAK_OPLOCK"])]
#[case::nt_name("STATUS_CANNOT_BREAK_OPLOCK", &["CANNOT_BREAK_OPLOCK"])]
#[case::bare_name("cannot_break_oplock", &["CANNOT_BREAK_OPLOCK"])]
#[case::samba_name("NT_STATUS_CANNOT_BREAK_OPLOCK", &["CANNOT_BREAK_OPLOCK"])]
#[case::win32_name("error_cannot_break_oplock", &["CANNOT_BREAK_OPLOCK"])]
#[case::fsa_spelling("STATUS_CANCELED", &["CANCELLED"])]
#[case::either_kind("0x103", &["PENDING"])]
#[case::success("0", &["SUCCESS"])]
#[case::one_code_for_many("33", &["FILE_LOCK_CONFLICT", "LOCK_NOT_GRANTED"])]
#[case::one_name_for_many("ERROR_INVALID_HANDLE", &["INVALID_HANDLE", "FILE_CLOSED"])]
#[case::unknown("4711", &[])]
#[case::too_large("0x1C0000909", &[])]
fn a_name_or_number_is_found(#[case] asked: &str, #[case] expected: &[&str]) {
    let found: Vec<_> = readings(asked).into_iter().map(name).collect();
    let mut expected: Vec<_> = expected.iter().map(|name| format!("STATUS_{name}")).collect();
    let mut sorted = found.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);
}

/// 742 to 803 are decimal numbers of Win32; as NTSTATUS they would be other values, of which none is known.
#[test]
fn every_entry_is_found_by_each_of_its_names_and_numbers() {
    for entry in StatusEntry::all() {
        let mut ways = vec![entry.name(), format!("{:#x}", entry.status.0)];
        ways.push(entry.status.0.to_string());
        if let Some(win32) = entry.win32 {
            ways.extend([win32.name.to_owned(), win32.number.to_string()]);
        }
        for way in ways {
            let found = readings(&way);
            assert!(found.iter().any(|reading| name(*reading) == entry.name()), "{way}: {found:?}");
        }
    }
    for entry in INFORMATION {
        assert_eq!(readings(&entry.name.to_lowercase()), [Reading::Information(entry)]);
    }
}

#[test]
fn the_command_takes_every_form_of_a_number() {
    use clap::Parser as _;

    use crate::cli::{Cli, Command};

    for asked in ["802", "0xC0000909", "-1073739511", "ERROR_CANNOT_BREAK_OPLOCK"] {
        let cli = Cli::try_parse_from(["x", "status", asked]).expect("usage");
        let Some(Command::Status(args)) = cli.command else { panic!("no status") };
        assert_eq!(args.status.as_deref(), Some(asked));
        assert_eq!(readings(asked).len(), 1, "{asked}");
    }
}

#[test]
fn a_status_is_a_page() {
    insta::assert_snapshot!("page", page("802", &corpus()));
}

#[test]
fn several_readings_are_told_apart() {
    insta::assert_snapshot!("readings", page("33", &corpus()));
}

#[test]
fn information_and_an_unpaired_status_are_pages_too() {
    let pages =
        ["file_oplock_broken_to_none", "file_not_available"].map(|asked| page(asked, &corpus()));
    insta::assert_snapshot!("information", pages.join("----\n"));
}

#[test]
fn all_of_them_are_a_list() {
    let args = StatusArgs { status: None, corpus: CorpusArgs::default() };
    insta::assert_snapshot!("list", status(&args).expect("a list"));
}

#[test]
fn what_is_unknown_is_told_with_the_nearest() {
    let asked = [
        "804",
        "0xC0000908",
        "STATUS_CANOT_BREAK_OPLOCK",
        "error_cannot_brake_oplock",
        "sharing_violatoin",
        "FILE_OPLOCK_BROKEN_TO_NON",
        "protocol",
        "telephone",
    ];
    insta::assert_snapshot!("unknown", asked.map(unknown).join("\n"));
    let args = StatusArgs { status: Some("telephone".into()), corpus: CorpusArgs::default() };
    assert_eq!(status(&args).expect_err("no such status").exit, Exit::Usage);
}

#[test]
fn many_cases_are_counted() {
    let ids: Vec<_> = (0..15).map(|number| format!("a/{number}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let entry = StatusEntry::of(Status::SUCCESS).expect("an entry");
    let text = entry_text(entry, &ids);
    assert!(text.contains("expected by 15 cases\n    a/0\n"), "{text}");
    assert!(text.ends_with("    a/11\n    and 3 more\n"), "{text}");
}

fn page(asked: &str, corpus: &Corpus) -> String {
    rendered(asked, &readings(asked), corpus)
}

fn name(reading: Reading) -> String {
    match reading {
        Reading::Status(entry) | Reading::Win32(entry) => entry.name(),
        Reading::Information(entry) => entry.name.to_owned(),
    }
}

/// Two cases that expect 802, one of them as one of two readings, and one that does not.
fn corpus() -> Corpus {
    let branch = |status| Branch { expect: vec![gets(status)], because: "one reads it so".into() };
    let place = Place::default;
    let branches = vec![branch(Status::SUCCESS), branch(Status::CANNOT_BREAK_OPLOCK)];
    let one_of = Expect::InAnyOrder {
        place: place(),
        all: vec![Expect::OneOf { place: place(), branches }],
    };
    let cases = vec![
        expecting_case("store/options/plain", gets(Status::CANNOT_BREAK_OPLOCK)),
        expecting_case("store/options/other", gets(Status::SHARING_VIOLATION)),
        expecting_case("store/options/readings", one_of),
    ];
    Corpus { cases, ..Corpus::default() }
}

fn expecting_case(id: &str, expect: Expect) -> Case {
    use oplock_suite::plan::{Action, Step, Wait};

    let mut case = testing::case(id, &[]);
    case.cells[0].steps.push(Step {
        place: Place::default(),
        action: Action::TimePasses(Wait::Quiet),
        given: Vec::new(),
        then: vec![expect],
        record_only: false,
    });
    case
}

fn gets(status: Status) -> Expect {
    Expect::Gets(Gets {
        place: Place::default(),
        actor: 0,
        call: CallIndex(0),
        label: "a".into(),
        answer: Answer { status, ..Answer::default() },
    })
}
