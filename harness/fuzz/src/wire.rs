//! The codec: any bytes as requests and as responses; what decodes, encodes to bytes that decode to the same.

use oplock_wire::{
    LeaseContext, Request, Response, decode_request, decode_response, directory_entries,
    encode_directory_entries, encode_request, encode_response, split_compound,
};

/// Decodes the bytes in both directions, as one message and as a compound.
///
/// # Panics
/// Where a decoded message does not survive being encoded: that is the finding.
pub fn play(bytes: &[u8]) {
    message(bytes);
    if let Ok(messages) = split_compound(bytes) {
        messages.into_iter().for_each(message);
    }
    if let Ok(entries) = directory_entries(bytes) {
        let again = directory_entries(&encode_directory_entries(&entries));
        assert_eq!(again.as_ref(), Ok(&entries));
    }
    if let Ok(context) = LeaseContext::decode(bytes) {
        assert_eq!(LeaseContext::decode(&context.to_context().data), Ok(context));
    }
}

fn message(bytes: &[u8]) {
    if let Ok((header, request)) = decode_request(bytes) {
        let (_, again) = decode_request(&encode_request(&header, &request)).expect("our own bytes");
        assert_eq!(again, request);
        if let Request::Create(create) = request {
            create.contexts.iter().for_each(|context| drop(LeaseContext::decode(&context.data)));
        }
    }
    // The encoder marks every response as one, so what was not marked may come to mean something else.
    if let Ok((header, response)) = decode_response(bytes)
        && header.is_response()
    {
        let (_, again) =
            decode_response(&encode_response(&header, &response)).expect("our own bytes");
        assert_eq!(again, response);
        if let Response::Create(create) = response {
            drop(create.lease());
        }
    }
}
