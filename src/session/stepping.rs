//! What the step button counts as one thing, and how it is told.

use world::event::NodeId;
use world::world::{Step, World};

const JOIN_GROUP: i16 = 11;
const LEAVE_GROUP: i16 = 13;
const SYNC_GROUP: i16 = 14;
const OFFSET_COMMIT: i16 = 8;
const CREATE_TOPICS: i16 = 19;
const DELETE_TOPICS: i16 = 20;
const PRODUCE: i16 = 0;

/// Whether a step is one that a person can see: records that land, groups that change.
pub(crate) fn can_be_seen(step: &Step) -> bool {
    match step {
        Step::Arrived(flight) => {
            flight.carries_records
                || matches!(
                    flight.call.api_key,
                    PRODUCE
                        | JOIN_GROUP
                        | SYNC_GROUP
                        | LEAVE_GROUP
                        | OFFSET_COMMIT
                        | CREATE_TOPICS
                        | DELETE_TOPICS
                )
        }
        Step::Connection(_) | Step::Woke(..) => false,
    }
}

/// A step in one sentence.
pub(crate) fn sentence(step: &Step, world: &World) -> String {
    match step {
        Step::Arrived(flight) => {
            let api = protocol::ApiKey::name(flight.call.api_key);
            let kind = if flight.is_response {
                "response"
            } else {
                "request"
            };
            let (from, to) = (name_of(flight.from, world), name_of(flight.to, world));
            format!("{api} {kind} from {from} reached {to}.")
        }
        Step::Connection(node) => format!("A connection of {} changed.", name_of(*node, world)),
        Step::Woke(node, _) => format!("{} did what was due.", name_of(*node, world)),
    }
}

/// A machine as people call it.
pub fn name_of(node: NodeId, world: &World) -> String {
    match node {
        NodeId::Controller => "the controller".to_owned(),
        NodeId::Broker(id) => format!("broker {id}"),
        NodeId::Client(id) => world
            .client(id)
            .map_or_else(|| "a client".to_owned(), |c| c.client_id.clone()),
    }
}
