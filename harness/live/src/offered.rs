//! Which combinations of dialect, signing and encryption a server takes: each is tried with a login of its own.

use std::fmt;

use oplock_model::{Dialect, TargetFault};

use crate::axes::{self, Axes, Signing, ciphers};
use crate::connection::{self, ENCRYPT, Negotiated, Secret, UNASKED, Way};
use crate::options::LiveOptions;
use crate::probe::bits;
use crate::{Address, runtime};

/// Every combination that the server takes, the representative first: the newest dialect, as it usually signs, in clear.
/// A dialect, way of signing or cipher that the options name is not varied.
///
/// # Errors
/// [`TargetFault::Unreachable`] where nobody answers, [`TargetFault::Refused`] where the account or the share is refused, or
/// where no combination is taken: then as the first of them was.
pub fn offered(
    address: &Address,
    password: &str,
    options: &LiveOptions,
) -> Result<Vec<Axes>, TargetFault> {
    let way = way(address, password, options);
    let runtime = runtime::of_caller()?;
    let tried = runtime.block_on(attempts(&way, options))?;
    Ok(tried.iter().filter(|attempt| attempt.is_taken()).map(|attempt| attempt.axes).collect())
}

/// One combination, and what came of trying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was asked for.
    pub axes: Axes,
    /// What the server made of it.
    pub came: Came,
}

impl Attempt {
    /// Whether the server takes it.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self.came, Came::Taken { .. })
    }
}

/// What a server makes of one combination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It agreed, and the login and the share work.
    Taken {
        /// Capabilities of its NEGOTIATE answer (MS-SMB2 2.2.4).
        capabilities: u32,
        /// SecurityMode of its NEGOTIATE answer.
        security_mode: u16,
    },
    /// It said no, which it may: a fragment says how.
    Refused(String),
    /// It answered with something else than was asked, or not at all, which it may not: a fragment says what.
    Odd(String),
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Came::Taken { capabilities, security_mode } => {
                let capabilities = bits::shown(*capabilities, bits::NEGOTIATE);
                write!(f, "SecurityMode {security_mode:#06x}, Capabilities {capabilities}")
            }
            Came::Refused(how) | Came::Odd(how) => f.write_str(how),
        }
    }
}

/// What is asked for, the representative first: the newest dialect first, in each first how it usually signs, then the
/// other ways, then the ciphers.
pub(crate) fn combinations(options: &LiveOptions) -> Vec<Axes> {
    let of_dialect = |dialect: Dialect| {
        let in_clear = Signing::of(dialect).iter().map(|&signing| (signing, None));
        let usual = Signing::usual(dialect);
        let encrypted = ciphers(dialect).iter().map(|&cipher| (usual, Some(cipher)));
        let all = in_clear.chain(encrypted);
        all.map(|(signing, encryption)| Axes { dialect, signing, encryption }).collect::<Vec<_>>()
    };
    Dialect::ALL
        .into_iter()
        .rev()
        .flat_map(of_dialect)
        .filter(|axes| is_wanted(axes, options))
        .collect()
}

/// Whether these are axes that the options do not exclude.
pub(crate) fn is_wanted(axes: &Axes, options: &LiveOptions) -> bool {
    options.dialect.is_none_or(|dialect| axes.dialect == dialect)
        && options.signing.is_none_or(|signing| axes.signing == signing)
        && options.encryption.is_none_or(|cipher| axes.encryption == Some(cipher))
}

/// Tries them one after the other: a server is asked gently, and a wrong password is sent only once.
pub(crate) async fn attempts(
    way: &Way,
    options: &LiveOptions,
) -> Result<Vec<Attempt>, TargetFault> {
    // What stops every combination is found before any of them is tried.
    let all = Way { dialects: Dialect::ALL.map(axes::number).to_vec(), ..way.clone() };
    if let Err(fault) = log_in(&all).await
        && !depends_on_the_axes(&fault)
    {
        return Err(fault);
    }
    let mut first = None;
    let mut tried = Vec::new();
    for axes in combinations(options) {
        let way = Way {
            dialects: vec![axes::number(axes.dialect)],
            signing: Some(axes.signing),
            encryption: axes.encryption,
            ..way.clone()
        };
        let came = match log_in(&way).await {
            Ok(Negotiated { capabilities, security_mode, .. }) => {
                Came::Taken { capabilities, security_mode }
            }
            Err(fault) if is_lost(&fault) => return Err(fault),
            Err(fault) => {
                let came = came_of(&fault);
                first.get_or_insert(fault);
                came
            }
        };
        tried.push(Attempt { axes, came });
    }
    match first.filter(|_| tried.iter().all(|attempt| !attempt.is_taken())) {
        Some(fault) => Err(fault),
        None => Ok(tried),
    }
}

/// The way to the server with nothing said of the transport.
pub(crate) fn way(address: &Address, password: &str, options: &LiveOptions) -> Way {
    Way {
        address: address.clone(),
        password: Secret(password.to_owned()),
        dialects: Vec::new(),
        signing: None,
        encryption: None,
        guest: options.guest,
        anonymous: options.anonymous,
        connect_within: options.connect_within,
        login_within: options.login_within,
    }
}

async fn log_in(way: &Way) -> Result<Negotiated, TargetFault> {
    let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
    // The connection is closed at once.
    Ok(connection::open(way, guid).await?.1)
}

/// Whether another combination may fare better: not where nobody answers, the password is wrong or the share is unknown.
fn depends_on_the_axes(fault: &TargetFault) -> bool {
    match fault {
        TargetFault::Refused { what, reason, .. } => {
            what == connection::NEGOTIATION
                || reason.contains(ENCRYPT)
                || reason.contains("access_denied")
        }
        _ => !is_lost(fault),
    }
}

/// Whether there is no server to ask any more, rather than one that hangs up.
fn is_lost(fault: &TargetFault) -> bool {
    match fault {
        TargetFault::Unreachable { reason, .. } => !reason.contains(connection::DURING_LOGIN),
        TargetFault::Refused { .. } | TargetFault::Unsupported(_) | TargetFault::Lost(_) => false,
        TargetFault::Start(_) | TargetFault::Setup { .. } | TargetFault::Internal(_) => true,
    }
}

fn came_of(fault: &TargetFault) -> Came {
    match fault {
        TargetFault::Refused { what, reason, .. } => {
            let said = format!("{what}: {reason}");
            let odd = [UNASKED, "undecodable", connection::LAST_ANSWER];
            if odd.iter().any(|part| reason.contains(part)) {
                Came::Odd(said)
            } else {
                Came::Refused(said)
            }
        }
        TargetFault::Unreachable { reason, .. } => Came::Odd(reason.clone()),
        fault => Came::Odd(fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::connection::{DURING_LOGIN, LAST_ANSWER, NEGOTIATION};

    fn refused(what: &str, reason: impl Into<String>) -> TargetFault {
        let (address, what) = ("nas:445".to_owned(), what.to_owned());
        TargetFault::Refused { address, what, reason: reason.into() }
    }

    fn unreachable(reason: impl Into<String>) -> TargetFault {
        TargetFault::Unreachable { address: "nas:445".to_owned(), reason: reason.into() }
    }

    #[test]
    fn the_representative_comes_first_and_each_combination_once() {
        let all = combinations(&LiveOptions::default());
        assert_eq!(all.first().map(Axes::name).as_deref(), Some("smb3_1_1,signed"));
        let mut names: Vec<String> = all.iter().map(Axes::name).collect();
        assert_eq!(names.len(), 18);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 18);
    }

    #[test]
    fn what_the_options_name_is_not_varied() {
        let options = LiveOptions {
            dialect: Some(Dialect::Smb3_1_1),
            encryption: ciphers(Dialect::Smb3_1_1).first().copied(),
            ..LiveOptions::default()
        };
        let names: Vec<String> = combinations(&options).iter().map(Axes::name).collect();
        assert_eq!(names, ["smb3_1_1,aes128_ccm"]);
        let signing = LiveOptions { signing: Some(Signing::Off), ..LiveOptions::default() };
        assert_eq!(combinations(&signing).len(), Dialect::ALL.len());
    }

    /// A wrong password sent again and again locks the account out.
    #[rstest]
    #[case::wrong_password(refused("the login of ann", "logon_failure: wrong password"), false)]
    #[case::wrong_share(refused("the share data", "bad_network_name: none"), false)]
    #[case::nobody(unreachable("nothing listens on that port"), false)]
    #[case::silence(unreachable("no login within 20s"), false)]
    #[case::no_such_dialect(refused(NEGOTIATION, "not_supported"), true)]
    #[case::encryption(refused("the login of ann", ENCRYPT), true)]
    #[case::encryption_at_the_share(refused("the share data", "access_denied: it may"), true)]
    #[case::hung_up(unreachable(format!("the connection was lost {DURING_LOGIN}: closed")), true)]
    fn other_axes_may_help_against_some_refusals(#[case] fault: TargetFault, #[case] may: bool) {
        assert_eq!(depends_on_the_axes(&fault), may);
    }

    #[rstest]
    #[case(refused(NEGOTIATION, "not_supported: it does not speak 2.1"), false)]
    #[case(refused("the login of ann", ENCRYPT), false)]
    #[case(refused(NEGOTIATION, format!("it chose dialect 3.0, {UNASKED}")), true)]
    #[case(refused(NEGOTIATION, "undecodable answer: too short"), true)]
    #[case(refused("the login of ann", format!("{LAST_ANSWER}: no signature")), true)]
    #[case(unreachable(format!("the connection was lost {DURING_LOGIN}: closed")), true)]
    fn an_answer_that_was_not_asked_for_is_odd(#[case] fault: TargetFault, #[case] odd: bool) {
        assert_eq!(matches!(came_of(&fault), Came::Odd(_)), odd);
    }
}
