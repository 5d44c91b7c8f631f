//! No bytes panic: cut samples, changed samples, noise. What is wrong is said with its place.

use oplock_wire::{
    CreateContext, CreateRequest, DirectoryEntry, Header, Request, Response, decode_request,
    decode_response, directory_entries, encode_directory_entries, encode_request, split_compound,
};
use rstest::rstest;

use crate::samples;

/// Every sample's bytes with its name.
fn all_samples() -> Vec<(&'static str, Vec<u8>)> {
    let requests = samples::requests().into_iter().map(|sample| (sample.name, sample.bytes));
    let responses = samples::responses().into_iter().map(|sample| (sample.name, sample.bytes));
    requests.chain(responses).collect()
}

/// Tries everything that reads bytes from outside; a panic is the failure.
fn read_all_ways(bytes: &[u8]) {
    let _ = Header::decode(bytes);
    let _ = decode_request(bytes);
    if let Ok((_, Response::Create(answer))) = decode_response(bytes) {
        let _ = answer.lease();
    }
    let _ = directory_entries(bytes);
    for message in split_compound(bytes).unwrap_or_default() {
        let _ = decode_response(message);
    }
}

#[test]
fn no_cut_message_panics() {
    for (_, bytes) in all_samples() {
        for length in 0..bytes.len() {
            read_all_ways(&bytes[..length]);
        }
    }
}

#[test]
fn a_message_cut_in_its_fixed_part_is_an_error() {
    for sample in samples::requests() {
        let raw = matches!(sample.message, Request::Raw { .. });
        for length in 0..fixed_length(&sample.bytes, raw) {
            let decoded = decode_request(&sample.bytes[..length]);
            assert!(decoded.is_err(), "{} cut to {length}", sample.name);
        }
    }
    for sample in samples::responses() {
        let any = matches!(sample.message, Response::Error { .. } | Response::Raw { .. });
        for length in 0..fixed_length(&sample.bytes, any) {
            let decoded = decode_response(&sample.bytes[..length]);
            assert!(decoded.is_err(), "{} cut to {length}", sample.name);
        }
    }
}

/// Bytes that a message has at least: its header, and its StructureSize without the odd byte that stands for Buffer.
fn fixed_length(bytes: &[u8], any_body: bool) -> usize {
    if any_body { 64 } else { 64 + usize::from(bytes[64] & !1) }
}

// Lengths, offsets and counts are in there: each byte takes the values that overflow, wrap and point back.
#[test]
fn no_changed_byte_panics() {
    for (_, bytes) in all_samples() {
        for at in 0..bytes.len() {
            for value in [0x00, 0x01, 0x3F, 0x7F, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] = value;
                read_all_ways(&changed);
            }
        }
    }
}

#[test]
fn no_noise_panics() {
    let mut noise = Noise(0x0BAD_5EED);
    for _ in 0..20_000 {
        let mut bytes = noise.bytes(256);
        read_all_ways(&bytes);
        // The same behind a good beginning, so that the noise gets as far as the bodies.
        let header =
            Header { command: oplock_wire::Command(noise.next() as u16 % 20), ..Header::default() };
        let body = bytes.split_off(bytes.len().min(2));
        let size = [4, 9, 24, 25, 33, 36, 41, 44, 49, 57, 60, 65, 89][noise.next() as usize % 13];
        let body = [&[size, 0][..], &body].concat();
        let raw = Request::Raw { command: header.command, body };
        read_all_ways(&encode_request(&header, &raw));
    }
}

#[test]
fn an_error_answer_reads_whatever_its_body_is() {
    let error = samples::responses().into_iter().find(|sample| sample.name == "error").unwrap();
    for length in 64..error.bytes.len() {
        let (header, response) = decode_response(&error.bytes[..length]).unwrap();
        assert_eq!(header, error.header);
        assert_eq!(response, Response::Error { contexts: 0, data: Vec::new() });
    }
    let mut overlong = error.bytes.clone();
    overlong[68..72].fill(0xFF);
    let expected = Response::Error { contexts: 0, data: vec![0] };
    assert_eq!(decode_response(&overlong).unwrap().1, expected);
}

#[rstest]
#[case::protocol(0, &[0xFD], "ProtocolId at offset 0 is [fd, 53, 4d, 42], not fe 53 4d 42")]
#[case::header_size(4, &[65], "header StructureSize at offset 4 is 65, not 64")]
#[case::size(64, &[56], "CREATE StructureSize at offset 64 is 56, not 57")]
#[case::name(108, &[0xF0, 0xFF, 4, 0], "Name at offset 65520 needs 4 bytes, 0 are left")]
#[case::odd_name(110, &[3], "Name at offset 120 is not UTF-16")]
#[case::surrogate(120, &[0, 0xD8], "Name at offset 120 is not UTF-16")]
#[case::contexts(116, &[0xFF], "CreateContexts at offset 128 needs 255 bytes, 100 are left")]
#[case::next_back(128, &[8], "create context Next at offset 128 is 8, not 0 or at least 16")]
#[case::next_out(128, &[100], "create context Next at offset 128 is 100, not an offset inside the list")]
#[case::data(140, &[0xFF, 0xFF], "create context Data at offset 152 needs 65535 bytes, 76 are left")]
fn an_error_names_the_field_and_its_place(
    #[case] at: usize,
    #[case] with: &[u8],
    #[case] error: &str,
) {
    let name = "create, illegal lease v2 and a query";
    let sample = samples::requests().into_iter().find(|sample| sample.name == name).unwrap();
    let mut bytes = sample.bytes;
    bytes[at..at + with.len()].copy_from_slice(with);
    assert_eq!(decode_request(&bytes).unwrap_err().to_string(), error);
}

#[test]
fn a_break_of_another_size_is_an_error() {
    let body = [&[25, 0][..], &[0; 60]].concat();
    let raw = Request::Raw { command: oplock_wire::Command::OPLOCK_BREAK, body };
    let message = encode_request(&Header::default(), &raw);
    let error = decode_request(&message).unwrap_err().to_string();
    assert_eq!(error, "OPLOCK_BREAK StructureSize at offset 64 is 25, not 24 or 36");
    let error = decode_response(&message).unwrap_err().to_string();
    assert_eq!(error, "OPLOCK_BREAK StructureSize at offset 64 is 25, not 24, 36 or 44");
}

#[test]
fn what_is_made_of_noise_reads_back() {
    let mut noise = Noise(0x5EED);
    for _ in 0..2_000 {
        let contexts = (0..noise.next() % 4)
            .map(|_| CreateContext { name: noise.bytes(8), data: noise.bytes(70) })
            .collect();
        let name = "ä\\".repeat(noise.next() as usize % 9);
        let create = CreateRequest { name, contexts, ..CreateRequest::default() };
        let request = Request::Create(create);
        let header = Header { command: request.command(), ..Header::default() };
        assert_eq!(decode_request(&encode_request(&header, &request)), Ok((header, request)));

        let entries: Vec<DirectoryEntry> = (0..noise.next() % 4)
            .map(|_| DirectoryEntry {
                name: "x".repeat(noise.next() as usize % 9),
                attributes: noise.next() as u32,
                end_of_file: noise.next(),
            })
            .collect();
        assert_eq!(directory_entries(&encode_directory_entries(&entries)), Ok(entries));
    }
}

/// Numbers that are the same in every run: splitmix64.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Up to `most` bytes.
    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..self.next() % most).map(|_| self.next() as u8).collect()
    }
}
