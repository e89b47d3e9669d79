//! Records under way: what the frames in flight carry, decoded once each.

use std::rc::Rc;

use bytes::Bytes;
use engine::ids::{BrokerId, TopicPartition};
use protocol::{Request, Response, Uuid};
use world::event::{Flight, NodeId};
use world::facts::{is_internal, stored_records};
use world::input::ClientId;
use world::world::World;

use super::input::{Leg, Travel};
use super::memory::FlowMemory;

/// Records of one partition in one frame that are shown one by one.
const SHOWN: usize = 6;
/// A flight shorter than this is over before one could see it.
const VISIBLE_MICROS: u64 = 40_000;

/// Records under way now. `member` names the group and member that a client is, if it is one.
pub fn travels(
    world: &World,
    memory: &mut FlowMemory,
    member: &dyn Fn(ClientId) -> Option<(String, String)>,
) -> Vec<Travel> {
    let mut out = Vec::new();
    let mut seen = records::sorted::SortedMap::new();
    for flight in world.flights().filter(|flight| is_visible(flight)) {
        let carried = match memory.travels.get(&flight.number) {
            Some(carried) => carried.clone(),
            None => Rc::new(decode(world, memory, flight, member)),
        };
        out.extend(carried.iter().cloned());
        seen.insert(flight.number, carried);
    }
    memory.travels = seen;
    out
}

fn is_visible(flight: &Flight) -> bool {
    flight.carries_records && flight.arrives.micros_since(flight.sent) >= VISIBLE_MICROS
}

fn decode(
    world: &World,
    memory: &mut FlowMemory,
    flight: &Flight,
    member: &dyn Fn(ClientId) -> Option<(String, String)>,
) -> Vec<Travel> {
    let Some(leg) = leg(flight, member) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (at, batches) in carried(world, flight) {
        for (nth, record) in stored_records(&batches).into_iter().enumerate() {
            let key = memory.meet(&at.topic, record.key.as_deref());
            if let Leg::Produce { producer } = &leg {
                memory.meet_from(*producer, record.key.as_ref());
            }
            if nth < SHOWN {
                let nth = u8::try_from(nth).unwrap_or(u8::MAX);
                let (sent, arrives) = (flight.sent, flight.arrives);
                out.push(Travel {
                    leg: leg.clone(),
                    at: at.clone(),
                    key,
                    nth,
                    sent,
                    arrives,
                });
            }
        }
    }
    out
}

fn leg(flight: &Flight, member: &dyn Fn(ClientId) -> Option<(String, String)>) -> Option<Leg> {
    match (flight.from, flight.to, flight.is_response) {
        (NodeId::Client(producer), NodeId::Broker(_), false) => Some(Leg::Produce { producer }),
        (NodeId::Broker(_), NodeId::Client(client), true) => {
            let (group, member) = member(client)?;
            Some(Leg::Fetch { group, member })
        }
        (NodeId::Broker(from), NodeId::Broker(to), true) => Some(replicate(from, to)),
        _ => None,
    }
}

fn replicate(from: BrokerId, to: BrokerId) -> Leg {
    Leg::Replicate { from, to }
}

/// The batches a frame carries, by partition of topics that users made.
fn carried(world: &World, flight: &Flight) -> Vec<(TopicPartition, Bytes)> {
    let all = if flight.is_response {
        fetched(flight)
    } else {
        produced(flight)
    };
    let named = |topic: String, id: Uuid| {
        if topic.is_empty() {
            let image = world.cluster()?.controller().image();
            image.topic_by_id(id).map(|topic| topic.name.clone())
        } else {
            Some(topic)
        }
    };
    all.into_iter()
        .filter_map(|(topic, id, partition, records)| {
            let topic = named(topic, id).filter(|topic| !is_internal(topic))?;
            Some((TopicPartition::new(topic, partition), records))
        })
        .collect()
}

type Carried = (String, Uuid, i32, Bytes);

fn produced(flight: &Flight) -> Vec<Carried> {
    let Ok((_, Request::Produce(request))) = Request::decode(&flight.frame) else {
        return Vec::new();
    };
    let topics = request.topic_data.into_iter();
    topics
        .flat_map(|topic| {
            let (name, id) = (topic.name, topic.topic_id);
            let partitions = topic.partition_data.into_iter();
            partitions.filter_map(move |p| Some((name.clone(), id, p.index, p.records?)))
        })
        .collect()
}

fn fetched(flight: &Flight) -> Vec<Carried> {
    let call = &flight.call;
    let decoded = Response::decode(call.api_key, call.api_version, &flight.frame);
    let Ok((_, Response::Fetch(response))) = decoded else {
        return Vec::new();
    };
    let topics = response.responses.into_iter();
    topics
        .flat_map(|topic| {
            let (name, id) = (topic.topic, topic.topic_id);
            let partitions = topic.partitions.into_iter();
            partitions.filter_map(move |p| Some((name.clone(), id, p.partition_index, p.records?)))
        })
        .collect()
}
