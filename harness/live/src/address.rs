//! Where a server is: `smb://USER@HOST[:PORT]/SHARE`.

use std::fmt;

use thiserror::Error;

/// The address of a share and the name to log in with; a password is never part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The account's domain; empty where the server's own is meant.
    pub domain: String,
    /// The account.
    pub user: String,
    /// Host name or IP address, without the brackets of IPv6.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The share.
    pub share: String,
}

/// Why a text is no address; each message ends with the remedy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// Another scheme, or none.
    #[error("`{0}` does not start with `smb://`: write smb://USER@HOST[:PORT]/SHARE")]
    Scheme(String),
    /// Nothing before the host.
    #[error("the user is missing before `{0}`: write smb://USER@HOST[:PORT]/SHARE")]
    User(String),
    /// A password; it is not repeated here.
    #[error(
        "a password does not belong in the address, where logs would show it: \
         put it into a file and name it with --password-file, or set OPLOCK_CONFORMANCE_PASSWORD"
    )]
    Password,
    /// No host, or a character that no host has.
    #[error("`{0}` is no host: write a name, an IPv4 address, or an IPv6 address in brackets")]
    Host(String),
    /// Not a port.
    #[error("`{0}` is no port: write a number from 1 to 65535, or leave `:PORT` out for 445")]
    Port(String),
    /// No share, or more than a share.
    #[error("{0}: write one share name after the host, smb://USER@HOST[:PORT]/SHARE")]
    Share(String),
}

impl Address {
    /// The port of SMB over TCP (MS-SMB2 2.1 "Transport").
    pub const DEFAULT_PORT: u16 = 445;

    /// Reads `smb://[DOMAIN;]USER@HOST[:PORT]/SHARE`, IPv6 hosts in brackets.
    ///
    /// # Errors
    /// An [`AddressError`] that says which part is wrong and what to write instead.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let rest = strip_scheme(text).ok_or_else(|| AddressError::Scheme(shown(text)))?;
        // The last `@` before the path ends the user part, so that a password with an `@` is still recognised as one.
        let path_start = rest.rfind('@').map_or(0, |at| at + 1);
        let (user_part, place) = rest.split_at(path_start);
        let user_part = user_part.strip_suffix('@').unwrap_or_default();
        if user_part.contains(':') {
            return Err(AddressError::Password);
        }
        let (domain, user) = user_part.split_once(';').unwrap_or(("", user_part));
        if user.is_empty() || user.contains(['/', '\\', ';']) {
            return Err(AddressError::User(place.to_owned()));
        }
        let (host_part, share) = place
            .split_once('/')
            .ok_or_else(|| AddressError::Share("the share is missing".to_owned()))?;
        let (host, port) = host_and_port(host_part)?;
        Ok(Address {
            domain: domain.to_owned(),
            user: user.to_owned(),
            host: host.to_owned(),
            port,
            share: share_name(share)?.to_owned(),
        })
    }

    /// Reads `HOST[:PORT]`, IPv6 hosts in brackets.
    ///
    /// # Errors
    /// [`AddressError::Host`] or [`AddressError::Port`].
    pub fn host_and_port(text: &str) -> Result<(&str, u16), AddressError> {
        host_and_port(text)
    }

    /// Reads the name of a share.
    ///
    /// # Errors
    /// [`AddressError::Share`] where it is empty, a path, or has a character that no share name has.
    pub fn share_name(text: &str) -> Result<&str, AddressError> {
        share_name(text)
    }

    /// Host and port as one text, IPv6 in brackets: what messages show.
    #[must_use]
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The UNC path of TREE_CONNECT (MS-SMB2 2.2.9).
    #[must_use]
    pub fn unc(&self) -> String {
        format!(r"\\{}\{}", self.host, self.share)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("smb://")?;
        if !self.domain.is_empty() {
            write!(f, "{};", self.domain)?;
        }
        write!(f, "{}@", self.user)?;
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if self.port != Address::DEFAULT_PORT {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "/{}", self.share)
    }
}

fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    scheme.eq_ignore_ascii_case("smb").then_some(rest)
}

/// The text as a message may show it: whatever stands before an `@` may hold a password.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, place)) => format!("...@{place}"),
        None => text.to_owned(),
    }
}

fn host_and_port(text: &str) -> Result<(&str, u16), AddressError> {
    let wrong = || AddressError::Host(text.to_owned());
    let (host, port) = if let Some(inner) = text.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or_else(wrong)?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| wrong())?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return Err(wrong()),
        }
    } else {
        match text.split_once(':') {
            Some((_, more)) if more.contains(':') => return Err(wrong()),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(plain) {
        return Err(wrong());
    }
    let Some(port) = port else { return Ok((host, Address::DEFAULT_PORT)) };
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((host, number))
        }
        _ => Err(AddressError::Port(port.to_owned())),
    }
}

fn share_name(text: &str) -> Result<&str, AddressError> {
    let share = text.strip_suffix('/').unwrap_or(text);
    if share.is_empty() {
        Err(AddressError::Share("the share is missing".to_owned()))
    } else if share.contains(['/', '\\']) {
        Err(AddressError::Share(format!("`{share}` is a path, not a share")))
    } else if share.chars().any(|c| c.is_control() || "\"[]:|<>+=;,*?".contains(c)) {
        Err(AddressError::Share(format!("`{share}` has a character that no share name has")))
    } else {
        Ok(share)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("smb://ann@nas/data", "", "ann", "nas", 445, "data")]
    #[case("SMB://ann@nas:1445/data/", "", "ann", "nas", 1445, "data")]
    #[case("smb://ACME;ann@nas.example/data$", "ACME", "ann", "nas.example", 445, "data$")]
    #[case("smb://ann@[::1]/data", "", "ann", "::1", 445, "data")]
    #[case("smb://ann@[fe80::1]:4450/data", "", "ann", "fe80::1", 4450, "data")]
    #[case("smb://ann@127.0.0.1:65535/a b", "", "ann", "127.0.0.1", 65535, "a b")]
    #[case("smb://ann@example.com@nas/data", "", "ann@example.com", "nas", 445, "data")]
    fn addresses_read(
        #[case] text: &str,
        #[case] domain: &str,
        #[case] user: &str,
        #[case] host: &str,
        #[case] port: u16,
        #[case] share: &str,
    ) {
        let address = Address::parse(text).unwrap();
        let read = (&*address.domain, &*address.user, &*address.host, address.port);
        assert_eq!((read, &*address.share), ((domain, user, host, port), share));
        assert_eq!(Address::parse(&address.to_string()).as_ref(), Ok(&address));
    }

    #[rstest]
    #[case("nas/data", "`nas/data` does not start")]
    #[case("cifs://ann:secret@nas/data", "`...@nas/data` does not start")]
    #[case("smb://nas/data", "the user is missing before `nas/data`")]
    #[case("smb://@nas/data", "the user is missing before `nas/data`")]
    #[case("smb://ACME;@nas/data", "the user is missing before `nas/data`")]
    #[case("smb://ann:secret@nas/data", "a password does not belong")]
    #[case("smb://ann:sec/r@et@nas/data", "a password does not belong")]
    #[case("smb://ann@/data", "`` is no host")]
    #[case("smb://ann@::1/data", "`::1` is no host")]
    #[case("smb://ann@[::1/data", "`[::1` is no host")]
    #[case("smb://ann@[nas]/data", "`[nas]` is no host")]
    #[case("smb://ann@[::1]4/data", "`[::1]4` is no host")]
    #[case("smb://ann@n as/data", "`n as` is no host")]
    #[case("smb://ann@nas:/data", "`` is no port")]
    #[case("smb://ann@nas:0/data", "`0` is no port")]
    #[case("smb://ann@nas:+1/data", "`+1` is no port")]
    #[case("smb://ann@nas:65536/data", "`65536` is no port")]
    #[case("smb://ann@nas", "the share is missing")]
    #[case("smb://ann@nas/", "the share is missing")]
    #[case("smb://ann@nas/data/more", "`data/more` is a path, not a share")]
    #[case("smb://ann@nas/da*ta", "`da*ta` has a character")]
    fn faults_say_what_is_wrong_and_never_the_password(#[case] text: &str, #[case] start: &str) {
        let message = Address::parse(text).unwrap_err().to_string();
        assert!(message.starts_with(start), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}
