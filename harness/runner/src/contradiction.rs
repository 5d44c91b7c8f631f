//! What a target's profile claims, and the target itself shows otherwise: a finding of its own, which fails the run.

use std::collections::BTreeMap;
use std::fmt;

use oplock_model::{Capability, Claimed, Dialect, Facts};

/// One claim that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The capability.
    pub name: String,
    /// What the profile says.
    pub claimed: Claimed,
    /// How the target showed otherwise.
    pub source: String,
}

/// The claims that the facts of the legs of a run contradict, by capability.
///
/// Whoever speaks an older dialect than the target knows cannot find everything, so a "yes" is contradicted by the newest only.
#[must_use]
pub fn contradictions(legs: &[&Facts]) -> Vec<Contradiction> {
    let mut found: BTreeMap<&String, Contradiction> = BTreeMap::new();
    for facts in legs {
        for (name, capability) in &facts.capabilities {
            let Some(claimed) = capability.contradicted() else { continue };
            if claimed.has && !speaks_newest(facts) {
                continue;
            }
            found.entry(name).or_insert_with(|| Contradiction {
                name: name.clone(),
                claimed: claimed.clone(),
                source: capability.source.clone(),
            });
        }
    }
    found.into_values().collect()
}

/// Whether the target's profile claims anything.
#[must_use]
pub fn has_claims(legs: &[&Facts]) -> bool {
    let claims =
        |facts: &&Facts| facts.capabilities.values().any(|answer| answer.claimed.is_some());
    legs.iter().any(claims)
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Contradiction { name, claimed: Claimed { has, because }, source } = self;
        let (claim, shown) = if *has { ("yes", "no") } else { ("no", "yes") };
        write!(f, "{name}: the profile claims {claim}")?;
        if let Some(because) = because {
            write!(f, " ({because})")?;
        }
        write!(f, ", the target shows {shown} ({source})")
    }
}

/// Whether the leg of these facts speaks the newest dialect that the target was found to know.
fn speaks_newest(facts: &Facts) -> bool {
    let knows = |dialect: &Dialect| {
        facts.capabilities.get(dialect.word()).is_some_and(|answer: &Capability| answer.present)
    };
    let newest = Dialect::ALL.into_iter().filter(knows).max();
    let spoken = facts.axes.split(',').find_map(Dialect::from_word);
    newest.is_none() || spoken.is_none() || spoken >= newest
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn facts(axes: &str, present: bool, claimed: bool, source: &str) -> Facts {
        let answer = |present| Capability { present, source: source.to_owned(), claimed: None };
        let mut lease = answer(present);
        lease.claim(Claimed { has: claimed, because: None });
        let dialects = ["smb2_1", "smb3_1_1"].map(|name| (name.to_owned(), answer(true)));
        let capabilities = [("lease_v2".to_owned(), lease)].into_iter().chain(dialects).collect();
        Facts { axes: axes.to_owned(), capabilities, ..Facts::default() }
    }

    #[rstest]
    #[case::holds("smb3_1_1,signed", true, true, "seen", "")]
    #[case::holds_not("smb3_1_1,signed", false, false, "seen", "")]
    #[case::yes(
        "smb3_1_1,signed",
        false,
        true,
        "seen",
        "lease_v2: the profile claims yes, the target shows no (seen)"
    )]
    #[case::no(
        "smb3_1_1,signed",
        true,
        false,
        "seen",
        "lease_v2: the profile claims no, the target shows yes (seen)"
    )]
    #[case::older("smb2_1,signed", false, true, "dialect 2.1 has none", "")]
    #[case::no_in_older(
        "smb2_1,signed",
        true,
        false,
        "seen",
        "lease_v2: the profile claims no, the target shows yes (seen)"
    )]
    #[case::assumed("smb3_1_1,signed", true, false, "profile", "")]
    fn a_claim_may_not_hold(
        #[case] axes: &str,
        #[case] present: bool,
        #[case] claimed: bool,
        #[case] source: &str,
        #[case] expected: &str,
    ) {
        let facts = facts(axes, present, claimed, source);
        let found: Vec<_> =
            contradictions(&[&facts, &facts]).iter().map(ToString::to_string).collect();
        assert_eq!(found.join("\n"), expected);
        assert!(has_claims(&[&facts]) && !has_claims(&[&Facts::default()]));
    }
}
