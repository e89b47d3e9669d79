//! The command line: a small shell and Kafka's own tools, one file per tool.
