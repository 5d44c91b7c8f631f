//! Every message has the bytes of its sample, and reads back from them.

use oplock_model::{LeaseAnswer, LeaseKey, LeaseRequest, LeaseState};
use oplock_wire::{
    CreateContext, CreateResponse, LeaseContext, Request, Response, decode_request,
    decode_response, encode_request, encode_response,
};
use rstest::rstest;

use crate::samples;

#[test]
fn requests_have_these_bytes_and_read_back() {
    for sample in samples::requests() {
        let encoded = encode_request(&sample.header, &sample.message);
        assert_eq!(encoded, sample.bytes, "{}", sample.name);
        let decoded = decode_request(&sample.bytes);
        assert_eq!(decoded, Ok((sample.header, sample.message)), "{}", sample.name);
    }
}

#[test]
fn responses_have_these_bytes_and_read_back() {
    for sample in samples::responses() {
        let encoded = encode_response(&sample.header, &sample.message);
        assert_eq!(encoded, sample.bytes, "{}", sample.name);
        let decoded = decode_response(&sample.bytes);
        assert_eq!(decoded, Ok((sample.header, sample.message)), "{}", sample.name);
    }
}

#[test]
fn the_header_alone_tells_interims_and_notifications() {
    let named = |tell: fn(&oplock_wire::Header) -> bool| {
        let told = samples::responses().into_iter().filter(|sample| tell(&sample.header));
        told.map(|sample| sample.name).collect::<Vec<_>>()
    };
    assert_eq!(named(|header| header.is_interim()), ["interim"]);
    let notifications = [
        "oplock break notification",
        "lease break notification",
        "lease break notification, reserved words set",
    ];
    assert_eq!(named(|header| header.is_notification()), notifications);
}

// MS-SMB2 2.2.14.2.10 and 2.2.14.2.11: the length alone says which version it is.
#[test]
fn leases_of_answers_keep_version_flags_epoch_and_parent() {
    let key = LeaseKey(*b"0123456789abcdef");
    let lease = |state, flags, version, epoch| LeaseAnswer {
        key,
        state: LeaseState(state),
        flags,
        version,
        epoch,
        parent: LeaseKey::default(),
    };
    let found: Vec<_> = samples::responses()
        .into_iter()
        .filter_map(|sample| match sample.message {
            Response::Create(answer) => Some(answer.lease().unwrap()),
            _ => None,
        })
        .collect();
    let breaking = lease(3, LeaseAnswer::BREAK_IN_PROGRESS, 1, 0);
    assert_eq!(found, [None, Some(breaking), Some(lease(5, 0, 2, 9))]);
}

#[rstest]
#[case::short(31)]
#[case::between(40)]
#[case::long(53)]
fn a_lease_of_another_length_is_an_error_of_the_lease_alone(#[case] length: usize) {
    let context = CreateContext { name: b"RqLs".to_vec(), data: vec![0; length] };
    let answer = CreateResponse { contexts: vec![context], ..CreateResponse::default() };
    let message = encode_response(&Default::default(), &Response::Create(answer.clone()));
    assert_eq!(decode_response(&message).unwrap().1, Response::Create(answer.clone()));
    let error = answer.lease().unwrap_err().to_string();
    assert_eq!(error, format!("RqLs data length at offset 0 is {length}, not 32 or 52"));
}

// MS-SMB2 2.2.13.2.10: ParentLeaseKey counts only with its flag.
#[rstest]
#[case::v1(1, None, 0, 32)]
#[case::v1_has_no_parent(1, Some(LeaseKey([7; 16])), 0, 32)]
#[case::v2(2, None, 0, 52)]
#[case::v2_with_parent(2, Some(LeaseKey([7; 16])), 4, 52)]
fn a_lease_request_becomes_a_context(
    #[case] version: u8,
    #[case] parent: Option<LeaseKey>,
    #[case] flags: u32,
    #[case] length: usize,
) {
    let state = LeaseState(u32::MAX);
    let request =
        LeaseRequest { key: LeaseKey([9; 16]), state, flags: 0, version, epoch: 3, parent };
    let context = LeaseContext::from(&request).to_context();
    assert_eq!(context.name, b"RqLs");
    assert_eq!(context.data.len(), length);
    let answer = LeaseAnswer::from(LeaseContext::decode(&context.data).unwrap());
    let v2 = version == 2;
    let expected = LeaseAnswer {
        key: request.key,
        state,
        flags,
        version,
        epoch: if v2 { 3 } else { 0 },
        parent: parent.filter(|_| v2).unwrap_or_default(),
    };
    assert_eq!(answer, expected);
    assert_eq!(LeaseContext::from(answer).to_context(), context);
}

#[test]
fn encoding_sets_what_the_message_is() {
    for sample in samples::requests() {
        let header = oplock_wire::Header { flags: oplock_wire::Flags::RESPONSE, ..sample.header };
        let (read, _) = decode_request(&encode_request(&header, &Request::Echo)).unwrap();
        assert_eq!((read.command, read.flags), (oplock_wire::Command::ECHO, 0));
    }
}
