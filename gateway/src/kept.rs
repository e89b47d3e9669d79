//! A cluster that starts from what was kept of it.

use std::collections::BTreeMap;

use engine::broker::disk::Disk;
use engine::controller::Controller;
use engine::controller::restore::KeptMetadata;
use engine::ids::BrokerId;
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::Uuid;

use crate::cluster::{Cluster, Plan, controller_config};

/// Spreads neighbouring numbers over all seeds.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a cluster starts from that has run before.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Its id; a new one if there is none.
    pub cluster_id: Option<String>,
    /// The metadata; that of a new cluster if there is none.
    pub metadata: Option<KeptMetadata>,
    /// The brokers' disks.
    pub disks: BTreeMap<BrokerId, Disk>,
}

impl Cluster {
    /// The machines of a plan, on what was kept of them; whoever keeps it is told of all changes.
    ///
    /// # Errors
    /// A sentence, if what was kept cannot be read.
    pub fn restore(plan: Plan, kept: Kept) -> Result<Cluster, String> {
        let metadata = kept.metadata;
        // Each start makes ids of its own, also from the same seed.
        let starts = metadata.as_ref().map_or(0, KeptMetadata::epoch);
        let starts = u64::try_from(starts).unwrap_or(0);
        let mut rng = Rng::from_seed(plan.seed.wrapping_add(starts.wrapping_mul(GOLDEN)));
        let fresh = Uuid(rng.uuid_bytes()).to_string();
        let cluster_id = kept.cluster_id.unwrap_or(fresh);
        let config = controller_config(&plan, &cluster_id);
        let now = SimTime(plan.started_at);
        let mut controller = match metadata {
            None => Controller::new(config, rng.child(), now),
            Some(metadata) => Controller::restore(config, rng.child(), now, metadata)
                .map_err(|error| format!("what was kept of the cluster is damaged: {error}"))?,
        };
        controller.keep_journal();
        Ok(Cluster::with(
            plan,
            cluster_id,
            rng,
            controller,
            Some(kept.disks),
        ))
    }
}
