//! A real smbd behind a go-between that changes what it says: each lie is a finding of the cell that hears it, the cell can go
//! on, and the next one hears nothing of it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_live::{Address, Dialect, LiveOptions, LiveTarget, ManagedSamba, SambaOptions, Signing};
use oplock_model::{Event, Op, OplockLevel};

use crate::play::{A, B, Play, create, created, directory, oplock, same};

/// What becomes of the next answer to an ECHO.
type Lie = fn(Vec<u8>) -> Vec<Vec<u8>>;

/// One row for each lie: what is reported, whether the call is answered all the same, the lie.
const LIES: &[(&str, bool, Lie)] = &[
    ("answer to ECHO: of another session", true, |m| vec![bent(m, 40, 0x77)]),
    ("answer to ECHO: of another tree", true, |m| vec![bent(m, 36, 0x77)]),
    ("answer to ECHO that was answered before", true, |m| vec![m.clone(), m]),
    ("answer to ECHO that nobody asked", true, |m| vec![bent(m.clone(), 31, 0x70), m]),
    ("answer to FLUSH for a ECHO", true, |m| vec![bent(m, 12, 7)]),
    ("answer: Reserved of ECHO at offset 66 is 9, not 0", true, |m| vec![bent(m, 66, 9)]),
    ("undecodable answer to ECHO: ", true, |m| vec![bent(m, 64, 9)]),
    ("undecodable header: ", true, |m| vec![[vec![0x55; 20], vec![0; 60]].concat(), m]),
    ("undecodable compound: NextCommand at offset 20 is 200, ", true, |m| vec![bent(m, 20, 200)]),
    ("a request from the server", true, |m| vec![bent(m.clone(), 16, 0), m]),
    ("an encrypted message in a session without keys", true, |m| vec![bent(m.clone(), 0, 0xFD), m]),
    ("break of a handle that nobody has", true, |m| vec![strange_break(&m), m]),
];

pub fn each_is_a_finding_of_its_cell() -> Result<(), Failed> {
    let (_samba, between, play) = behind_a_go_between("lies")?;
    for (finding, is_answered, lie) in LIES {
        let mut stage = play.stage("lie", false)?;
        created(stage.ask(A, create("f", oplock(OplockLevel::BATCH)))?)?;
        between.tell(*lie);
        let call = stage.send(A, Op::Fence)?;
        same(finding, &stage.reply(call).is_ok(), is_answered)?;
        // The cell goes on: a break and its acknowledgement on the same connection.
        let waits = stage.send(B, create("f", oplock(OplockLevel::II)))?;
        let notice = stage.notice()?;
        let oplock_model::BreakNotice::Oplock { file, .. } = notice else {
            return Err(format!("saw {notice:?}").into());
        };
        stage.ask(A, Op::OplockAck { file, level: OplockLevel::II })?;
        created(stage.reply(waits)?)?;
        let rest = findings(stage.rest());
        same(
            finding,
            &(rest.len(), rest.iter().all(|told| told.starts_with(finding))),
            &(1, true),
        )?;
        same("late events", &stage.drop_curtain()?.len(), &0)?;
        // Nobody else gets the connection.
        play.stage("after-a-lie", false)?.end()?;
    }
    Ok(())
}

/// What never comes is a finding of its cell, in time, and nobody waits for it again.
pub fn silence_is_a_finding_too() -> Result<(), Failed> {
    let (_samba, between, play) = behind_a_go_between("silence")?;
    let mut stage = play.stage("silence", false)?;
    created(stage.ask(A, create("f", oplock(OplockLevel::BATCH)))?)?;
    between.tell(|_| Vec::new());
    stage.send(A, Op::Fence)?;
    // Before other connections are asked for an ECHO too.
    between.wait_until_told()?;
    let late = stage.drop_curtain()?.into_iter().map(|event| event.value).collect();
    same(
        "late",
        &findings(late),
        &vec!["no answer to a call, not even once it was cancelled".to_owned()],
    )?;
    play.stage("after-silence", false)?.end()
}

fn behind_a_go_between(name: &str) -> Result<(ManagedSamba, GoBetween, Play), Failed> {
    let samba = ManagedSamba::start(SambaOptions::in_directory(directory(name)))?;
    let between = GoBetween::start(samba.address())?;
    // Unsigned, so that nobody notices who is in between.
    let options = LiveOptions {
        dialect: Some(Dialect::Smb2_1),
        signing: Some(Signing::Off),
        ..LiveOptions::default()
    };
    let address = Address { port: between.address.port(), ..samba.address() };
    let target = LiveTarget::connect(address, samba.password(), options)?;
    Ok((samba, between, Play(target.into())))
}

fn findings(events: Vec<Event>) -> Vec<String> {
    let told = |event| match event {
        Event::Finding(finding) => finding.what,
        other => format!("{other:?}"),
    };
    events.into_iter().map(told).collect()
}

fn bent(mut message: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    if let Some(place) = message.get_mut(at) {
        *place = byte;
    }
    message
}

/// An Oplock Break Notification of a handle that the server has given to nobody, in the header of an ECHO.
fn strange_break(echo: &[u8]) -> Vec<u8> {
    let mut message = echo.get(..64).unwrap_or_default().to_vec();
    message = bent(message, 12, 0x12);
    (24..32).for_each(|at| message = bent(std::mem::take(&mut message), at, 0xFF));
    message.extend([24, 0, 1, 0, 0, 0, 0, 0]);
    message.extend([0x5A; 16]);
    message
}

/// Stands between the client and the server, and passes on everything but what a lie changes.
struct GoBetween {
    address: SocketAddr,
    lie: Arc<NextLie>,
    over: Arc<AtomicBool>,
}

/// The lie that comes next, and that it was told.
#[derive(Default)]
struct NextLie {
    lie: Mutex<Option<Lie>>,
    told: Condvar,
}

/// The longest that an answer may take until it is lied about.
const TOLD_WITHIN: Duration = Duration::from_secs(30);

impl NextLie {
    fn lie(&self) -> MutexGuard<'_, Option<Lie>> {
        self.lie.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Lie> {
        let lie = self.lie().take();
        self.told.notify_all();
        lie
    }
}

impl GoBetween {
    fn start(server: Address) -> Result<GoBetween, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (lie, over) = (Arc::<NextLie>::default(), Arc::new(AtomicBool::new(false)));
        let (told, ends) = (Arc::clone(&lie), Arc::clone(&over));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let server = TcpStream::connect((server.host.as_str(), server.port));
                if let Ok(server) = server {
                    pass_on(&client, &server, &told);
                }
            }
        });
        Ok(GoBetween { address, lie, over })
    }

    /// The next answer to an ECHO becomes this.
    fn tell(&self, lie: Lie) {
        *self.lie.lie() = Some(lie);
    }

    fn wait_until_told(&self) -> Result<(), Failed> {
        let waits = |lie: &mut Option<Lie>| lie.is_some();
        let waited = self.lie.told.wait_timeout_while(self.lie.lie(), TOLD_WITHIN, waits);
        match waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            true => Err("no answer to an ECHO came by".into()),
            false => Ok(()),
        }
    }
}

impl Drop for GoBetween {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Its thread waits for one more client.
        let _ = TcpStream::connect(self.address);
    }
}

fn pass_on(client: &TcpStream, server: &TcpStream, lie: &Arc<NextLie>) {
    let copies = (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone());
    let (Ok(mut from), Ok(mut to), Ok(mut back), Ok(mut answers)) = copies else { return };
    for stream in [client, server] {
        let _ = stream.set_nodelay(true);
    }
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let lie = Arc::clone(lie);
    thread::spawn(move || {
        while let Ok(message) = frame(&mut answers) {
            let is_echo = message.get(12) == Some(&0x0D);
            let told = is_echo.then(|| lie.take()).flatten();
            let messages = told.map_or_else(|| vec![message.clone()], |lie| lie(message.clone()));
            let sent = messages.iter().try_for_each(|message| {
                let length = u32::try_from(message.len()).unwrap_or_default().to_be_bytes();
                back.write_all(&[&length[..], message].concat())
            });
            if sent.is_err() {
                break;
            }
        }
        let _ = back.shutdown(Shutdown::Both);
    });
}

fn frame(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut prefix = [0; 4];
    stream.read_exact(&mut prefix)?;
    let mut message = vec![0; u32::from_be_bytes(prefix) as usize];
    stream.read_exact(&mut message)?;
    Ok(message)
}
