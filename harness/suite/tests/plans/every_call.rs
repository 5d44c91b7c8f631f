//! Every call of the case format, worded once: what it becomes, and what it needs.

use oplock_model::{Dialect, ShareKind};
use oplock_suite::plan::Expect;
use oplock_suite::{CorpusFiles, explain};
use rstest::rstest;

fn every_call() -> CorpusFiles {
    let files = [
        ("cases/smb2/every-call.yaml", include_str!("fixtures/every-smb2-call.yaml")),
        ("cases/store/every-call.yaml", include_str!("fixtures/every-store-call.yaml")),
    ];
    CorpusFiles { files: files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec() }
}

#[test]
fn each_call_reads_as_a_sentence() {
    let corpus = crate::good(&every_call()).corpus;
    let text: Vec<String> =
        corpus.cases.iter().filter_map(|case| explain(&corpus, &case.id)).collect();
    insta::assert_snapshot!("every-call", text.join("\n----\n\n"));
}

#[test]
fn each_call_is_a_call_of_the_plan() {
    let corpus = crate::good(&every_call()).corpus;
    let steps = corpus.cases.iter().flat_map(|case| &case.cells).flat_map(|cell| &cell.steps);
    let actions: Vec<String> = steps.map(|step| format!("{:#?}", step.action)).collect();
    for operation in [
        "Open",
        "Close",
        "Read",
        "Flush",
        "Lock",
        "Unlock",
        "Query",
        "QueryDirectory",
        "Set",
        "Control",
        "Request",
        "Ack",
        "Cancel",
        "BreakNotify",
        "Map",
        "Unmap",
        "LogOff",
        "TreeDisconnect",
        "Disconnect",
        "Connect",
        "Bind",
        "Send",
    ] {
        let line = |action: &String| {
            let named = format!("operation: {operation}");
            action.lines().any(|line| {
                let line = line.trim().trim_end_matches(',');
                line.split([' ', '(']).take(2).eq(named.split(' ')) || line == named
            })
        };
        assert!(actions.iter().any(line), "no call becomes {operation}");
    }
}

/// What one step needs over SMB2, besides what every server can do.
#[rstest]
#[case("A reads: {handle: a}", "")]
#[case("A flushes: {handle: a}", "")]
#[case("A sets: {handle: a, end_of_file: 7}", "")]
#[case("A sets: {handle: a, basic: {write: -1}}", "")]
#[case("A sets: {handle: a, position: 7}", "")]
#[case("A renames: {handle: a, to: g}", "")]
#[case("A deletes: {handle: a}", "")]
#[case("A queries: {handle: a, info: all}", "")]
#[case("A queries: {handle: a, directory: \"*\"}", "")]
#[case("A sends: {command: echo, body: \"04 00 00 00\"}", "")]
#[case("A disconnects: {what: tree}", "")]
#[case("A logs off: {}", "")]
#[case("A locks: {handle: a}", "byte_range_locks")]
#[case("A unlocks: {handle: a}", "byte_range_locks")]
#[case("A sets: {handle: a, valid_data_length: 7}", "valid_data_length")]
#[case("A sets: {handle: a, ea: {name: n, value: v}}", "ea")]
#[case("A sets: {handle: a, short_name: none}", "short_names")]
#[case("A sets: {handle: a, security: everybody}", "security")]
#[case("A queries: {handle: a, info: ea}", "ea")]
#[case("A queries: {handle: a, info: streams}", "named_streams")]
#[case("A queries: {handle: a, info: security}", "security")]
#[case("A renames: {handle: a, to: \":s\"}", "named_streams")]
#[case("A renames: {handle: a, to: g, flags: 0}", "rename_ex")]
#[case("A deletes: {handle: a, flags: [delete]}", "disposition_ex")]
#[case("A links: {handle: a, to: g}", "hard_links")]
#[case("A controls: {handle: a, control: set_zero_data, to: 7}", "set_zero_data")]
#[case("A controls: {handle: a, control: copychunk, source: a}", "copychunk")]
#[case("A controls: {handle: a, control: duplicate_extents, source: a}", "duplicate_extents")]
#[case("A controls: {handle: a, control: trim}", "trim")]
#[case("A controls: {handle: a, control: offload_write}", "offload_write")]
#[case("A controls: {handle: a, control: set_sparse}", "set_sparse")]
#[case("A controls: {handle: a, control: set_compression}", "set_compression")]
#[case("A controls: {handle: a, control: set_encryption}", "set_encryption")]
#[case("A controls: {handle: a, control: resiliency, timeout: 7}", "resilient")]
#[case("A controls: {handle: a, control: 0x9003c}", "")]
#[case("B binds: {to: A}", "multichannel second_connection")]
#[case("A opens: {file: f, as: b, durable: v1}", "durable_v1")]
#[case("A opens: {file: f, as: b, durable: v2}", "durable_v2")]
#[case("A opens: {file: f, as: b, durable: {persistent: yes}}", "durable_v2 persistent")]
#[case("A opens: {file: f, as: b, durable: {reconnect: a}}", "durable_v1")]
#[case("A opens: {file: f, as: b, durable: {reconnect: a, guid: g}}", "durable_v2")]
#[case("A opens: {file: f, as: b, replay: yes}", "replay")]
#[case("A opens: {file: f, as: b, app_instance: i}", "app_instance")]
#[case("A opens: {file: f, as: b, allocation: 7, maximal_access: yes, contexts: {QFid: \"\"}}", "")]
#[case("A opens: {file: \"f:s\", as: b}", "named_streams")]
#[case(
    "A opens: {file: d, as: b, lease: {key: k, state: RH, version: 2}}",
    "directory_lease lease_v1 lease_v2"
)]
#[case(
    "A opens: {file: g, as: b, options: [directory], lease: {key: k, state: RH, version: 2}}",
    "directory_lease lease_v1 lease_v2"
)]
#[case("A opens: {file: d, as: b, lease: {key: k, state: RH}}", "directory_lease lease_v1")]
#[case("A opens: {file: d, as: b, lease: {key: k, state: RH, version: 1}}", "lease_v1")]
fn words_imply_capabilities(#[case] step: &str, #[case] needs: &str) {
    let actors = if step.starts_with('B') { "B: client 1 connection 2" } else { "B: client 2" };
    assert_eq!(needs_of(actors, "", &format!("      - {step}\n")), needs);
}

/// What the head of a case needs.
#[rstest]
#[case("B: client 1 connection 2", "", "second_connection")]
#[case("B: client 2 account 2", "", "second_account")]
#[case("B: client 2 node 2", "", "second_node")]
#[case("B: client 2", "dialect: smb2_1", "smb2_1")]
#[case("B: client 2", "share: plain", "")]
#[case("B: client 2", "share: force_level_two", "force_level_two")]
#[case("B: client 2", "share: scale_out", "scale_out")]
#[case("B: client 2", "share: continuously_available", "continuously_available")]
#[case("B: client 2", "share: second", "second_share")]
#[case("B: client 2", "files: {f: {size: 1}, \"f:s\": {size: 1}}", "named_streams")]
fn the_head_implies_capabilities(#[case] actor: &str, #[case] head: &str, #[case] needs: &str) {
    assert_eq!(needs_of(actor, head, "      - B opens: {file: f, as: b}\n"), needs);
}

#[test]
fn a_dialect_and_a_share_may_be_axes() {
    let text = "suite: s\nabout: Axes.\nfiles: {f: {size: 1}}\nactors: {A: client 1}\ncases:\n  c:\n    \
                says: It holds.\n    spec: [smb2.ack.oplock]\n    dialect: $dialect\n    share: $share\n    \
                matrix:\n      rows: {dialect: [smb2_1, smb3_0], share: [plain, scale_out]}\n    \
                steps:\n      - A opens: {file: f, as: a}\n";
    let corpus = crate::good(&crate::one_file(text)).corpus;
    let cells = &corpus.cases[0].cells;
    let found: Vec<_> = cells.iter().map(|cell| (cell.dialect, cell.share)).collect();
    let (old, new) = (Some(Dialect::Smb2_1), Some(Dialect::Smb3_0));
    let (plain, scale_out) = (ShareKind::Plain, ShareKind::ScaleOut);
    assert_eq!(found, [(old, plain), (old, scale_out), (new, plain), (new, scale_out)]);
}

#[test]
fn an_actor_says_what_it_needs_in_one_order() {
    let head = "B: client 2 connection 3 account 4 node 5";
    let steps = "      - B opens: {file: f, as: b}\n";
    let corpus = crate::good(&crate::one_file(&case(head, "", steps))).corpus;
    let actor = &corpus.cases[0].cells[0].actors[1];
    assert_eq!((actor.client, actor.connection), (2, 3));
    assert_eq!((actor.account, actor.node), (4, 5));
}

#[test]
fn a_request_returns_in_its_own_step_and_ends_in_a_later_one() {
    let steps = "      - B opens: {file: f, as: b}\n      \
                 - B requests: {handle: b, level: RWH}\n      \
                 - B cancels: {call: request}\n        \
                 then: [{B gets: {answer: request, status: cancelled, to: none}}]\n";
    let text = case("B: client 2", "layer: store", steps);
    let corpus = crate::good(&crate::one_file(&text)).corpus;
    let statuses = corpus.cases[0].cells[0].steps.iter().map(|step| {
        let gets = step.then.iter().filter_map(|expect| match expect {
            Expect::Gets(gets) => Some(gets.answer.status.to_string()),
            _ => None,
        });
        gets.collect::<Vec<_>>().join(" ")
    });
    assert_eq!(statuses.collect::<Vec<_>>(), ["success", "success", "pending", "cancelled"]);
}

fn case(actor: &str, head: &str, steps: &str) -> String {
    format!(
        "suite: s\nabout: Needs.\nfiles: {{f: {{size: 1}}, d: directory, g: absent}}\n\
         actors: {{A: client 1, {actor}}}\ncases:\n  c:\n    says: It holds.\n    \
         spec: [smb2.ack.oplock]\n    {head}\n    steps:\n      - A opens: {{file: f, as: a}}\n{steps}"
    )
}

fn needs_of(actor: &str, head: &str, steps: &str) -> String {
    let corpus = crate::good(&crate::one_file(&case(actor, head, steps))).corpus;
    let needs = &corpus.cases[0].cells[0].needs;
    needs.iter().cloned().collect::<Vec<_>>().join(" ")
}
