//! The markers that end transactions, sent to the leaders of their partitions until all are written.

use protocol::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use protocol::{ErrorCode, Request, Response};
use records::Outcome;
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

use crate::broker::Broker;
use crate::broker::peers::PeerCall;
use crate::ids::{BrokerId, TopicPartition};
use crate::time::{Reason, SimTime, Wakeup};
use crate::txn::{MarkerJob, MarkerKey};

/// How long to wait before a marker is sent again that could not be written.
const RETRY_MS: i64 = 100;

/// One transaction's markers.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Sending {
    job: MarkerJob,
    /// Those that are on their way.
    sent: SortedSet<TopicPartition>,
}

/// All markers that are to be written.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MarkerSender {
    sending: SortedMap<MarkerKey, Sending>,
    /// When to try again what could not be written.
    retry_at: Option<SimTime>,
}

/// What a leader said of a marker.
enum Verdict {
    Written,
    Again,
    /// Another coordinator or a newer producer has taken over.
    GivenUp,
}

impl MarkerSender {
    /// Takes markers on.
    pub fn take(&mut self, job: MarkerJob) {
        let sending = Sending {
            job,
            sent: SortedSet::new(),
        };
        self.sending.insert(sending.job.key.clone(), sending);
    }

    /// Takes markers on that need not be looked at for a while.
    pub fn take_later(&mut self, now: SimTime, job: MarkerJob) {
        self.take(job);
        self.retry_at = Some(now.plus_millis(RETRY_MS));
    }

    /// Another broker sees to a partition's markers.
    pub fn drop_partition(&mut self, partition: i32) {
        self.sending.retain(|key, _| key.partition != partition);
    }

    /// When markers are sent again.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        self.retry_at.map(|at| Wakeup {
            at,
            reason: Reason::Retry,
        })
    }

    fn unsent(&self) -> Vec<(MarkerKey, TopicPartition)> {
        let mut unsent = Vec::new();
        for (key, sending) in &self.sending {
            for partition in sending.job.partitions.difference(&sending.sent) {
                unsent.push((key.clone(), partition.clone()));
            }
        }
        unsent
    }

    /// One marker need not be sent any more.
    fn settle(&mut self, key: &MarkerKey, partition: &TopicPartition, verdict: Verdict) {
        let Some(sending) = self.sending.get_mut(key) else {
            return;
        };
        sending.sent.remove(partition);
        match verdict {
            Verdict::Written => {
                sending.job.partitions.remove(partition);
            }
            Verdict::Again => {}
            Verdict::GivenUp => {
                self.sending.remove(key);
            }
        }
    }

    /// The transactions whose markers are all written.
    fn take_done(&mut self) -> Vec<MarkerKey> {
        let done = self.sending.iter();
        let done = done.filter(|(_, sending)| sending.job.partitions.is_empty());
        let done: Vec<MarkerKey> = done.map(|(key, _)| key.clone()).collect();
        for key in &done {
            self.sending.remove(key);
        }
        done
    }

    #[inline(never)]
    fn request(&mut self, chosen: &[(MarkerKey, TopicPartition)]) -> WriteTxnMarkersRequest {
        let mut markers: SortedMap<MarkerKey, WritableTxnMarker> = SortedMap::new();
        for (key, partition) in chosen {
            let Some(sending) = self.sending.get_mut(key) else {
                continue;
            };
            sending.sent.insert(partition.clone());
            let job = &sending.job;
            let marker = markers
                .entry(key.clone())
                .or_insert_with(|| WritableTxnMarker {
                    producer_id: job.producer_id,
                    producer_epoch: key.producer_epoch,
                    transaction_result: job.outcome == Outcome::Commit,
                    topics: Vec::new(),
                    coordinator_epoch: key.coordinator_epoch,
                    transaction_version: job.transaction_version,
                });
            match marker.topics.last_mut() {
                Some(topic) if topic.name == partition.topic => {
                    topic.partition_indexes.push(partition.partition);
                }
                _ => marker.topics.push(WritableTxnMarkerTopic {
                    name: partition.topic.clone(),
                    partition_indexes: vec![partition.partition],
                }),
            }
        }
        WriteTxnMarkersRequest {
            markers: markers.into_values().collect(),
        }
    }
}

impl Broker {
    /// Sends the markers that can be sent: one request to a broker at a time, for all transactions.
    #[inline(never)]
    pub(super) fn send_markers(&mut self, now: SimTime) -> bool {
        match self.markers.retry_at {
            Some(at) if at > now => return false,
            _ => self.markers.retry_at = None,
        }
        let mut by_leader: SortedMap<BrokerId, Vec<(MarkerKey, TopicPartition)>> = SortedMap::new();
        for (key, partition) in self.markers.unsent() {
            match self.image.partition(&partition) {
                // The partition was deleted, and its part of the transaction with it.
                None => self.markers.settle(&key, &partition, Verdict::Written),
                Some(led) => {
                    let chosen = by_leader.entry(led.leader).or_default();
                    chosen.push((key, partition));
                }
            }
        }
        let mut sent = false;
        for (leader, chosen) in by_leader {
            if !self.peers.may_take_markers(leader) {
                continue;
            }
            let request = Request::WriteTxnMarkers(self.markers.request(&chosen));
            let about = PeerCall::Markers(chosen.clone());
            if self.call_broker(now, leader, request, about) {
                sent = true;
            } else {
                self.on_markers(now, chosen, None);
            }
        }
        self.report_markers(now) || sent
    }

    /// What a leader answered, or that it did not.
    pub(super) fn on_markers(
        &mut self,
        now: SimTime,
        asked: Vec<(MarkerKey, TopicPartition)>,
        response: Option<&Response>,
    ) {
        for (key, partition) in asked {
            let verdict = verdict(self.code_of(&key, &partition, response));
            if matches!(verdict, Verdict::Again) {
                self.markers.retry_at = Some(now.plus_millis(RETRY_MS));
            }
            self.markers.settle(&key, &partition, verdict);
        }
        self.report_markers(now);
    }

    fn report_markers(&mut self, now: SimTime) -> bool {
        let done = self.markers.take_done();
        for key in &done {
            let effects = self.txns.on_markers_written(now, key);
            self.take_txn_effects(now, effects);
        }
        !done.is_empty()
    }

    fn code_of(
        &self,
        key: &MarkerKey,
        partition: &TopicPartition,
        response: Option<&Response>,
    ) -> Option<ErrorCode> {
        let Some(Response::WriteTxnMarkers(response)) = response else {
            return None;
        };
        let sending = self.markers.sending.get(key)?;
        let mut markers = response.markers.iter();
        let marker = markers.find(|marker| marker.producer_id == sending.job.producer_id)?;
        let topics = marker.topics.iter();
        let mut results = topics
            .filter(|topic| topic.name == partition.topic)
            .flat_map(|topic| &topic.partitions);
        let result = results.find(|result| result.partition_index == partition.partition)?;
        Some(ErrorCode::from_code(result.error_code))
    }
}

fn verdict(code: Option<ErrorCode>) -> Verdict {
    match code {
        Some(ErrorCode::None) => Verdict::Written,
        Some(ErrorCode::InvalidProducerEpoch | ErrorCode::TransactionCoordinatorFenced) => {
            Verdict::GivenUp
        }
        _ => Verdict::Again,
    }
}
