//! Which brokers keep a new partition's replicas: striped over the brokers, rack by rack, from a
//! random start, so that leaders and copies spread evenly.

use records::sorted::SortedMap;

use crate::ids::BrokerId;
use crate::image::MetadataImage;
use crate::rng::Rng;

/// Places partitions one after the other; each starts one broker further than the last.
#[derive(Debug, Clone)]
pub struct Placer {
    racks: Vec<Rack>,
    offset: usize,
    round: u32,
    registered: usize,
    unfenced: usize,
}

#[derive(Debug, Clone, Default)]
struct Rack {
    unfenced: Stripe,
    fenced: Stripe,
}

/// Brokers by id, read round from an offset that moves on with each partition.
#[derive(Debug, Clone, Default)]
struct Stripe {
    brokers: Vec<BrokerId>,
    offset: usize,
    taken: usize,
    round: u32,
}

impl Placer {
    /// A placer over the brokers that may be given replicas: all but those about to stop.
    pub fn new(image: &MetadataImage, rng: &mut Rng) -> Placer {
        let mut racks: SortedMap<Option<String>, Rack> = SortedMap::new();
        let (mut registered, mut unfenced) = (0, 0);
        for broker in image
            .brokers()
            .filter(|broker| !broker.in_controlled_shutdown)
        {
            let rack = racks.entry(broker.rack.clone()).or_default();
            registered += 1;
            if broker.fenced {
                rack.fenced.brokers.push(broker.id);
            } else {
                rack.unfenced.brokers.push(broker.id);
                unfenced += 1;
            }
        }
        let mut racks: Vec<Rack> = racks.into_values().collect();
        for rack in &mut racks {
            rack.fenced.offset = below(rng, rack.fenced.brokers.len());
            rack.unfenced.offset = below(rng, rack.unfenced.brokers.len());
        }
        let offset = below(rng, racks.len());
        Placer {
            racks,
            offset,
            round: 0,
            registered,
            unfenced,
        }
    }

    /// The replicas of the next partition, the preferred leader first. Fails in Kafka's words when
    /// there are too few brokers.
    pub fn place(&mut self, replication_factor: usize) -> Result<Vec<BrokerId>, String> {
        if self.unfenced == 0 {
            return Err(
                "All brokers are currently fenced, or have all their log directories cordoned."
                    .to_owned(),
            );
        }
        if replication_factor > self.registered {
            return Err(format!(
                "The target replication factor of {replication_factor} cannot be reached because only {} \
                 broker(s) are registered or some brokers have all their log directories cordoned.",
                self.registered
            ));
        }
        self.round = self.round.wrapping_add(1);
        self.offset = next_index(self.offset, self.racks.len());
        Ok(self.collect(replication_factor))
    }

    fn collect(&mut self, replication_factor: usize) -> Vec<BrokerId> {
        let mut replicas = Vec::with_capacity(replication_factor);
        let count = self.racks.len();
        let leader_racks = (0..count).map(|step| (self.offset + step) % count);
        // The leader must live, so the first rack with an unfenced broker gives it.
        let mut leader_rack = None;
        for index in leader_racks {
            let broker = self
                .racks
                .get_mut(index)
                .and_then(|rack| rack.unfenced.next(self.round));
            if let Some(broker) = broker {
                replicas.push(broker);
                leader_rack = Some(index);
                break;
            }
        }
        let mut index = self.offset;
        let mut dry = 0;
        while replicas.len() < replication_factor && dry <= count {
            // The leader's rack is passed over once: it has given one already.
            let broker = if leader_rack == Some(index) {
                leader_rack = None;
                None
            } else {
                self.racks
                    .get_mut(index)
                    .and_then(|rack| rack.next(self.round))
            };
            match broker {
                Some(broker) => {
                    replicas.push(broker);
                    dry = 0;
                }
                None => dry += 1,
            }
            index = next_index(index, count);
        }
        replicas
    }
}

impl Rack {
    fn next(&mut self, round: u32) -> Option<BrokerId> {
        self.unfenced
            .next(round)
            .or_else(|| self.fenced.next(round))
    }
}

impl Stripe {
    fn next(&mut self, round: u32) -> Option<BrokerId> {
        if self.round != round {
            self.round = round;
            self.taken = 0;
            self.offset = next_index(self.offset, self.brokers.len());
        }
        if self.taken >= self.brokers.len() {
            return None;
        }
        let index = (self.offset + self.taken) % self.brokers.len();
        self.taken += 1;
        self.brokers.get(index).copied()
    }
}

fn below(rng: &mut Rng, bound: usize) -> usize {
    let bound = u64::try_from(bound).unwrap_or(0);
    usize::try_from(rng.below(bound)).unwrap_or(0)
}

fn next_index(index: usize, count: usize) -> usize {
    (index + 1).checked_rem(count).unwrap_or(0)
}
