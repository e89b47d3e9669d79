//! New metadata: replicas change roles, come and go; settings change.

use bytes::Bytes;

use crate::broker::Broker;
use crate::ids::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicPartition};
use crate::image::delta::ImageDelta;
use crate::image::snapshot::Snapshot;
use crate::log::config::LogConfig;
use crate::replica::roles::{Assignment, RoleChange};
use crate::time::SimTime;

impl Broker {
    /// Applies a piece of the metadata log.
    pub(super) fn on_metadata_log(&mut self, now: SimTime, log: &Bytes) {
        // What comes before damaged bytes is applied; the next fetch begins after it, not at once.
        let (delta, outcome) = self.image.replay_log(log);
        if outcome.is_err() {
            self.controller.delay_metadata(now);
        }
        if !delta.is_empty() {
            self.apply(now, &delta);
        }
        self.after_catch_up(now);
    }

    /// Takes a snapshot in the place of all metadata known before.
    pub(super) fn on_snapshot(&mut self, now: SimTime, snapshot: &Snapshot) {
        let Ok(image) = snapshot.load() else {
            self.controller.delay_metadata(now);
            return;
        };
        if image.offset() > self.image.offset() {
            let delta = image.since(&self.image);
            self.image = image;
            self.apply(now, &delta);
        }
        self.after_catch_up(now);
    }

    fn apply(&mut self, now: SimTime, delta: &ImageDelta) {
        if !delta.brokers_changed.is_empty() {
            let active = self.image.brokers().filter(|broker| broker.is_active());
            let eligible = active.map(|broker| (broker.id, broker.epoch)).collect();
            self.replicas.set_eligible(eligible, now);
            self.follow_moved_leaders(delta);
        }
        self.apply_deletions(now, delta);
        for partition in &delta.partitions_changed {
            self.creating.remove(&partition.topic);
            self.apply_partition(now, partition);
        }
        if delta.broker_configs_changed {
            let topics: Vec<String> = self
                .image
                .topics()
                .map(|topic| topic.name.clone())
                .collect();
            topics
                .iter()
                .for_each(|topic| self.apply_config(now, topic));
        } else {
            let topics = delta.configs_changed.iter();
            topics.for_each(|topic| self.apply_config(now, topic));
        }
    }

    /// Once the metadata is as new as this broker's registration, clients are served, and replicas
    /// of topics that were deleted meanwhile go.
    fn after_catch_up(&mut self, now: SimTime) {
        let epoch = self.controller.epoch();
        let registration = self.image.broker(self.config.id);
        let let_in =
            registration.is_some_and(|own| epoch >= 0 && own.epoch == epoch && !own.fenced);
        if self.serving || !let_in {
            return;
        }
        self.count_coordinators();
        self.serving = true;
        self.ready.extend(self.connections.all());
        let image = &self.image;
        let strays = self.replicas.strays(|partition, topic_id| {
            let topic = image.topic_by_id(topic_id);
            topic.is_some_and(|topic| topic.name == partition.topic)
        });
        for partition in strays {
            self.drop_replica(now, &partition);
        }
    }

    /// Which partition keeps a group or a transaction depends on how many there are. Where the topic
    /// is there already, that counts, whatever the settings say by now.
    fn count_coordinators(&mut self) {
        let count = |topic, set| {
            let topic = self.image.topic(topic);
            topic.map_or(set, |topic| topic.partition_count())
        };
        let offsets = count(OFFSETS_TOPIC, self.config.offsets_partitions);
        let transactions = count(TRANSACTIONS_TOPIC, self.config.transactions_partitions);
        self.config.offsets_partitions = offsets;
        self.config.transactions_partitions = transactions;
        self.groups.set_partitions(offsets);
        self.txns.set_partitions(transactions);
    }

    #[inline(never)]
    fn apply_deletions(&mut self, now: SimTime, delta: &ImageDelta) {
        for (topic_id, name) in &delta.topics_deleted {
            let hosted = self.replicas.all_hosted();
            let gone = hosted.filter(|(_, hosted)| hosted.topic_id == *topic_id);
            let gone: Vec<TopicPartition> = gone.map(|(partition, _)| partition.clone()).collect();
            for partition in gone {
                self.drop_replica(now, &partition);
            }
            let effects = self
                .groups
                .on_topics_deleted(now, std::slice::from_ref(name));
            self.take_effects(now, effects);
        }
    }

    #[inline(never)]
    fn drop_replica(&mut self, now: SimTime, partition: &TopicPartition) {
        self.fetchers.unfollow(partition);
        self.replicas.remove(partition);
        self.resign(now, partition);
    }

    fn apply_partition(&mut self, now: SimTime, partition: &TopicPartition) {
        let Some(topic) = self.image.topic(&partition.topic) else {
            return;
        };
        let topic_id = topic.id;
        let Some(image) = topic.partitions.get(&partition.partition) else {
            return;
        };
        let config = LogConfig::read(|key| self.image.topic_config(&partition.topic, key));
        let change = self.replicas.assign(
            partition,
            now,
            Assignment {
                topic_id,
                image,
                config: &config,
            },
        );
        match change {
            RoleChange::Unchanged => self.follow_if_leader_known(partition),
            RoleChange::Leads => {
                self.fetchers.unfollow(partition);
                self.resign(now, partition);
                self.load_group(now, partition);
                self.load_transactions(now, partition);
            }
            RoleChange::Follows => {
                self.resign(now, partition);
                self.fetchers.unfollow(partition);
                self.follow_if_leader_known(partition);
            }
            RoleChange::NotHere => {
                self.fetchers.unfollow(partition);
                self.resign(now, partition);
            }
        }
    }

    /// Fetches from the leader, unless this broker leads or does so already.
    fn follow_if_leader_known(&mut self, partition: &TopicPartition) {
        let Some(hosted) = self.replicas.hosted(partition) else {
            return;
        };
        if hosted.is_led_here() || hosted.leader < 0 {
            return;
        }
        let Some(registration) = self.image.broker(hosted.leader) else {
            return;
        };
        self.fetchers.follow(
            partition,
            (hosted.topic_id, hosted.leader_epoch),
            (hosted.leader, &registration.endpoint),
            &mut self.out,
        );
    }

    /// A leader that registered again may listen elsewhere.
    #[inline(never)]
    fn follow_moved_leaders(&mut self, delta: &ImageDelta) {
        let hosted = self.replicas.all_hosted();
        let moved = hosted.filter(|(_, hosted)| delta.brokers_changed.contains(&hosted.leader));
        let moved: Vec<TopicPartition> = moved.map(|(partition, _)| partition.clone()).collect();
        for partition in moved {
            self.follow_if_leader_known(&partition);
        }
    }

    fn apply_config(&mut self, now: SimTime, topic: &str) {
        let config = LogConfig::read(|key| self.image.topic_config(topic, key));
        self.replicas.set_config(topic, &config, now);
    }

    fn resign(&mut self, now: SimTime, partition: &TopicPartition) {
        self.resign_transactions(now, partition);
        if partition.topic == OFFSETS_TOPIC {
            let effects = self.groups.resign(partition.partition);
            self.take_effects(now, effects);
        }
    }
}
