//! Captures: the messages of one cell as a pcapng file that Wireshark opens, decrypted, in TCP of our own making.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etherparse::PacketBuilder;
use oplock_model::{Frame, Trail};
use oplock_suite::plan::Cell;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::{DataLink, PcapError};

use crate::names;

/// The server of every capture; addresses are from the block for documentation (RFC 5737).
const SERVER: [u8; 4] = [192, 0, 2, 100];
/// The port by which Wireshark knows SMB2.
const SMB_PORT: u16 = 445;
/// The first client port; each connection has the next.
const FIRST_PORT: u16 = 50_000;
/// The longest segment: an IPv4 packet holds 65,535 bytes with its two headers.
const SEGMENT: usize = 60_000;
const TIME_TO_LIVE: u8 = 64;
const WINDOW: u16 = u16::MAX;
/// if_tsresol: nanoseconds, in which the writer counts.
const NANOSECONDS: u8 = 9;

/// The folder of captures below a run's reports.
pub const FOLDER: &str = "pcap";

/// Takes the captures of an older run away.
///
/// # Errors
/// A sentence where one cannot be removed.
pub fn clear(folder: &Path) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "pcapng") {
            let failed = |error| format!("cannot remove {}: {error}", path.display());
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}

/// Copies the captures of one folder to another one.
///
/// # Errors
/// A sentence where one cannot be copied.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    let is_capture = |path: &PathBuf| path.extension().is_some_and(|found| found == "pcapng");
    for path in entries.flatten().map(|entry| entry.path()).filter(is_capture) {
        let target = to.join(path.file_name().unwrap_or_default());
        fs::create_dir_all(to).and_then(|()| fs::copy(&path, &target)).map_err(|error| {
            format!("cannot copy {} to {}: {error}", path.display(), to.display())
        })?;
    }
    Ok(())
}

/// Writes the capture of a cell below `folder`, named after the cell and, where there are several, its axes.
///
/// # Errors
/// A sentence where it cannot be written.
pub fn keep(
    folder: &Path,
    cell: &Cell,
    axes: &str,
    frames: &[Frame],
    trail: &Trail,
) -> Result<PathBuf, String> {
    let path = folder.join(file_name(&cell.id.0, axes));
    let lines = connections(cell, trail);
    let bytes = pcapng(frames, &lines, Duration::from_micros(trail.began))?;
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(&path, bytes).map_err(failed)?;
    Ok(path)
}

/// A name that every file system takes.
fn file_name(cell: &str, axes: &str) -> String {
    let at = if axes.is_empty() { "" } else { "@" };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=,.@".contains(c);
    let name = format!("{cell}{at}{axes}");
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("{name}.pcapng")
}

/// A connection as a capture shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The actors that speak on it.
    pub name: String,
    /// Where it really went: our address and the server's.
    pub way: String,
}

fn connections(cell: &Cell, trail: &Trail) -> Vec<Connection> {
    let ids = names::connections(&cell.actors);
    let count = ids.iter().map(|id| id.0 as usize + 1).max().unwrap_or_default();
    let mut connections = vec![Connection::default(); count];
    for (id, actor) in ids.iter().zip(&cell.actors) {
        let Some(found) = connections.get_mut(id.0 as usize) else { continue };
        let plus = if found.name.is_empty() { "" } else { "+" };
        found.name.push_str(&format!("{plus}{}", actor.name));
    }
    for lane in &trail.lanes {
        let Some(found) = connections.get_mut(lane.connection.0 as usize) else { continue };
        let then = if found.way.is_empty() { "" } else { ", then " };
        let way = format!("{then}{} to {}", lane.local, lane.server);
        // A new session on the same transport is no other way.
        if !found.way.ends_with(&format!("{} to {}", lane.local, lane.server)) {
            found.way.push_str(&way);
        }
    }
    connections
}

/// The file: one interface for each connection; times count from `begun` after 1970.
///
/// # Errors
/// A sentence where a message cannot be written.
pub fn pcapng(
    frames: &[Frame],
    connections: &[Connection],
    begun: Duration,
) -> Result<Vec<u8>, String> {
    let failed = |error: PcapError| format!("cannot write the capture: {error}");
    let mut writer = PcapNgWriter::new(Vec::new()).map_err(failed)?;
    for Connection { name, way } in connections {
        let interface = InterfaceDescriptionBlock {
            linktype: DataLink::RAW,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed(name)),
                InterfaceDescriptionOption::IfDescription(Cow::Borrowed(way)),
                InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
            ],
        };
        writer.write_pcapng_block(interface).map_err(failed)?;
    }
    let mut sequences = vec![[1_u32, 1]; connections.len()];
    for frame in frames {
        let connection = frame.connection.0 as usize;
        let Some(sequence) = sequences.get_mut(connection) else { continue };
        let timestamp = begun + Duration::from_micros(frame.at.0);
        for packet in packets(frame, sequence)? {
            let block = EnhancedPacketBlock {
                interface_id: frame.connection.0,
                timestamp,
                original_len: u32::try_from(packet.len()).unwrap_or(u32::MAX),
                data: Cow::Owned(packet),
                options: Vec::new(),
            };
            writer.write_pcapng_block(block).map_err(failed)?;
        }
    }
    Ok(writer.into_inner())
}

/// The packets of one message; `sequence` holds the next numbers of client and server.
fn packets(frame: &Frame, sequence: &mut [u32; 2]) -> Result<Vec<Vec<u8>>, String> {
    let [ours, theirs] = if frame.to_server { [0, 1] } else { [1, 0] };
    let number = u16::try_from(frame.connection.0).unwrap_or(u16::MAX);
    let client = [192, 0, 2, u8::try_from(number.saturating_add(1)).unwrap_or(99)];
    let port = FIRST_PORT.saturating_add(number);
    let (from, to, from_port, to_port) = if frame.to_server {
        (client, SERVER, port, SMB_PORT)
    } else {
        (SERVER, client, SMB_PORT, port)
    };
    // The transport's prefix: a zero, and the length in three bytes (MS-SMB2 2.1 "Transport").
    let length = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = vec![0, length[1], length[2], length[3]];
    bytes.extend_from_slice(&frame.bytes);
    let mut packets = Vec::new();
    for segment in bytes.chunks(SEGMENT) {
        let builder = PacketBuilder::ipv4(from, to, TIME_TO_LIVE)
            .tcp(from_port, to_port, sequence[ours], WINDOW)
            .ack(sequence[theirs])
            .psh();
        let mut packet = Vec::with_capacity(builder.size(segment.len()));
        builder
            .write(&mut packet, segment)
            .map_err(|error| format!("cannot write the capture: {error}"))?;
        sequence[ours] =
            sequence[ours].wrapping_add(u32::try_from(segment.len()).unwrap_or_default());
        packets.push(packet);
    }
    Ok(packets)
}

#[cfg(test)]
mod tests {
    use oplock_model::{ConnectionId, Tick};
    use pcap_file::pcapng::{Block, PcapNgReader};

    use super::*;

    fn frame(at: u64, connection: u32, to_server: bool, length: usize) -> Frame {
        let (at, connection) = (Tick(at), ConnectionId(connection));
        Frame { at, connection, to_server, bytes: vec![0xFE; length] }
    }

    #[test]
    fn a_capture_reads_back() {
        let frames = [frame(5, 0, true, 70), frame(9, 1, true, 100_000), frame(12, 0, false, 64)];
        let names = ["A", "B"].map(|name| Connection { name: name.into(), way: String::new() });
        let file = pcapng(&frames, &names, Duration::from_secs(100)).expect("a file");
        let mut reader = PcapNgReader::new(file.as_slice()).expect("a header");
        let mut packets = Vec::new();
        let mut interfaces = 0;
        while let Some(block) = reader.next_block() {
            match block.expect("a block") {
                Block::InterfaceDescription(_) => interfaces += 1,
                Block::EnhancedPacket(packet) => {
                    packets.push((packet.interface_id, packet.timestamp, packet.data.len()));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(interfaces, 2);
        let micros = |micros| Duration::from_secs(100) + Duration::from_micros(micros);
        // IPv4 and TCP headers have 40 bytes, the prefix four.
        let expected = [
            (0, micros(5), 114),
            (1, micros(9), 60_040),
            (1, micros(9), 40_044),
            (0, micros(12), 108),
        ];
        assert_eq!(packets, expected);
    }

    #[test]
    fn both_directions_count_their_own_bytes() {
        let mut sequence = [1, 1];
        packets(&frame(0, 0, true, 96), &mut sequence).expect("packets");
        packets(&frame(0, 0, false, 46), &mut sequence).expect("packets");
        assert_eq!(sequence, [101, 51]);
    }
}
