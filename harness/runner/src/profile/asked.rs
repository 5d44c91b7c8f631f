//! From what a profile says to how its server is asked.

use oplock_live::{Address, LiveOptions, Node as Host};

use super::file::TargetProfile;
use crate::axes::AxesArg;

impl TargetProfile {
    /// The first node, the first account and the plain share.
    #[must_use]
    pub fn address(&self) -> Address {
        let Host { host, port } = self
            .nodes
            .first()
            .cloned()
            .unwrap_or_else(|| Host { host: String::new(), port: Address::DEFAULT_PORT });
        let (domain, user) = self
            .accounts
            .first()
            .map(|account| (account.domain.clone(), account.user.clone()))
            .unwrap_or_default();
        Address { domain, user, host, port, share: self.shares.plain.clone() }
    }

    /// The password of the first account; empty where the profile was read without.
    #[must_use]
    pub fn password(&self) -> String {
        self.accounts.first().map(|account| account.password.clone()).unwrap_or_default()
    }

    /// Everything else that connections, logins and probes want to know.
    #[must_use]
    pub fn options(&self) -> LiveOptions {
        let version = if self.version.is_empty() { "unknown" } else { &self.version };
        LiveOptions {
            product: Some((self.product.clone(), version.to_owned())),
            guest: self.logins.guest,
            anonymous: self.logins.anonymous,
            accounts: self.accounts.iter().skip(1).cloned().collect(),
            nodes: self.nodes.iter().skip(1).cloned().collect(),
            shares: self.shares.others.clone(),
            claims: self.claims.clone(),
            caps: self.caps,
            ..LiveOptions::default()
        }
    }

    /// What a run takes that was asked for these axes: its own where none are named, and of all of them those that it
    /// limits them to.
    #[must_use]
    pub fn axes(&self, asked: &[AxesArg]) -> Vec<AxesArg> {
        let named = |name: &String| name.parse().ok().map(AxesArg::One);
        let taken = asked.iter().flat_map(|axes| match axes {
            AxesArg::Full if !self.full.is_empty() => self.full.iter().filter_map(named).collect(),
            usual if *usual == AxesArg::REPRESENTATIVE => {
                vec![self.representative.as_ref().and_then(named).unwrap_or(*usual)]
            }
            other => vec![*other],
        });
        taken.collect()
    }
}
