//! Groups of the consumer protocol (KIP-848): the coordinator itself assigns partitions, and leads
//! every member to its target step by step, so that a partition is given to a new owner only after
//! the old one has said that it let go.
//!
//! - [`ConsumerGroup`], [`ConsumerMember`], [`Current`]: a group as it stands
//! - [`assignor`]: who is to read what; `reconcile`: from what a member owns to what it is to own
//! - `heartbeat`, `leave`: what members ask; `subscription`: the topics behind names and expressions
//! - [`ConsumerChange`]: its records; `work`: one change and its records; `desk`: from a request to the
//!   group and to the log

pub mod assignor;
mod commit;
mod describe;
mod desk;
mod group;
mod heartbeat;
mod leave;
mod member;
mod partitions;
mod reconcile;
mod record;
mod refusal;
mod subscription;
mod work;

pub(in crate::group) use commit::CommitCheck;
pub use group::{ConsumerGroup, ConsumerState};
pub use member::{AWAY_EPOCH, ConsumerMember, Current, MemberState};
pub use partitions::{Owned, Target, TopicIdPartition};
pub use record::ConsumerChange;
