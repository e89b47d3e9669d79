//! Every scene of the menu opens alive.

use session::scene::SceneId;
use world::facts;

use crate::support::{open, said, wait};

#[test]
fn the_opening_scene_is_alive_at_once_and_goes_on() {
    let mut session = open(SceneId::SecretChannel);
    let stored = facts::records_stored(session.world(), "secret_channel");
    assert!(stored >= 8, "{stored} records when the curtain rises");
    let group = facts::group(session.world(), "analytics").expect("it reads");
    assert_eq!((group.state.name(), group.members.len()), ("Stable", 2));
    wait(&mut session, 10);
    assert!(facts::records_stored(session.world(), "secret_channel") > stored);
    assert_eq!(said(&session), Vec::<String>::new());
}

#[test]
fn the_diagram_sends_as_the_lecture_draws_it() {
    let session = open(SceneId::Diagram);
    let goes_to = |name: &str| -> Vec<i32> {
        let (_, client) = session
            .world()
            .clients()
            .find(|(_, client)| client.client_id == name)
            .expect("there");
        client
            .stats
            .partitions
            .keys()
            .map(|partition| partition.partition)
            .collect()
    };
    assert_eq!(goes_to("producer-client-1"), [0, 2]);
    assert_eq!(goes_to("producer-client-2"), [1, 2]);
}

#[test]
fn the_lecture_begins_on_an_empty_machine() {
    let session = open(SceneId::Lecture);
    assert!(session.world().cluster().is_none());
    assert_eq!(session.world().clients().count(), 0);
}

#[test]
fn empty_clusters_have_brokers_and_nothing_else() {
    for (scene, brokers) in [(SceneId::EmptyCluster, 1), (SceneId::ThreeBrokers, 3)] {
        let session = open(scene);
        assert_eq!(facts::brokers_alive(session.world()), brokers);
        assert_eq!(facts::user_partitions(session.world()).count(), 0);
    }
}

#[test]
fn the_rush_hour_has_fifty_partitions_and_thirty_clients_that_keep_up() {
    let mut session = open(SceneId::Busy);
    wait(&mut session, 5);
    assert_eq!(facts::user_partitions(session.world()).count(), 50);
    let busy = session
        .world()
        .clients()
        .filter(|(_, c)| c.client_id != "playground")
        .count();
    assert_eq!(busy, 30);
    for group in facts::groups(session.world()) {
        assert_eq!(group.state.name(), "Stable", "{}", group.id);
    }
    assert_eq!(session.world().stalls(), []);
}

#[test]
fn every_scene_has_a_name_that_opens_it() {
    for scene in SceneId::ALL {
        assert_eq!(SceneId::named(scene.name()), Some(scene));
        assert!(!scene.scene().about.is_empty());
    }
}
