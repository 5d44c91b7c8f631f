//! What a person reads of a probe.

use std::time::Duration;

use oplock_live::{
    Answer, Attempt, Axes, BreakTimer, Came, Cipher, Dialect, Probed, Signing, TimerEnd,
};
use oplock_model::{Capability, Claimed, Facts, Latencies, Spread};

use super::calibration::calibrated;
use super::report::Report;
use crate::waits::{Calibrated, Waits};

fn attempt(dialect: Dialect, signing: Signing, encryption: Option<Cipher>, came: Came) -> Attempt {
    Attempt { axes: Axes { dialect, signing, encryption }, came }
}

fn taken(capabilities: u32, security_mode: u16) -> Came {
    Came::Taken { capabilities, security_mode }
}

fn capability(present: bool, source: &str, claimed: Option<bool>) -> Capability {
    let because = claimed.is_some_and(|has| !has).then(|| "It is switched off.".to_owned());
    let claimed = claimed.map(|has| Claimed { has, because });
    Capability { present, source: source.to_owned(), claimed }
}

fn spread([p50, p95, p99, max]: [u64; 4]) -> Spread {
    Spread { rounds: 84, p50, p95, p99, max }
}

/// A server that demands signing, hangs up on an old dialect, and does not do what its profile says.
fn probed() -> Probed {
    let refused = |how: &str| Came::Refused(format!("the negotiation: {how}"));
    let (new, old) = (Dialect::Smb3_1_1, Dialect::Smb2_1);
    let hung_up = "the connection was lost during the login: closed by the server";
    let capabilities = [
        ("lease_v1", capability(true, "a create that asked for RWH: granted RWH", Some(true))),
        (
            "lease_v2",
            capability(true, "a create that asked for RWH: granted RWH, epoch 1", Some(false)),
        ),
        ("durable_v2", capability(false, "a create with DH2Q: answered without", Some(true))),
        ("break_timer", capability(true, Capability::ASSUMED, None)),
        ("smb2_1", capability(false, hung_up, None)),
        ("newer_than_this", capability(true, "tried", None)),
    ];
    let latencies = Latencies {
        open: spread([800, 900, 1_200, 1_300]),
        break_: Some(spread([1_900, 3_000, 4_000, 12_000])),
        release: None,
        loss: Some(Spread { rounds: 3, ..spread([9_000, 9_500, 9_500, 9_500]) }),
    };
    Probed {
        axes: Axes { dialect: new, signing: Signing::AesCmac, encryption: None },
        facts: Facts {
            product: "nas".to_owned(),
            version: "7.1".to_owned(),
            axes: "smb3_1_1,signed".to_owned(),
            capabilities: capabilities.map(|(name, is)| (name.to_owned(), is)).into(),
            latencies: Some(latencies),
        },
        attempts: vec![
            attempt(new, Signing::AesCmac, None, taken(0x42, 3)),
            attempt(new, Signing::AesGmac, None, refused("it has another algorithm")),
            attempt(new, Signing::HmacSha256, None, refused("it has another algorithm")),
            attempt(new, Signing::Off, None, refused("it demands signing")),
            attempt(new, Signing::AesCmac, Some(Cipher::Aes128Gcm), taken(0x42, 3)),
            attempt(old, Signing::HmacSha256, None, Came::Odd(hung_up.to_owned())),
        ],
        server: vec![Answer {
            name: "max_read",
            value: "8 MiB".to_owned(),
            source: "NEGOTIATE answer: MaxReadSize".to_owned(),
        }],
        share: Vec::new(),
        timers: vec![
            BreakTimer {
                held: "batch".to_owned(),
                ended: TimerEnd::After(Duration::from_millis(35_210)),
            },
            BreakTimer { held: "RWH".to_owned(), ended: TimerEnd::Never(Duration::from_secs(90)) },
        ],
    }
}

fn report() -> Report {
    let probed = probed();
    let bounds = Calibrated::default();
    let waits = calibrated(Waits::live(), probed.facts.latencies.as_ref(), &bounds);
    let known = ["lease_v1", "lease_v2", "durable_v2", "named_streams", "newer_than_this"];
    let known = known.map(str::to_owned);
    Report::of_server(&probed, "nas:445/data".to_owned(), &known, &bounds, &waits)
}

#[test]
fn a_probe_reads_like_this() {
    insta::assert_snapshot!(report().text());
}

#[test]
fn a_tool_reads_the_same() {
    let report = report();
    let json: serde_json::Value = serde_json::to_value(&report).expect("a value");
    let rows = json["themes"].as_array().expect("themes").iter();
    let count = rows.map(|theme| theme["rows"].as_array().map_or(0, Vec::len)).sum::<usize>();
    assert_eq!(count, report.themes.iter().map(|theme| theme.rows.len()).sum::<usize>());
    assert_eq!(json["contradicted"], serde_json::json!(["durable_v2", "lease_v2"]));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
}
