//! The private server's smb.conf.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;

use super::layout::Layout;

/// The name of the share.
pub(super) const SHARE: &str = "conformance";
/// The name of the second share.
pub(super) const SECOND_SHARE: &str = "second";

/// The first Samba with leases on directories.
const DIRECTORY_LEASES: (u64, u64) = (4, 22);

/// What smb.conf says that is not the same for every server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Configuration<'a> {
    pub layout: &'a Layout,
    /// The addresses that it listens on, all loopback.
    pub addresses: &'a [Ipv4Addr],
    pub port: u16,
    /// Whom it serves first.
    pub user: &'a str,
    /// Its version, as `smbd --version` says it.
    pub version: &'a str,
    /// Further lines of `[global]`: name and value.
    pub settings: &'a [(String, String)],
}

impl Configuration<'_> {
    /// The text of smb.conf; every line that is not obvious has its reason beside it.
    pub(super) fn text(self) -> String {
        let Configuration { layout, addresses, port, user, version, settings } = self;
        let seen = |path: &Path| layout.seen(path).display().to_string();
        let (root, sockets) = (seen(&layout.files), seen(&layout.sockets));
        let interfaces: Vec<String> =
            addresses.iter().map(|address| format!("{address}/8")).collect();
        let interfaces = interfaces.join(" ");
        let mut text = format!(
            "[global]
server role = standalone server
netbios name = CONFORMANCE
# Loopback only.
smb ports = {port}
interfaces = {interfaces}
bind interfaces only = yes
disable netbios = yes
# Nothing of the system's own server is read or written.
private dir = {sockets}/private
lock directory = {sockets}/lock
ncalrpc dir = {sockets}/rpc
state directory = {root}/state
cache directory = {root}/cache
pid directory = {root}/pid
log file = {root}/log.smbd
max log size = 0
passdb backend = tdbsam:{sockets}/private/passdb.tdb
usershare max shares = 0
load printers = no
printing = bsd
printcap name = /dev/null
disable spoolss = yes
# Without root there is no way to become another user.
guest account = {user}
server min protocol = SMB2_02
# Signed, unsigned and encrypted runs alike: the client says which.
server signing = auto
oplocks = yes
level2 oplocks = yes
smb2 leases = yes
# Durable handles need these three off.
kernel oplocks = no
kernel share modes = no
posix locking = no
durable handles = yes
# The owner's rights come from a security descriptor, which a full-access open of an existing file needs.
vfs objects = acl_xattr streams_xattr
acl_xattr:ignore system acls = yes
acl_xattr:security_acl_name = user.NTACL
# Every account may do everything with every file, until a case sets another security descriptor.
acl_xattr:default acl style = everyone
ea support = yes
store dos attributes = yes
map archive = no
map hidden = no
map system = no
map readonly = no
"
        );
        if leases_directories(version) {
            text.push_str("smb3 directory leases = yes\n");
        }
        for (name, value) in settings {
            let _ = writeln!(text, "{name} = {value}");
        }
        let share = seen(&layout.share());
        let _ = write!(text, "\n[{SHARE}]\npath = {share}\nread only = no\n");
        let share = seen(&layout.second_share());
        let _ = write!(
            text,
            "\n[{SECOND_SHARE}]\npath = {share}\nread only = no\n# The system keeps the oplocks here, so there are no leases.\nkernel oplocks = yes\n"
        );
        text
    }
}

/// Whether a Samba of that version knows the setting; older ones warn of it.
fn leases_directories(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u64>().ok());
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= DIRECTORY_LEASES
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("4.17.12", false)]
    #[case("4.22.11", true)]
    #[case("5.0", true)]
    #[case("unknown", false)]
    fn directory_leases_came_with_a_version(#[case] version: &str, #[case] known: bool) {
        let layout = Layout::below(Path::new("/srv/x"), None, false).unwrap();
        let addresses = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)];
        let settings = [("log level".to_owned(), "3".to_owned())];
        let text = Configuration {
            layout: &layout,
            addresses: &addresses,
            port: 4450,
            user: "ann",
            version,
            settings: &settings,
        }
        .text();
        assert_eq!(text.contains("\nsmb3 directory leases = yes\n"), known);
        assert!(text.contains("\ninterfaces = 127.0.0.1/8 127.0.0.2/8\n"), "{text}");
        assert!(text.contains("\nlog level = 3\n\n[conformance]\npath = /srv/x/share\n"), "{text}");
    }
}
