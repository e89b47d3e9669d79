//! What all three clients share: connections to brokers, requests in flight, metadata.

pub(crate) mod backoff;
pub(crate) mod core;
pub(crate) mod links;
pub(crate) mod metadata;
pub(crate) mod requests;
