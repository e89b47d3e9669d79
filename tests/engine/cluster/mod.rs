//! Whole brokers and a controller, spoken to in Kafka's protocol only.

mod behind;
mod compression;
mod groups;
mod hostile;
mod leaders;
mod life;
mod offsets;
mod outages;
mod pitfalls;
mod reading;
mod reassign;
mod requests;
mod sessions;
mod sim;
mod transactions;
mod txn_client;
mod txn_crashes;
mod writing;
