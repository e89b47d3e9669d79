//! Kafka's APIs as brokers answer them, one file each.
//!
//! - [`facts`]: what a broker knows of itself when it answers
//! - [`metadata`], [`describe_topic_partitions`], [`describe_cluster`], [`describe_configs`]: answers
//!   that come from the metadata image alone

pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_topic_partitions;
pub mod facts;
pub mod metadata;
