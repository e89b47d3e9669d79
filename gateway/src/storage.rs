//! What outlives the process. The loop calls a [`Storage`] after each turn of the cluster and before
//! any of its answers leaves, so that an answer never promises what is not kept.

use std::fmt::Debug;

use engine::time::SimTime;

use crate::cluster::Cluster;

/// Keeps what the cluster stores.
pub trait Storage: Debug + Send {
    /// Keeps what the last turn changed.
    ///
    /// # Errors
    /// A sentence; the server stops, since what it would answer is not true.
    fn keep(&mut self, now: SimTime, cluster: &mut Cluster) -> Result<(), String>;

    /// When [`Storage::keep`] is wanted next even if nothing happens.
    fn next_wakeup(&self) -> Option<SimTime>;

    /// The server stops.
    ///
    /// # Errors
    /// A sentence, if something could not be kept.
    fn close(&mut self, cluster: &Cluster) -> Result<(), String>;
}

/// Nothing outlives the process.
#[derive(Debug, Default)]
pub struct Memory;

impl Storage for Memory {
    fn keep(&mut self, _now: SimTime, _cluster: &mut Cluster) -> Result<(), String> {
        Ok(())
    }

    fn next_wakeup(&self) -> Option<SimTime> {
        None
    }

    fn close(&mut self, _cluster: &Cluster) -> Result<(), String> {
        Ok(())
    }
}
