//! Producer, consumer and admin client with the Java client's behaviour and defaults.
