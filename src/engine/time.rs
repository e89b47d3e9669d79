//! Simulated time, and wake-ups that say why.

use serde::Serialize;

/// A moment of simulated time, in microseconds since the Unix epoch.
///
/// The world decides when it starts; record timestamps are [`SimTime::as_millis`] of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SimTime(pub u64);

impl SimTime {
    /// A time that never comes.
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// The moment `millis` milliseconds after the Unix epoch; negative counts as the epoch.
    pub fn from_millis(millis: i64) -> SimTime {
        SimTime(u64::try_from(millis).unwrap_or(0).saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch, as Kafka's timestamps count them.
    pub fn as_millis(self) -> i64 {
        i64::try_from(self.0 / 1000).unwrap_or(i64::MAX)
    }

    /// This moment and `millis` milliseconds; negative counts as zero.
    pub fn plus_millis(self, millis: i64) -> SimTime {
        self.plus_micros(u64::try_from(millis).unwrap_or(0).saturating_mul(1000))
    }

    /// This moment and `micros` microseconds.
    pub fn plus_micros(self, micros: u64) -> SimTime {
        SimTime(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment; zero if `earlier` is later.
    pub fn micros_since(self, earlier: SimTime) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Milliseconds from `earlier` to this moment; zero if `earlier` is later.
    pub fn millis_since(self, earlier: SimTime) -> i64 {
        i64::try_from(self.micros_since(earlier) / 1000).unwrap_or(i64::MAX)
    }
}

/// When a machine wants to be called again, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Wakeup {
    /// The moment to call [`crate::net::Machine::advance`] at, not later.
    pub at: SimTime,
    /// What is due then.
    pub reason: Reason,
}

impl Wakeup {
    /// The earlier of two wake-ups that may not exist; ties go to the reason listed first.
    pub fn earlier(a: Option<Wakeup>, b: Option<Wakeup>) -> Option<Wakeup> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Why a machine wants to be woken. The picture and the step button show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// A fetch has waited as long as its client allowed.
    FetchDeadline,
    /// A produce with `acks=all` has waited as long as its client allowed.
    ProduceDeadline,
    /// A follower fetches from its leader again.
    ReplicaFetch,
    /// A follower has not caught up in time and leaves the in-sync replicas.
    IsrShrink,
    /// A broker tells the controller that it lives.
    BrokerHeartbeat,
    /// The controller has not heard of a broker in time.
    BrokerSession,
    /// The controller puts leadership back to the preferred replicas.
    LeaderBalance,
    /// A broker asks the controller for new metadata.
    MetadataFetch,
    /// A group waits for its members to join.
    RebalanceDeadline,
    /// The coordinator has not heard of a member in time.
    MemberSession,
    /// Offsets of a group nobody uses are forgotten.
    OffsetsExpiry,
    /// A transaction that takes too long is aborted.
    TransactionTimeout,
    /// A transactional id that nobody uses is forgotten.
    TransactionalIdExpiry,
    /// Old records are deleted by time or size.
    Retention,
    /// Compacted topics lose records that newer ones replace.
    LogCleaning,
    /// A request to another machine was not answered in time.
    RequestTimeout,
    /// A request is tried again.
    Retry,
    /// A producer sends a batch that lingered.
    Linger,
    /// A consumer tells its coordinator that it lives.
    Heartbeat,
    /// A consumer commits its offsets.
    AutoCommit,
    /// A consumer asks for records.
    Poll,
    /// A client asks for the cluster's metadata again.
    MetadataRefresh,
    /// A producer sends the next record of its workload.
    Workload,
    /// A machine starts.
    Start,
}
