//! Requests to the controller and the leaders, and what becomes of them.

use records::sorted::SortedMap;

use bytes::Bytes;
use protocol::messages::allocate_producer_ids::AllocateProducerIdsRequest;
use protocol::messages::alter_partition::{
    AlterPartitionRequest, AlterPartitionResponse, BrokerState, PartitionData, TopicData,
};
use protocol::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use protocol::{ApiKey, ErrorCode, Request, Response, Uuid};

use crate::api::init_producer_id;
use crate::broker::Broker;
use crate::broker::controller::{Brought, Forwarded};
use crate::broker::link::{Call, Outcome};
use crate::broker::peers::PeerCall;
use crate::ids::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicPartition};
use crate::net::ConnId;
use crate::replica::isr::IsrAnswer;
use crate::time::SimTime;

/// Outcomes of all links to the controller at one moment.
#[derive(Default)]
struct Outcomes {
    life: Vec<Outcome<crate::broker::controller::LifeCall>>,
    metadata: Vec<Outcome<()>>,
    forward: Vec<Outcome<Forwarded>>,
    isr: Vec<Outcome<Vec<TopicPartition>>>,
    peers: Vec<Outcome<PeerCall>>,
}

impl Broker {
    /// A connection that this broker asked for is open.
    pub(super) fn on_opened(&mut self, now: SimTime, conn: ConnId) {
        let (links, out) = (&mut self.controller, &mut self.out);
        if links.life.owns(conn) {
            links.life.on_opened(now, out);
        } else if links.metadata.owns(conn) {
            links.metadata.on_opened(now, out);
        } else if links.forward.owns(conn) {
            links.forward.on_opened(now, out);
        } else if links.isr.owns(conn) {
            links.isr.on_opened(now, out);
        } else if let Some(link) = self.peers.owner(conn) {
            link.on_opened(now, out);
        } else {
            self.fetchers.on_opened(conn, now, out);
        }
    }

    /// A connection that this broker opened is lost.
    pub(super) fn on_lost(&mut self, now: SimTime, conn: ConnId) {
        let (links, out) = (&mut self.controller, &mut self.out);
        let mut outcomes = Outcomes::default();
        if links.life.owns(conn) {
            outcomes.life = links.life.on_lost(now, out);
        } else if links.metadata.owns(conn) {
            outcomes.metadata = links.metadata.on_lost(now, out);
        } else if links.forward.owns(conn) {
            outcomes.forward = links.forward.on_lost(now, out);
        } else if links.isr.owns(conn) {
            outcomes.isr = links.isr.on_lost(now, out);
        } else if let Some(link) = self.peers.owner(conn) {
            outcomes.peers = link.on_lost(now, out);
        } else {
            self.fetchers.on_lost(conn, now, out, &mut self.replicas);
        }
        self.take_outcomes(now, outcomes);
    }

    /// An answer arrived on a connection that this broker opened.
    pub(super) fn on_answer(&mut self, now: SimTime, conn: ConnId, frame: &Bytes) {
        let (links, out) = (&mut self.controller, &mut self.out);
        let mut outcomes = Outcomes::default();
        if links.life.owns(conn) {
            outcomes.life = links.life.on_frame(now, out, frame);
        } else if links.metadata.owns(conn) {
            outcomes.metadata = links.metadata.on_frame(now, out, frame);
        } else if links.forward.owns(conn) {
            outcomes.forward = links.forward.on_frame(now, out, frame);
        } else if links.isr.owns(conn) {
            outcomes.isr = links.isr.on_frame(now, out, frame);
        } else if let Some(link) = self.peers.owner(conn) {
            outcomes.peers = link.on_frame(now, out, frame);
        } else {
            let replicas = &mut self.replicas;
            self.fetchers.on_frame((conn, frame), now, out, replicas);
        }
        self.take_outcomes(now, outcomes);
    }

    /// Gives up requests that are overdue, and opens connections again when it is time.
    pub(super) fn advance_links(&mut self, now: SimTime) {
        let (links, out) = (&mut self.controller, &mut self.out);
        let outcomes = Outcomes {
            life: links.life.advance(now, out),
            metadata: links.metadata.advance(now, out),
            forward: links.forward.advance(now, out),
            isr: links.isr.advance(now, out),
            peers: Vec::new(),
        };
        self.fetchers.advance(now, out, &mut self.replicas);
        self.take_outcomes(now, outcomes);
        self.advance_peers(now);
    }

    /// Has topics made that somebody asked for, unless that is under way.
    pub(super) fn create_topics(&mut self, now: SimTime, names: Vec<String>) {
        let mut names = names;
        names.retain(|name| self.creating.insert(name.clone()));
        if names.is_empty() {
            return;
        }
        let request = CreateTopicsRequest {
            topics: names
                .iter()
                .map(|name| self.topic_to_create(name))
                .collect(),
            timeout_ms: i32::try_from(self.config.request_timeout_ms).unwrap_or(i32::MAX),
            ..CreateTopicsRequest::default()
        };
        self.call_controller(
            now,
            Request::CreateTopics(request),
            Forwarded::Topics(names),
        );
    }

    /// Asks the controller for a block of producer ids.
    pub(super) fn ask_for_producer_ids(&mut self, now: SimTime) {
        let request = AllocateProducerIdsRequest {
            broker_id: self.config.id,
            broker_epoch: self.controller.epoch(),
        };
        let request = Request::AllocateProducerIds(request);
        self.call_controller(now, request, Forwarded::ProducerIds);
    }

    /// Asks the controller for the changes of in-sync replicas that leaders here want.
    #[inline(never)]
    pub(super) fn send_isr_proposals(&mut self, now: SimTime) {
        if !self.replicas.has_proposals() || !self.controller.may_send_isr(now) {
            return;
        }
        let proposals = self.replicas.take_proposals();
        let mut topics: SortedMap<Uuid, Vec<PartitionData>> = SortedMap::new();
        let mut about = Vec::with_capacity(proposals.len());
        for proposal in proposals {
            let isr = proposal.isr.iter().map(|(broker_id, epoch)| BrokerState {
                broker_id: *broker_id,
                broker_epoch: *epoch,
            });
            let data = PartitionData {
                partition_index: proposal.partition.partition,
                leader_epoch: proposal.leader_epoch,
                new_isr_with_epochs: isr.collect(),
                partition_epoch: proposal.partition_epoch,
                ..PartitionData::default()
            };
            topics.entry(proposal.topic_id).or_default().push(data);
            about.push(proposal.partition);
        }
        if about.is_empty() {
            return;
        }
        let topics = topics.into_iter().map(|(topic_id, partitions)| TopicData {
            topic_id,
            partitions,
        });
        let request = AlterPartitionRequest {
            broker_id: self.config.id,
            broker_epoch: self.controller.epoch(),
            topics: topics.collect(),
        };
        let call = Call {
            request: Request::AlterPartition(request),
            version: ApiKey::AlterPartition.spec().max_version,
            deadline: now.plus_millis(self.config.request_timeout_ms),
            about,
        };
        self.controller.isr.call(now, &mut self.out, call);
    }

    fn call_controller(&mut self, now: SimTime, request: Request, about: Forwarded) {
        let call = Call {
            version: request.api().spec().max_version,
            request,
            deadline: now.plus_millis(self.config.request_timeout_ms),
            about,
        };
        self.controller.forward.call(now, &mut self.out, call);
    }

    #[inline(never)]
    fn topic_to_create(&self, name: &str) -> CreatableTopic {
        let config = &self.config;
        let min_isr = config.transactions_min_isr.to_string();
        let (partitions, replicas, settings): (i32, i16, &[(&str, &str)]) = match name {
            OFFSETS_TOPIC => (
                config.offsets_partitions,
                config.offsets_replication,
                &[
                    ("cleanup.policy", "compact"),
                    ("compression.type", "producer"),
                    ("segment.bytes", "104857600"),
                ],
            ),
            TRANSACTIONS_TOPIC => (
                config.transactions_partitions,
                config.transactions_replication,
                &[
                    ("cleanup.policy", "compact"),
                    ("compression.type", "uncompressed"),
                    ("min.insync.replicas", &min_isr),
                    ("segment.bytes", "104857600"),
                    ("unclean.leader.election.enable", "false"),
                ],
            ),
            _ => (config.num_partitions, config.default_replication, &[]),
        };
        let configs = settings.iter().map(|(name, value)| CreatableTopicConfig {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
        });
        CreatableTopic {
            name: name.to_owned(),
            num_partitions: partitions,
            replication_factor: replicas,
            configs: configs.collect(),
            ..CreatableTopic::default()
        }
    }

    fn take_outcomes(&mut self, now: SimTime, outcomes: Outcomes) {
        for outcome in outcomes.life {
            let result = outcome.result.ok();
            self.controller.on_life(now, &self.config, result.as_ref());
            self.fetchers.set_broker_epoch(self.controller.epoch());
        }
        for outcome in outcomes.metadata {
            let result = outcome.result.ok();
            match self.controller.on_metadata(now, result.as_ref()) {
                Some(Brought::Log(log)) => self.on_metadata_log(now, &log),
                Some(Brought::Snapshot(snapshot)) => self.on_snapshot(now, &snapshot),
                Some(Brought::Nothing) | None => {}
            }
        }
        for outcome in outcomes.forward {
            self.on_forwarded(now, outcome);
        }
        self.take_peer_outcomes(now, outcomes.peers);
        for outcome in outcomes.isr {
            match outcome.result {
                Ok(Response::AlterPartition(response)) if response.error_code == 0 => {
                    self.on_isr_answer(now, &outcome.about, &response);
                }
                _ => {
                    self.controller.delay_isr(now);
                    for partition in &outcome.about {
                        self.replicas.propose_again(partition);
                    }
                }
            }
        }
    }

    fn on_forwarded(&mut self, now: SimTime, outcome: Outcome<Forwarded>) {
        match (outcome.about, outcome.result) {
            (Forwarded::Client(token, _), Ok(response)) => self.finish(token, response),
            (Forwarded::Client(token, refusal), Err(_)) => self.finish(token, *refusal),
            (Forwarded::Topics(names), _) => {
                // If it went well the metadata tells; if not, the next who asks tries again.
                names.iter().for_each(|name| {
                    self.creating.remove(name);
                });
            }
            (Forwarded::ProducerIds, Ok(Response::AllocateProducerIds(response)))
                if response.error_code == 0 =>
            {
                let (start, len) = (response.producer_id_start, response.producer_id_len);
                let (granted, more) = self.producer_ids.refill(start, len);
                for (token, id) in granted {
                    self.finish(token, init_producer_id::granted(id));
                }
                if more {
                    self.ask_for_producer_ids(now);
                }
                self.go_on_with_ids(now);
            }
            (Forwarded::ProducerIds, _) => {
                // The client waits a while and asks again.
                for token in self.producer_ids.fail() {
                    let code = ErrorCode::CoordinatorLoadInProgress;
                    self.finish(token, init_producer_id::error(code));
                }
                self.go_on_with_ids(now);
            }
        }
    }

    fn on_isr_answer(
        &mut self,
        now: SimTime,
        asked: &[TopicPartition],
        response: &AlterPartitionResponse,
    ) {
        for partition in asked {
            let hosted = self.replicas.hosted(partition);
            let Some(topic_id) = hosted.map(|hosted| hosted.topic_id) else {
                continue;
            };
            let topics = response
                .topics
                .iter()
                .filter(|topic| topic.topic_id == topic_id);
            let mut answers = topics.flat_map(|topic| &topic.partitions);
            let answer = answers.find(|answer| answer.partition_index == partition.partition);
            match answer {
                Some(answer) => {
                    let answer = IsrAnswer {
                        error: ErrorCode::from_code(answer.error_code),
                        leader_epoch: answer.leader_epoch,
                        partition_epoch: answer.partition_epoch,
                        isr: answer.isr.clone(),
                    };
                    self.replicas.on_answer(partition, now, &answer);
                }
                None => self.replicas.propose_again(partition),
            }
        }
    }
}
