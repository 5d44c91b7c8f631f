//! Where a connection goes: which account, which node, which share, in which dialect.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use oplock_model::{Dialect, ShareKind, TargetFault};

use crate::axes::{self, Signing};
use crate::connection::{Connection, Negotiated, Secret, Way};
use crate::lines::Lines;
use crate::reach::Reach;

/// A further account of a target.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its domain; empty where the server's own is meant.
    pub domain: String,
    /// Its name.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { domain, user, .. } = self;
        f.debug_struct("Account")
            .field("domain", domain)
            .field("user", user)
            .finish_non_exhaustive()
    }
}

/// A further node of a target: another address of the same share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Host name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Where one connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// The only dialect; the run's where nothing is said.
    pub dialect: Option<Dialect>,
    /// The account, from 1.
    pub account: u32,
    /// The node, from 1.
    pub node: u32,
    /// The kind of share.
    pub share: ShareKind,
}

impl Place {
    /// The run's own account and node.
    pub(crate) fn of_share(share: ShareKind) -> Place {
        Place { dialect: None, account: 1, node: 1, share }
    }
}

/// How the fault begins where a target has no such place.
pub(crate) const UNNAMED: &str = "the target names no";

/// The ways to all places of a target.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    /// To the first account, node and share, in the run's axes.
    pub usual: Way,
    /// The accounts from 2 on.
    pub accounts: Vec<Account>,
    /// The nodes from 2 on.
    pub nodes: Vec<Node>,
    /// The names of the shares that are not plain.
    pub shares: BTreeMap<ShareKind, String>,
    /// What all connections found of whether anybody is there.
    pub reach: Arc<Reach>,
    /// The connections that were opened.
    pub lines: Arc<Lines>,
}

impl Ways {
    /// A connection to a place.
    ///
    /// # Errors
    /// As [`Ways::to`], and as opening a connection.
    pub(crate) async fn open(
        &self,
        place: Place,
        guid: [u8; 16],
    ) -> Result<(Connection, Negotiated), TargetFault> {
        let (connection, negotiated) = self.reach.open(&self.to(place)?, guid).await?;
        self.lines.opened(&connection);
        Ok((connection, negotiated))
    }

    /// The way to a place.
    ///
    /// # Errors
    /// [`TargetFault::Unsupported`] where the target has no such account, node or share.
    pub(crate) fn to(&self, place: Place) -> Result<Way, TargetFault> {
        let none = |what: String| TargetFault::Unsupported(format!("{UNNAMED} {what}"));
        let mut way = self.usual.clone();
        if let Some(account) = further(&self.accounts, place.account)
            .map_err(|()| none(format!("account {}", place.account)))?
        {
            way.address.domain.clone_from(&account.domain);
            way.address.user.clone_from(&account.user);
            way.password = Secret(account.password.clone());
        }
        if let Some(node) =
            further(&self.nodes, place.node).map_err(|()| none(format!("node {}", place.node)))?
        {
            way.address.host.clone_from(&node.host);
            way.address.port = node.port;
        }
        if place.share != ShareKind::Plain {
            let name = self.shares.get(&place.share);
            let name = name.ok_or_else(|| none(format!("share of the kind {:?}", place.share)))?;
            way.address.share.clone_from(name);
        }
        if let Some(dialect) = place.dialect {
            way.dialects = vec![axes::number(dialect)];
            // What the run asks for may be more than this dialect has.
            way.signing = way.signing.filter(|signing| Signing::of(dialect).contains(signing));
            way.encryption =
                way.encryption.filter(|cipher| axes::ciphers(dialect).contains(cipher));
        }
        Ok(way)
    }
}

/// The entry of that number in a list that begins with 2; nothing for 1.
fn further<T>(list: &[T], number: u32) -> Result<Option<&T>, ()> {
    match number {
        0 | 1 => Ok(None),
        _ => list.get(number as usize - 2).map(Some).ok_or(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oplock_wire::security::encryption::Cipher;

    use super::*;
    use crate::Address;

    fn ways() -> Ways {
        Ways {
            usual: Way {
                address: Address::parse("smb://ann@nas/data").unwrap(),
                password: Secret("secret".to_owned()),
                dialects: vec![axes::number(Dialect::Smb3_1_1)],
                signing: Some(Signing::AesGmac),
                encryption: Some(Cipher::Aes256Gcm),
                guest: false,
                anonymous: false,
                connect_within: Duration::from_secs(1),
                login_within: Duration::from_secs(1),
            },
            accounts: vec![Account {
                domain: "D".to_owned(),
                user: "bob".to_owned(),
                password: "other".to_owned(),
            }],
            nodes: vec![Node { host: "nas2".to_owned(), port: 1445 }],
            shares: BTreeMap::from([(ShareKind::ScaleOut, "wide".to_owned())]),
            reach: Arc::default(),
            lines: Arc::default(),
        }
    }

    #[test]
    fn a_place_changes_what_it_names() {
        let place = Place {
            dialect: Some(Dialect::Smb2_1),
            account: 2,
            node: 2,
            share: ShareKind::ScaleOut,
        };
        let way = ways().to(place).unwrap();
        assert_eq!(way.address, Address::parse("smb://D;bob@nas2:1445/wide").unwrap());
        assert_eq!((way.password.0.as_str(), way.signing, way.encryption), ("other", None, None));
        let usual = ways().to(Place::of_share(ShareKind::Plain)).unwrap();
        assert_eq!(usual.address, ways().usual.address);
        assert_eq!(usual.signing, Some(Signing::AesGmac));
    }

    #[test]
    fn what_the_target_does_not_have_is_said() {
        let said = |place| ways().to(place).unwrap_err().to_string();
        let plain = Place::of_share(ShareKind::Plain);
        assert!(said(Place { account: 3, ..plain }).ends_with("names no account 3"));
        assert!(said(Place { node: 3, ..plain }).ends_with("names no node 3"));
        assert!(
            said(Place::of_share(ShareKind::ForceLevelTwo))
                .ends_with("share of the kind ForceLevelTwo")
        );
    }

    #[test]
    fn no_password_shows() {
        assert!(!format!("{:?}", ways()).contains("other"));
        assert!(!format!("{:?}", ways()).contains("secret"));
    }
}
