//! Does actions: by Kafka requests that a client sends, never by reaching into a broker.

use bytes::Bytes;
use client::admin::{AdminAnswer, AdminCall, AdminEvent, OffsetSpec, Outcome};
use client::consumer::{ConsumerConfig, OffsetReset, SeekTo, Subscription};
use client::event::{ClientError, Header};
use client::producer::{ProducerConfig, ProducerEvent, ProducerRecord};
use engine::ids::TopicPartition;
use world::event::ClientEvent;
use world::facts;
use world::input::{ClientId, Input, Reader, Reply, Workload, WorldError};

use crate::action::{Action, Composed, NewConsumer, NewProducer};
use crate::session::{Session, bootstrap};

/// `client.id` of the producer behind the composer.
const COMPOSER: &str = "you";

impl Session {
    /// Does what a button says.
    pub(crate) fn act(&mut self, action: Action) {
        if let Some(call) = action.admin_call() {
            self.call(call, action);
            return;
        }
        let result = match action {
            Action::StartCluster(brokers) => self.start_cluster(brokers).map(|_| ()),
            Action::StopCluster => self.apply(Input::StopCluster),
            Action::AddProducer(producer) => self.add_producer(producer),
            Action::SetWorkload(id, workload) => self.apply(Input::SetWorkload(id, workload)),
            Action::AddConsumer(consumer) => self.add_consumer(consumer),
            Action::SetReadRate(id, rate) => {
                let reader = Reader {
                    records_per_second: rate,
                };
                self.apply(Input::SetReader(id, Some(reader)))
            }
            Action::CloseClient(id) => self.apply(Input::Close(id)),
            Action::KillClient(id) => self.apply(Input::Kill(id)),
            Action::Send(composed) => self.send(&composed),
            Action::SendAgain(partition, offset) => self.send_again(&partition, offset),
            Action::ReplayFrom(group, partition, offset) => {
                self.replay_from(group, partition, offset)
            }
            Action::ResetGroup(group, topic, to) => self.reset_group(group, topic, to),
            Action::CreateTopic(_)
            | Action::DeleteTopic(_)
            | Action::AddPartitions(..)
            | Action::DeleteRecordsBefore(..)
            | Action::DeleteGroup(_) => Ok(()),
        };
        if let Err(error) = result {
            self.notices.fail(sentence_of(error), None);
        }
    }

    /// Takes what the page's own clients have to say.
    pub(crate) fn take_own_mail(&mut self) {
        for id in self.owned.clone() {
            for event in self.world.take_client_events(id) {
                match event {
                    ClientEvent::Admin(AdminEvent::Done(call, outcome)) => {
                        if let Some(action) = self.calls.remove(&call) {
                            self.answered(&action, outcome);
                        }
                    }
                    ClientEvent::Producer(ProducerEvent::Failed { error, .. }) => {
                        self.fail("The record was not sent.", &error);
                    }
                    ClientEvent::Admin(AdminEvent::Log(_))
                    | ClientEvent::Producer(_)
                    | ClientEvent::Consumer(_) => {}
                }
            }
            if self.world.client(id).is_none() {
                self.owned.remove(&id);
            }
        }
    }

    fn apply(&mut self, input: Input) -> Result<(), WorldError> {
        self.world.apply(input).map(|_| ())
    }

    fn call(&mut self, call: AdminCall, action: Action) {
        let Some(admin) = self.admin() else { return };
        match self.world.apply(Input::Call(admin, call)) {
            Ok(Reply::Call(id)) => {
                self.calls.insert(id, action);
            }
            Ok(_) => {}
            Err(error) => self.notices.fail(sentence_of(error), None),
        }
    }

    fn add_producer(&mut self, producer: NewProducer) -> Result<(), WorldError> {
        let mut config = ProducerConfig::new(producer.client_id, vec![bootstrap()]);
        config.acks = producer.acks;
        config.enable_idempotence = producer.acks == -1;
        if let Reply::Client(id) = self.world.apply(Input::SpawnProducer(config))? {
            self.owned.insert(id);
            self.world
                .apply(Input::SetWorkload(id, Some(producer.workload)))?;
        }
        Ok(())
    }

    #[inline(never)]
    fn add_consumer(&mut self, consumer: NewConsumer) -> Result<(), WorldError> {
        let mut config = ConsumerConfig::new(consumer.client_id, vec![bootstrap()]);
        config.group_id = Some(consumer.group);
        if consumer.from_beginning {
            config.auto_offset_reset = OffsetReset::Earliest;
        }
        let subscription = Subscription::Topics(consumer.topics);
        if let Reply::Client(id) = self
            .world
            .apply(Input::SpawnConsumer(config, subscription))?
        {
            let reader = Reader {
                records_per_second: consumer.records_per_second,
            };
            self.owned.insert(id);
            self.world.apply(Input::SetReader(id, Some(reader)))?;
        }
        Ok(())
    }

    fn send(&mut self, composed: &Composed) -> Result<(), WorldError> {
        let producer = self.composer()?;
        if composed.count <= 1 {
            return self.apply(Input::Send(producer, composed.record()));
        }
        let workload = Workload {
            topic: composed.topic.clone(),
            partition: composed.partition,
            interval_micros: 1_000_000 / u64::from(composed.per_second.max(1)),
            keys: composed.key.iter().map(|key| Some(key.clone())).collect(),
            values: composed.value.iter().cloned().collect(),
            headers: composed.headers(),
            remaining: Some(u64::from(composed.count)),
        };
        self.apply(Input::SetWorkload(producer, Some(workload)))
    }

    /// The producer behind the composer, made when first needed.
    fn composer(&mut self) -> Result<ClientId, WorldError> {
        if let Some(id) = self
            .own_producer
            .filter(|id| self.world.client(*id).is_some())
        {
            return Ok(id);
        }
        let config = ProducerConfig::new(COMPOSER, vec![bootstrap()]);
        let Reply::Client(id) = self.world.apply(Input::SpawnProducer(config))? else {
            return Err(WorldError::NoCluster);
        };
        self.owned.insert(id);
        self.own_producer = Some(id);
        Ok(id)
    }

    #[inline(never)]
    fn send_again(&mut self, partition: &TopicPartition, offset: i64) -> Result<(), WorldError> {
        let Some(record) = facts::record(&self.world, partition, offset) else {
            self.notices.fail(
                format!("{partition} @ {offset} is no longer stored, so it can't be sent again."),
                None,
            );
            return Ok(());
        };
        let header = |(key, value): &(String, Option<Bytes>)| Header {
            key: key.clone(),
            value: value.clone(),
        };
        let producer = self.composer()?;
        self.apply(Input::Send(
            producer,
            ProducerRecord {
                topic: partition.topic.clone(),
                partition: record.key.is_none().then_some(partition.partition),
                timestamp: None,
                key: record.key.clone(),
                value: record.value.clone(),
                headers: record.headers.iter().map(header).collect(),
            },
        ))
    }

    /// As Kafka allows: members that run seek themselves; a group without members is reset.
    #[inline(never)]
    fn replay_from(
        &mut self,
        group: String,
        partition: TopicPartition,
        offset: i64,
    ) -> Result<(), WorldError> {
        match facts::owner_of(&self.world, &group, &partition) {
            Some(id) => {
                let said = format!("{group} reads {partition} again from offset {offset}.");
                self.apply(Input::Seek(id, partition, SeekTo::Offset(offset)))?;
                self.notices.say(said);
            }
            None => {
                let call =
                    AdminCall::AlterGroupOffsets(group.clone(), vec![(partition.clone(), offset)]);
                self.call(call, Action::ReplayFrom(group, partition, offset));
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn reset_group(&mut self, group: String, topic: String, to: SeekTo) -> Result<(), WorldError> {
        let partitions = facts::partitions_of(&self.world, &topic);
        let mut idle = Vec::new();
        for partition in partitions {
            match facts::owner_of(&self.world, &group, &partition) {
                Some(id) => self.apply(Input::Seek(id, partition, to))?,
                None => idle.push(partition),
            }
        }
        if idle.is_empty() {
            self.notices.say(format!("{group} moved in {topic}."));
            return Ok(());
        }
        let spec = match to {
            SeekTo::Beginning => OffsetSpec::Earliest,
            SeekTo::End => OffsetSpec::Latest,
            SeekTo::Timestamp(millis) => OffsetSpec::Timestamp(millis),
            SeekTo::Offset(offset) => {
                let offsets = idle
                    .into_iter()
                    .map(|partition| (partition, offset))
                    .collect();
                let call = AdminCall::AlterGroupOffsets(group.clone(), offsets);
                self.call(call, Action::ResetGroup(group, topic, to));
                return Ok(());
            }
        };
        let asked = idle
            .into_iter()
            .map(|partition| (partition, spec))
            .collect();
        self.call(
            AdminCall::ListOffsets(asked),
            Action::ResetGroup(group, topic, to),
        );
        Ok(())
    }

    fn answered(&mut self, action: &Action, outcome: Outcome<AdminAnswer>) {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) => return self.fail(&refused(action), &error),
        };
        if let (Action::ResetGroup(group, ..), AdminAnswer::ListOffsets(found)) = (action, &answer)
        {
            let offsets = found
                .iter()
                .filter_map(|(at, found)| Some((at.clone(), found.as_ref().ok()?.offset)))
                .collect();
            self.call(
                AdminCall::AlterGroupOffsets(group.clone(), offsets),
                action.clone(),
            );
            return;
        }
        match first_error(&answer) {
            Some(error) => self.fail(&refused(action), &error),
            None => self.notices.say(done(action)),
        }
    }

    fn fail(&mut self, what: &str, error: &ClientError) {
        let text = format!("{what} {}", error.message);
        self.notices.fail(text, Some(error.exception.to_string()));
    }
}

fn first_error(answer: &AdminAnswer) -> Option<ClientError> {
    fn of<K, T>(items: &[(K, Outcome<T>)]) -> Option<ClientError> {
        items
            .iter()
            .find_map(|(_, outcome)| outcome.as_ref().err().cloned())
    }
    match answer {
        AdminAnswer::CreateTopics(items) => of(items),
        AdminAnswer::DeleteTopics(items)
        | AdminAnswer::CreatePartitions(items)
        | AdminAnswer::DeleteGroups(items) => of(items),
        AdminAnswer::DeleteRecords(items) => of(items),
        AdminAnswer::AlterGroupOffsets(items) => of(items),
        _ => None,
    }
}

/// What was done, in one sentence.
fn done(action: &Action) -> String {
    match action {
        Action::CreateTopic(topic) => format!("Topic {} was created.", topic.name),
        Action::DeleteTopic(topic) => format!("Topic {topic} was deleted."),
        Action::AddPartitions(topic, total) => format!("{topic} has {total} partitions now."),
        Action::DeleteRecordsBefore(partition, offset) => {
            format!("{partition} starts at offset {offset} now.")
        }
        Action::DeleteGroup(group) => format!("Group {group} was deleted."),
        Action::ReplayFrom(group, partition, offset) => {
            format!("{group} reads {partition} from offset {offset} when a member joins.")
        }
        Action::ResetGroup(group, topic, _) => format!("{group} moved in {topic}."),
        _ => "Done.".to_owned(),
    }
}

/// What was not done; Kafka's own words follow.
fn refused(action: &Action) -> String {
    match action {
        Action::CreateTopic(topic) => format!("Topic {} was not created.", topic.name),
        Action::DeleteTopic(topic) => format!("Topic {topic} was not deleted."),
        Action::AddPartitions(topic, _) => format!("{topic} got no more partitions."),
        Action::DeleteRecordsBefore(partition, _) => {
            format!("The records of {partition} were not deleted.")
        }
        Action::DeleteGroup(group) => format!("Group {group} was not deleted."),
        Action::ReplayFrom(group, ..) | Action::ResetGroup(group, ..) => {
            format!("Group {group} was not moved.")
        }
        _ => "That was not done.".to_owned(),
    }
}

fn sentence_of(error: WorldError) -> String {
    match error {
        WorldError::NoSuchClient(_) => "That client has left already.".to_owned(),
        WorldError::WrongKind(_) => "That client can't do this.".to_owned(),
        WorldError::ClusterRuns => "A cluster runs already.".to_owned(),
        WorldError::NoSuchBroker(id) => format!("Broker {id} does not run."),
        WorldError::BrokerRuns(id) => format!("Broker {id} runs already."),
        WorldError::NoCluster => "No cluster runs. Start one first.".to_owned(),
        WorldError::TooManyBrokers(count) => {
            format!("A cluster here has 1 to 9 brokers, not {count}.")
        }
    }
}
