use std::fs;

use oplock_suite::plan::Obligation;

use super::*;
use crate::record::Footer;
use crate::testing;
use crate::verdict::Verdict;

/// One result of each standing, with texts that XML cannot carry as they are.
fn written(folder: &Path) -> (PathBuf, String) {
    let verdicts = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Error,
        Verdict::Skipped,
        Verdict::Fail,
        Verdict::UnexpectedPass,
        Verdict::KnownDeviation,
    ];
    let names = ["pass", "fail<&\"'>", "error", "skipped", "may", "unexpected", "known"];
    let mut cases: Vec<_> =
        names.iter().map(|name| testing::case(&format!("oplock/batch/{name}"), &[])).collect();
    cases[4].obligation = Obligation::May;
    let mut results: Vec<_> = verdicts
        .iter()
        .enumerate()
        .map(|(case, verdict)| testing::result(case, *verdict))
        .collect();
    results[2].judgement = None;
    results[2].reason = Some("did not run: \u{0}\u{1b}[31mgone\u{7f}\nsecond line".into());
    results[3].reason = Some("needs lease_v2: the target says no (negotiate response)".into());
    results[6].reason = Some("The server breaks to none. (BUG-1)".into());
    let (cases, mut lines) = testing::lines(&cases, &results);
    for (number, line) in lines.iter_mut().enumerate() {
        line.screen = Some(format!("screen of {number} ]]> \u{1b}[1m\u{FFFE} <tag> ü"));
    }
    let header = testing::header("samba", "4.17.12", &["smb3_1_1,signed"]);
    let record = testing::record(header, cases, lines, Some(Footer::default()));
    let path = folder.join("out/junit.xml");
    write(&path, &record).expect("a report");
    let text = fs::read_to_string(&path).expect("the report");
    (path, text)
}

#[test]
fn the_report_reads_like_this() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text) = written(folder.path());
    let now = text.split("timestamp=\"").nth(1).and_then(|rest| rest.split('"').next());
    let text = text.replace(now.expect("a timestamp"), "NOW").replace("><", ">\n<");
    insta::assert_snapshot!(text);
}

/// GitLab documents these elements and attributes under "Unit test reports"; `type`, `message`, `id`, `package`,
/// `hostname` and `timestamp` are of the common form and ignored there.
#[test]
fn only_documented_elements_and_attributes_are_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text) = written(folder.path());
    let known = [
        ("testsuites", &[][..]),
        (
            "testsuite",
            &[
                "id",
                "name",
                "package",
                "tests",
                "errors",
                "failures",
                "hostname",
                "timestamp",
                "time",
            ],
        ),
        ("testcase", &["name", "time", "classname"]),
        ("failure", &["type", "message"]),
        ("error", &["type", "message"]),
        ("skipped", &[]),
        ("system-out", &[]),
    ];
    let mut outside = String::new();
    let mut rest = text.as_str();
    while let Some((before, cdata)) = rest.split_once("<![CDATA[") {
        outside.push_str(before);
        rest = cdata.split_once("]]>").expect("an end of CDATA").1;
    }
    outside.push_str(rest);
    let mut seen = 0;
    for tag in outside.split('<').skip(1).filter(|tag| !tag.starts_with(['/', '?'])) {
        let inside = tag.split('>').next().unwrap_or_default().trim_end_matches('/');
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let (_, allowed) = known
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("element `{name}`"));
        for attribute in attributes.split("=\"").filter_map(|part| part.rsplit([' ', '"']).next()) {
            if !attribute.is_empty() && attributes.contains(&format!("{attribute}=\"")) {
                assert!(allowed.contains(&attribute), "`{attribute}` of `{name}`");
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn a_report_takes_the_place_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out/junit.xml");
    fs::create_dir_all(folder.path().join("out")).expect("a folder");
    fs::write(&path, "an older report").expect("a file");
    let (path, text) = written(folder.path());
    assert!(text.starts_with("<?xml"));
    let names: Vec<_> = fs::read_dir(path.parent().expect("a folder"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["junit.xml"]);
}
