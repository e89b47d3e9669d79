//! # Kafka Playground: the map
//!
//! A real Kafka cluster in a browser tab. The engine is a cluster whose only language is Kafka's own
//! protocol; everything that touches it, from a button to a console tool, is a Kafka client that sends
//! it Kafka requests.
//!
//! ## Layers
//!
//! Each layer is a package of its own under `src/`, and uses only what stands to its left:
//! `records ← protocol ← engine ← client ← world ← shell ← lesson ← session ← present ← ui`.
//!
//! | layer | what lives there |
//! |---|---|
//! | [`records`] | record batches v2, CRC-32C, variable-length numbers |
//! | [`protocol`] | every message of Kafka's protocol that the playground speaks, declared once |
//! | [`engine`] | brokers and the controller: sans-IO state machines |
//! | [`client`] | producer, consumer and admin client, with the Java client's behaviour |
//! | [`world`] | brokers, clients, the network with frames in flight, the clock, chance |
//! | [`shell`] | terminals and Kafka's command-line tools |
//! | [`lesson`] | walkthroughs as data |
//! | [`session`] | one sitting: `update(Msg) -> Vec<Effect>` |
//! | [`present`] | view models, already laid out |
//! | [`ui`] | Yew components that only draw |
//!
//! Beside the page stands the package `gateway`: the same engine behind sockets, for any Kafka client.

pub mod ui;
