//! Sets a scene: cluster, topics, clients, in that order, each as a person with the tools would.

use client::admin::{AdminCall, NewTopic};
use world::input::Input;

use crate::action::Action;
use crate::scene::Scene;
use crate::session::Session;

/// A scene's topics must be there within this much simulated time.
const PATIENCE_MILLIS: i64 = 30_000;

/// Starts the scene's cluster, creates its topics, then adds its clients.
pub(crate) fn set(session: &mut Session, scene: &Scene, brokers: i32) {
    if session.start_cluster(brokers).is_err() {
        return;
    }
    create_topics(session, scene);
    for producer in &scene.producers {
        session.act(Action::AddProducer(producer.clone()));
    }
    for consumer in &scene.consumers {
        session.act(Action::AddConsumer(consumer.clone()));
    }
}

/// Waits until every broker can lead, so that replicas spread over all of them.
fn create_topics(session: &mut Session, scene: &Scene) {
    let wanted = scene.brokers.unwrap_or(1);
    let patience = session.world.now().plus_millis(PATIENCE_MILLIS);
    while world::facts::brokers_alive(&session.world) < usize::try_from(wanted).unwrap_or(1)
        && session.world.now() < patience
    {
        session.run_to(session.world.now().plus_millis(10));
    }
    let topics: Vec<NewTopic> = scene
        .topics
        .iter()
        .map(|(name, partitions, replication)| NewTopic {
            name: name.clone(),
            partitions: Some(*partitions),
            replication_factor: Some(*replication),
            ..NewTopic::default()
        })
        .collect();
    if topics.is_empty() {
        return;
    }
    let Some(admin) = session.admin() else { return };
    let _ = session
        .world
        .apply(Input::Call(admin, AdminCall::CreateTopics(topics)));
    let ready = |session: &Session| {
        scene
            .topics
            .iter()
            .all(|(name, ..)| world::facts::topic_is_led(&session.world, name))
    };
    while !ready(session) && session.world.now() < patience {
        session.run_to(session.world.now().plus_millis(10));
    }
}
