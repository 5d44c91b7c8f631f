//! Profiles as they are written: what they say, and what is wrong with them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use oplock_live::Caps;
use oplock_model::ShareKind;
use rstest::rstest;

use super::*;
use crate::waits::{Bounds, Calibrated, Waits};

const TEMPLATE: &str = include_str!("../../../../fixtures/targets/example/target.yaml");

const LEAST: &str = "\
product: acme
nodes: [nas.example]
shares: {plain: data}
accounts: [{user: ann, password_env: ACME_ONE}]
";

fn variable(name: &str) -> Option<String> {
    match name {
        "ACME_ONE" => Some("one".to_owned()),
        "EXAMPLE_FILER_PASSWORD" => Some("two".to_owned()),
        _ => None,
    }
}

fn read(text: &str) -> Result<TargetProfile, String> {
    TargetProfile::read("target.yaml", text, &Secrets::asked(None, &variable, Path::new("")))
}

#[test]
fn the_template_says_everything() {
    let profile = TargetProfile::read("target.yaml", TEMPLATE, &Secrets::unasked());
    insta::assert_debug_snapshot!(profile.expect("a sound template"));
}

/// Only what is needed leaves everything else as it is without a profile, and so do the values of the template that it
/// says are those.
#[test]
fn what_is_left_out_is_as_usual() {
    let profile = read(LEAST).expect("a profile");
    assert_eq!(profile.waits, WaitPlan { waits: Waits::live(), calibrated: Calibrated::default() });
    assert_eq!(profile.accounts[0].password, "one");
    assert_eq!((profile.caps, profile.jobs), (Caps::default(), None));
    assert!(profile.hooks.is_empty() && profile.claims.is_empty() && profile.full.is_empty());
    let template = TargetProfile::read("target.yaml", TEMPLATE, &Secrets::unasked());
    let template = template.expect("a sound template");
    assert_eq!((template.waits, template.logins), (profile.waits, profile.logins));
    assert_eq!(template.hooks.cells, profile.hooks.cells);
}

#[test]
fn the_template_names_every_key() {
    let shares: Vec<&str> = keys::SHARES.iter().map(|(word, _)| *word).collect();
    let tables = [
        keys::PROFILE,
        &shares,
        keys::ACCOUNT,
        keys::LOGINS,
        keys::CLAIM,
        keys::AXES,
        keys::WAITS,
        keys::BOUNDS,
        keys::WINDOW,
        keys::CAPS,
        keys::HOOKS,
    ];
    let named: BTreeSet<String> = TEMPLATE
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split([' ', '{', ',']))
        .filter_map(|word| word.strip_suffix(':').map(str::to_owned))
        .collect();
    for key in tables.into_iter().flatten() {
        assert!(named.contains(*key), "the template does not show `{key}`");
    }
}

#[test]
fn every_share_kind_has_its_key() {
    for kind in [
        ShareKind::Plain,
        ShareKind::Second,
        ShareKind::ForceLevelTwo,
        ShareKind::ScaleOut,
        ShareKind::ContinuouslyAvailable,
    ] {
        assert_eq!(keys::SHARES.iter().filter(|(_, known)| *known == kind).count(), 1, "{kind:?}");
    }
}

#[test]
fn waits_have_bounds() {
    let waits = |text: &str| read(&format!("{LEAST}waits: {text}")).expect("a profile").waits;
    let millis = Duration::from_millis;
    let fixed = waits("{quiet: 70ms}");
    assert_eq!(fixed.waits.quiet, millis(70));
    assert_eq!(fixed.calibrated.quiet, Bounds { least: millis(70), most: millis(70) });
    let bounded = waits("{quiet: {min: 150ms}, break: {max: 4s}}");
    assert_eq!(bounded.waits.quiet, millis(150));
    assert_eq!(bounded.calibrated.quiet.least, millis(150));
    assert_eq!(bounded.waits.break_, millis(4000));
    let window = waits("{ack_timeout: {earliest: 1.7s, latest: 2.5s}}").waits.ack_timeout;
    assert_eq!((window.earliest, window.latest), (millis(1700), millis(2500)));
}

/// What a user reads about a profile that is wrong; the file names say how.
#[rstest]
fn a_broken_profile_says_what_is_wrong(
    #[files("../../fixtures/broken-profiles/*.yaml")] path: std::path::PathBuf,
) {
    let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
    let text = std::fs::read_to_string(&path).expect("the fixture is there");
    let told = TargetProfile::read(
        &format!("{name}/target.yaml"),
        &text,
        &Secrets::asked(None, &variable, Path::new("")),
    );
    let told = told.expect_err("a broken profile");
    assert!(!told.contains("s3cret"), "{told}");
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("profile-{name}"), told);
    });
}

#[test]
fn a_given_password_is_that_of_the_first_account() {
    let text = LEAST.replace("ACME_ONE", "NOT_SET");
    let given = Secrets::asked(Some("given".to_owned()), &variable, Path::new(""));
    let profile = TargetProfile::read("target.yaml", &text, &given).expect("a profile");
    assert_eq!(profile.accounts[0].password, "given");
    assert!(!format!("{profile:?}").contains("given"));
}

/// The first account needs no word in the profile: the variable that serves addresses serves it too.
#[test]
fn the_first_account_may_have_the_usual_variable() {
    let usual = |name: &str| (name == crate::target::PASSWORD).then(|| "usual".to_owned());
    let text = LEAST.replace(", password_env: ACME_ONE", "");
    let secrets = Secrets::asked(None, &usual, Path::new(""));
    let profile = TargetProfile::read("target.yaml", &text, &secrets).expect("a profile");
    assert_eq!(profile.accounts[0].password, "usual");
    assert!(profile.secret_variables.is_empty());
}

#[test]
fn axes_are_those_of_the_profile_where_none_are_named() {
    use crate::axes::AxesArg;

    let axes = "axes:\n  representative: smb3_0\n  full:\n    - smb2_1,unsigned\n    - smb3_0\n";
    let profile = read(&format!("{LEAST}{axes}")).expect("a profile");
    let named = |name: &str| name.parse::<AxesArg>().expect("axes");
    let taken = |asked: &[&str]| -> Vec<AxesArg> {
        profile.axes(&asked.iter().map(|name| named(name)).collect::<Vec<_>>())
    };
    assert_eq!(taken(&["representative"]), [named("smb3_0")]);
    assert_eq!(taken(&["full"]), [named("smb2_1,unsigned"), named("smb3_0")]);
    assert_eq!(taken(&["smb3_1_1", "smb2_1"]), [named("smb3_1_1"), named("smb2_1")]);
    let without = read(LEAST).expect("a profile");
    assert_eq!(without.axes(&[AxesArg::Full]), [AxesArg::Full]);
    assert_eq!(without.axes(&[AxesArg::REPRESENTATIVE]), [AxesArg::REPRESENTATIVE]);
}

#[test]
fn a_password_file_lies_beside_the_profile() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("one"), "p w \nrest\n").expect("a file");
    let text = LEAST.replace("password_env: ACME_ONE", "password_file: one");
    let secrets = Secrets::asked(None, &variable, folder.path());
    let profile = TargetProfile::read("target.yaml", &text, &secrets).expect("a profile");
    assert_eq!(profile.accounts[0].password, "p w ");
}

#[test]
fn a_profile_is_found_by_its_file_its_folder_and_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("target.yaml");
    std::fs::write(&file, LEAST).expect("a file");
    for word in [folder.path().display().to_string(), file.display().to_string()] {
        let found = find(&word).expect("a profile").expect("a sound one");
        assert_eq!(found.profile.product, "acme");
        assert_eq!(found.deviations(), Ok((String::new(), String::new())));
    }
    let empty = tempfile::tempdir().expect("a folder");
    let told = find(&empty.path().display().to_string()).expect("a folder").expect_err("empty");
    assert!(told.ends_with("it has no target.yaml"), "{told}");
    let carried = find("example").expect("a profile").expect("a sound one");
    assert_eq!(carried.profile.product, "example-filer");
    assert!(find("no-such-target").is_none());
    assert!(find("no-such-target.yaml").expect("a name of a file").is_err());
}
