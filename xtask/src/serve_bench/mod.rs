//! `cargo xtask bench --serve`: the playground's server under load, and a real Kafka beside it when asked.
//!
//! Two clients load them: one of our own, which only sends bytes made beforehand, and Kafka's own performance
//! tools. Every figure is taken on both servers, one right after the other, so that ratios mean something on a
//! machine that does other things too.

mod figures;
mod java;
mod load;
mod subject;

use crate::step::{Outcome, say};
use figures::Figures;
use java::Java;
use load::Load;
use subject::{Kind, Subject};

/// How many records the Java tools send and read.
const JAVA_RECORDS: u64 = 2_000_000;
/// Records of 100 B that fill 16 kB, Java's default `batch.size`.
const DEFAULT_BATCH: u64 = 150;
const LARGE_BATCH: u64 = 1000;
const RATE_RECORDS: u64 = 2_000_000;
const LATENCY_RECORDS: u64 = 10_000;
/// What a server is filled with, to see how it grows.
const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// A start is timed so often; the median counts.
const STARTS: usize = 3;

/// Measures, and prints one table.
pub fn bench(against_kafka: bool) -> Outcome {
    subject::build()?;
    let load = Load::build()?;
    let java = Java::find();
    let kinds: Vec<Kind> = match (&java, against_kafka) {
        (Ok(java), true) => vec![Kind::Playground, Kind::Kafka(java.clone())],
        (Err(trouble), true) => return Err(trouble.clone()),
        (_, false) => vec![Kind::Playground],
    };
    let mut figures = Figures::default();
    starts(&kinds, &mut figures)?;
    rates(&kinds, &load, &mut figures)?;
    match &java {
        Ok(java) => java_tools(&kinds, java, &mut figures)?,
        Err(trouble) => say(&format!("SKIP Kafka's own performance tools: {trouble}")),
    }
    growth(&kinds, &load, &mut figures)?;
    print!("{}", figures.table(against_kafka));
    Ok(())
}

fn starts(kinds: &[Kind], figures: &mut Figures) -> Outcome {
    for kind in kinds {
        say(&format!("Starting {} {STARTS} times", kind.name()));
        let mut times = Vec::new();
        for _ in 0..STARTS {
            times.push(Subject::start(kind)?.started_ms);
        }
        times.sort_by(f64::total_cmp);
        figures.note("start-up, median", "ms", kind, times[STARTS / 2]);
    }
    Ok(())
}

fn rates(kinds: &[Kind], load: &Load, figures: &mut Figures) -> Outcome {
    let subjects = all(kinds)?;
    for (batch, records) in [(DEFAULT_BATCH, RATE_RECORDS), (LARGE_BATCH, RATE_RECORDS)] {
        let topic = format!("batch-{batch}");
        for subject in &subjects {
            say(&format!("{}: batches of {batch}", subject.kind.name()));
            // The first pass warms up; a Java server is much slower before it.
            for topic in [format!("warm-{batch}"), topic.clone()] {
                for found in load.run("produce", subject, &topic, records, batch)? {
                    let name = format!("produce, batches of {batch}");
                    figures.note(&name, &found.unit, &subject.kind, found.value);
                }
                for found in load.run("fetch", subject, &topic, records, batch)? {
                    let name = format!("fetch, batches of {batch}");
                    figures.note(&name, &found.unit, &subject.kind, found.value);
                }
            }
        }
    }
    for subject in &subjects {
        for _ in 0..2 {
            for found in load.run("latency", subject, "one", LATENCY_RECORDS, 1)? {
                let name = format!("latency of one record, {}", found.name);
                figures.note(&name, &found.unit, &subject.kind, found.value);
            }
        }
    }
    Ok(())
}

fn java_tools(kinds: &[Kind], java: &Java, figures: &mut Figures) -> Outcome {
    let subjects = all(kinds)?;
    for topic in ["java-warm", "java"] {
        for subject in &subjects {
            say(&format!(
                "{}: Kafka's performance tools, {topic}",
                subject.kind.name()
            ));
            let name = "kafka-producer-perf-test";
            let sent = java.produce(&subject.bootstrap, topic, JAVA_RECORDS)?;
            figures.note(name, "rec/s", &subject.kind, sent);
            let name = "kafka-consumer-perf-test";
            let read = java.consume(&subject.bootstrap, topic, JAVA_RECORDS)?;
            figures.note(name, "rec/s", &subject.kind, read);
        }
    }
    for subject in &subjects {
        let (p50, p99) = java.latency(&subject.bootstrap, "java-latency")?;
        let name = "producer-perf-test at linger 0, 1000 rec/s";
        figures.note(&format!("{name}, p50"), "ms", &subject.kind, p50);
        figures.note(&format!("{name}, p99"), "ms", &subject.kind, p99);
    }
    Ok(())
}

fn growth(kinds: &[Kind], load: &Load, figures: &mut Figures) -> Outcome {
    for kind in kinds {
        for records in SIZES {
            say(&format!("{} with {records} records", kind.name()));
            let subject = Subject::start(kind)?;
            let at = format!("with {records} records");
            for mode in ["produce", "fetch"] {
                for found in load.run(mode, &subject, "grown", records, LARGE_BATCH)? {
                    figures.note(&format!("{mode} {at}"), &found.unit, kind, found.value);
                }
            }
            figures.note(&format!("memory {at}"), "MB", kind, subject.resident_mb()?);
        }
    }
    Ok(())
}

fn all(kinds: &[Kind]) -> Outcome<Vec<Subject>> {
    kinds.iter().map(Subject::start).collect()
}
