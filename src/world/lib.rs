//! One simulated world: brokers, clients, the network between them, the clock, the seeded generator.
