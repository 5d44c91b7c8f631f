//! What changes below a directory does to its leases (spec/08 A9; smb2.dirlease.*).

use oplock_model::{BasicInfo, SetInfo};
use rstest::rstest;

use super::*;

const R: LeaseState = LeaseState::R;
const RH: LeaseState = LeaseState::RH;

/// Keys of the directories `d` and `e`, as they print.
const D1: LeaseKey = LeaseKey([101; 16]);
const D2: LeaseKey = LeaseKey([102; 16]);
const WRONG: LeaseKey = LeaseKey([9; 16]);
const CHILD: LeaseKey = LeaseKey([5; 16]);

/// The directories `d` and `e` with their leases, and `d/c`, opened with this parent key by the directories' own client.
fn scene(parent: Option<LeaseKey>) -> (Play, FileId) {
    let mut play = Play::new();
    let e = FileSpec { name: "e".to_owned(), kind: FileKind::Directory };
    play.server.add(&e).expect("the name is free");
    let c = FileSpec { name: "d/c".to_owned(), kind: FileKind::File { size: 4096 } };
    play.server.add(&c).expect("the name is free");
    for (path, key) in [("d", D1), ("e", D2)] {
        let op = CreateOp { access: Access::READ_DATA, ..lease_v2(key, RH, 1) };
        play.opened(A, CreateOp { path: path.to_owned(), ..op });
    }
    let file = play.opened(A, child(CHILD, parent)).file;
    (play, file)
}

fn child(key: LeaseKey, parent: Option<LeaseKey>) -> CreateOp {
    let request = LeaseRequest { key, state: R, flags: 0, version: 2, epoch: 1, parent };
    CreateOp {
        path: "d/c".to_owned(),
        wanted: Wanted::Lease(request),
        disposition: Disposition::Open,
        ..open()
    }
}

/// The directory leases that a request breaks, by the last digit of their keys; all of them to none with the flag.
fn broken(said: &[String]) -> String {
    let mut keys: Vec<&str> = said
        .iter()
        .filter_map(|line| line.strip_prefix("lease 10"))
        .map(|line| {
            assert!(line.ends_with("RH to none ack 0x3"), "{line}");
            &line[..1]
        })
        .collect();
    keys.sort_unstable();
    keys.concat()
}

/// Spec/08 A9 (seteof, setdos, setbtime, setmtime, setctime, setatime): by parent key, and whether the time is a time.
#[rstest]
#[case(SetInfo::EndOfFile(1), true)]
#[case(SetInfo::Allocation(1), true)]
#[case(basic(|info| info.attributes = 0x2), true)]
#[case(basic(|info| info.creation = 5), true)]
#[case(basic(|info| info.access = 5), true)]
#[case(basic(|info| info.write = 5), true)]
#[case(basic(|info| info.change = 5), true)]
#[case(basic(|info| info.write = -1), false)]
#[case(basic(|info| info.write = -2), false)]
#[case(basic(|_| {}), false)]
#[case(SetInfo::Position(1), false)]
fn set(#[case] info: SetInfo, #[case] breaks: bool) {
    for (parent, expected) in [(Some(D1), ""), (Some(WRONG), "1"), (Some(D2), "1"), (None, "1")] {
        let (mut play, file) = scene(parent);
        let said = play.says(A, Op::Set { file, info: info.clone() });
        assert!(said.contains(&"4: success".to_owned()), "{said:?}");
        assert_eq!(broken(&said), if breaks { expected } else { "" }, "{info:?} {parent:?}");
    }
}

/// The same by another client: the parent key is its own, whatever its bytes are.
#[rstest]
#[case(SetInfo::EndOfFile(1))]
#[case(basic(|info| info.attributes = 0x2))]
#[case(basic(|info| info.write = 5))]
fn set_by_another_client(#[case] info: SetInfo) {
    for parent in [Some(D1), None] {
        let (mut play, _) = scene(Some(D1));
        let file = play.opened(B, child(LeaseKey([7; 16]), parent)).file;
        let said = play.says(B, Op::Set { file, info: info.clone() });
        assert_eq!(broken(&said), "1", "{info:?} {parent:?}");
    }
}

fn basic(set: impl FnOnce(&mut BasicInfo)) -> SetInfo {
    let mut info = BasicInfo::default();
    set(&mut info);
    SetInfo::Basic(info)
}

/// Spec/08 A9 (smb2.dirlease.rename and .hardlink).
#[rstest]
#[case("d/x", Some(D1), "", "")]
#[case("d/x", Some(WRONG), "1", "1")]
#[case("d/x", None, "1", "1")]
#[case("e/x", Some(D1), "2", "2")]
#[case("e/x", Some(D2), "1", "")]
#[case("e/x", Some(WRONG), "12", "2")]
#[case("e/x", None, "12", "2")]
fn rename_and_hardlink(
    #[case] to: &str,
    #[case] parent: Option<LeaseKey>,
    #[case] renamed: &str,
    #[case] linked: &str,
) {
    let to = to.to_owned();
    for (info, expected) in [
        (SetInfo::Rename { to: to.clone(), replace: false }, renamed),
        (SetInfo::Link { to: to.clone(), replace: false }, linked),
    ] {
        let (mut play, file) = scene(parent);
        let said = play.says(A, Op::Set { file, info: info.clone() });
        assert!(said.contains(&"4: success".to_owned()), "{said:?}");
        assert_eq!(broken(&said), expected, "{info:?}");
    }
}

/// Spec/08 A9, delete (smb2.dirlease.unlink_*): who set the disposition and who closes last, each with its parent key.
#[rstest]
#[case(Some(D1), Some(D1), "")]
#[case(Some(WRONG), Some(WRONG), "1")]
#[case(None, None, "1")]
#[case(Some(D1), Some(WRONG), "1")]
#[case(Some(WRONG), Some(D1), "1")]
#[case(Some(D1), None, "1")]
#[case(None, Some(D1), "1")]
fn unlink(
    #[case] setter: Option<LeaseKey>,
    #[case] closer: Option<LeaseKey>,
    #[case] expected: &str,
) {
    for by_option in [false, true] {
        let (mut play, file) = scene(closer);
        let other = LeaseKey([6; 16]);
        let options =
            if by_option { CreateOptions::DELETE_ON_CLOSE } else { CreateOptions::default() };
        let second = play.opened(A, CreateOp { options, ..child(other, setter) }).file;
        if !by_option {
            let info = SetInfo::Disposition { delete: true };
            assert_eq!(play.says(A, Op::Set { file: second, info }), ["5: success"]);
        }
        // Nothing at a close that is not the last one.
        let said = play.says(A, Op::Close { file: second });
        assert_eq!(said.len(), 1, "{said:?}");
        let said = play.says(A, Op::Close { file });
        assert_eq!(broken(&said), expected, "{by_option}: {said:?}");
    }
}

/// The same client's one open that set the disposition is the one that closes last.
#[rstest]
#[case(Some(D1), "")]
#[case(Some(D2), "1")]
#[case(None, "1")]
fn unlink_by_one(#[case] parent: Option<LeaseKey>, #[case] expected: &str) {
    let (mut play, file) = scene(parent);
    let info = SetInfo::Disposition { delete: true };
    assert_eq!(play.says(A, Op::Set { file, info }), ["4: success"]);
    assert_eq!(broken(&play.says(A, Op::Close { file })), expected);
}

/// Spec/08 A9 (rename_dst_parent; spec/07 D39): an open for DELETE on the destination directory, under the older rule.
#[rstest]
#[case("all", false)]
#[case("read_and_write", false)]
#[case("read_and_write", true)]
fn rename_dst_parent(#[case] reading: &str, #[case] closes: bool) {
    let mut choices = Choices::default();
    choices.set("destination_share", reading).expect("the choice is known");
    let mut play = Play::with(choices, Dialect::Smb3_1_1);
    let e = FileSpec { name: "e".to_owned(), kind: FileKind::Directory };
    play.server.add(&e).expect("the name is free");
    let access = Access::READ_DATA.union(Access::DELETE);
    let op = CreateOp { path: "e".to_owned(), access, ..lease_v2(D2, RH, 1) };
    let holder = play.opened(B, op).file;
    let file = play.opened(A, open()).file;
    let info = SetInfo::Rename { to: "e/x".to_owned(), replace: false };
    let said = play.says(A, Op::Set { file, info });
    if reading == "all" {
        assert_eq!(said, ["lease 102 RH to none ack 0x3", "3: success"]);
        return;
    }
    assert_eq!(said, ["lease 102 RH to R ack 0x3"]);
    if closes {
        assert_eq!(play.says(B, Op::Close { file: holder }), ["4: success", "3: success"]);
    } else {
        assert_eq!(play.says(B, ack(D2, R)), ["4: success R", "3: sharing_violation"]);
    }
}

/// A break of a directory is acknowledged late, or not at all: nobody waits for it.
#[test]
fn a_directory_holds_nobody_up() {
    let (mut play, _) = scene(None);
    let op = CreateOp { path: "d/n".to_owned(), ..open() };
    assert_eq!(play.opens(B, op), ["lease 101 RH to none ack 0x3", "4: success none"]);
    assert_eq!(play.says(A, ack(D1, LeaseState::NONE)), ["5: success none"]);
    // The other directory's lease is as it was.
    assert_eq!(play.says(A, ack(D2, LeaseState::NONE)), ["6: unsuccessful"]);
}
