//! Kafka's wire protocol: every message in every version, declared once.
