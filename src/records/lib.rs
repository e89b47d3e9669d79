//! Record batches: the bytes of Kafka's log, CRC-32C, variable-length numbers.
