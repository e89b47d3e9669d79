//! One change of a group of the consumer protocol: worked out on a copy, so that a refusal leaves no
//! trace, and kept together with the records that say the same.

use protocol::coordinator_records::{
    ConsumerGroupMetadataValue, ConsumerGroupTargetAssignmentMetadataValue,
};

use crate::group::consumer::assignor::{self, Subscriber, Subscriptions};
use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::partitions::Target;
use crate::group::consumer::record::ConsumerChange;
use crate::group::face::{GroupConfig, TopicResolver};
use crate::time::SimTime;

pub(in crate::group) struct Work<'a> {
    pub(super) now: SimTime,
    pub(super) config: &'a GroupConfig,
    pub(super) topics: &'a dyn TopicResolver,
    pub(super) id: &'a str,
    /// The group as it will be.
    pub(in crate::group) group: ConsumerGroup,
    /// What has to be written for that.
    pub(in crate::group) changes: Vec<ConsumerChange>,
}

impl<'a> Work<'a> {
    pub(in crate::group) fn new(
        now: SimTime,
        config: &'a GroupConfig,
        topics: &'a dyn TopicResolver,
        id: &'a str,
        group: ConsumerGroup,
    ) -> Work<'a> {
        Work {
            now,
            config,
            topics,
            id,
            group,
            changes: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, change: ConsumerChange) {
        self.group.apply(&change);
        self.changes.push(change);
    }

    /// Starts the next epoch if there is cause, or if the topics that are read have changed.
    pub(super) fn bump_epoch(&mut self, cause: bool) {
        let hash = self.metadata_hash();
        if !cause && hash == self.group.metadata_hash {
            return;
        }
        self.write(ConsumerChange::Epoch(Some(ConsumerGroupMetadataValue {
            epoch: self.group.epoch.saturating_add(1),
            metadata_hash: hash,
        })));
    }

    /// Works out the target assignment for the group's epoch, unless the last one is too recent: a
    /// crowd that joins at once is worth one assignment, not one a member.
    pub(super) fn assign_if_due(&mut self) {
        if self.group.epoch <= self.group.target_epoch {
            return;
        }
        let interval = i64::from(self.setting("consumer.assignment.interval.ms"));
        let now = self.now.as_millis();
        let since = self.group.target_since;
        if since != 0 && interval != 0 && now < since.saturating_add(interval) {
            return;
        }
        let mut spec = Subscriptions::default();
        for member in self.group.members.values() {
            let topics = self.topic_ids(member);
            for id in &topics {
                let count = self.topics.name_of(*id);
                let count = count.map_or(0, |name| self.topics.partition_count(&name));
                spec.partitions.insert(*id, count);
            }
            spec.members.push(Subscriber {
                id: member.id.clone(),
                instance_id: member.wants.instance_id.clone(),
                topics,
                before: self
                    .group
                    .targets
                    .get(&member.id)
                    .cloned()
                    .unwrap_or_default(),
            });
        }
        let targets = assignor::assign(self.group.assignor(), &spec);
        for (member, target) in spec.members.iter().zip(targets) {
            self.aim(&member.id, target);
        }
        let record = ConsumerGroupTargetAssignmentMetadataValue {
            assignment_epoch: self.group.epoch,
            assignment_timestamp: now,
        };
        self.write(ConsumerChange::TargetEpoch(Some(record)));
    }

    fn aim(&mut self, member: &str, target: Target) {
        if self.group.targets.get(member) != Some(&target) {
            self.write(ConsumerChange::target(member, &target));
        }
    }

    /// A setting of groups: the group's own, held within the broker's bounds, or the broker's.
    pub(super) fn setting(&self, key: &str) -> i32 {
        let config = self.config;
        let (default, bounds) = match key {
            "consumer.session.timeout.ms" => (
                config.consumer_session_timeout_ms,
                (
                    config.consumer_min_session_timeout_ms,
                    config.consumer_max_session_timeout_ms,
                ),
            ),
            "consumer.heartbeat.interval.ms" => (
                config.consumer_heartbeat_interval_ms,
                (
                    config.consumer_min_heartbeat_interval_ms,
                    config.consumer_max_heartbeat_interval_ms,
                ),
            ),
            _ => (
                config.consumer_assignment_interval_ms,
                (0, config.consumer_max_assignment_interval_ms),
            ),
        };
        let own = self.topics.group_setting(self.id, key);
        own.map_or(default, |own| own.max(bounds.0).min(bounds.1))
    }
}
