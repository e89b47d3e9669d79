//! The little that the network reads of a frame: its header, and whether records travel in it.

use bytes::Bytes;
use engine::controller::fetch::METADATA_TOPIC_ID;
use engine::ids::{METADATA_TOPIC, OFFSETS_TOPIC};
use protocol::{Request, Response, Uuid};

use crate::event::Call;

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;

/// Which call a request frame is; `None` if it is too short to be one.
pub fn call_of_request(frame: &Bytes) -> Option<Call> {
    Some(Call {
        api_key: i16::from_be_bytes(bytes_at(frame, 0)?),
        api_version: i16::from_be_bytes(bytes_at(frame, 2)?),
        correlation_id: i32::from_be_bytes(bytes_at(frame, 4)?),
    })
}

/// The correlation id of a response frame.
pub fn correlation_of_response(frame: &Bytes) -> Option<i32> {
    Some(i32::from_be_bytes(bytes_at(frame, 0)?))
}

/// Whether a request gets no answer: a produce with `acks=0`.
pub fn expects_no_answer(call: &Call, frame: &Bytes) -> bool {
    call.api_key == PRODUCE
        && matches!(Request::decode(frame), Ok((_, Request::Produce(request))) if request.acks == 0)
}

/// Whether records of a topic that users made travel in this frame.
/// `internal` are the ids of Kafka's own topics; from version 13 on a fetch names topics by id.
pub fn carries_user_records(
    call: &Call,
    is_response: bool,
    frame: &Bytes,
    internal: &[Uuid],
) -> bool {
    match (call.api_key, is_response) {
        (PRODUCE, false) => true,
        (FETCH, true) => fetched_user_records(call, frame, internal),
        _ => false,
    }
}

fn fetched_user_records(call: &Call, frame: &Bytes, internal: &[Uuid]) -> bool {
    let Ok((_, Response::Fetch(response))) =
        Response::decode(call.api_key, call.api_version, frame)
    else {
        return false;
    };
    response.responses.iter().any(|topic| {
        topic.topic != METADATA_TOPIC
            && topic.topic_id != METADATA_TOPIC_ID
            && topic.topic != OFFSETS_TOPIC
            && !internal.contains(&topic.topic_id)
            && topic
                .partitions
                .iter()
                .any(|partition| partition.records.as_ref().is_some_and(|r| !r.is_empty()))
    })
}

fn bytes_at<const N: usize>(frame: &Bytes, start: usize) -> Option<[u8; N]> {
    frame.get(start..start.checked_add(N)?)?.try_into().ok()
}
