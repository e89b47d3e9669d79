//! Which options of `kafka-topics` go together.

use super::thrown;
use crate::commands::Process;
use crate::tools::options::{Failure, Parsed, clash, missing};

const ACTIONS: [&str; 5] = ["create", "list", "alter", "describe", "delete"];
pub(super) const REPORTS: [&str; 4] = [
    "under-replicated-partitions",
    "unavailable-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
];

/// What is wrong with the options, in the order Kafka looks for it.
pub(super) fn check(options: &Parsed) -> Result<Option<String>, Process> {
    if ACTIONS.iter().filter(|action| options.has(action)).count() != 1 {
        let message = "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return Ok(Some(message.to_owned()));
    }
    if !options.has("bootstrap-server") {
        return Err(thrown(&Failure::illegal_argument(
            "--bootstrap-server must be specified",
        )));
    }
    if !options.has("list")
        && !options.has("describe")
        && let Some(message) = missing(options, &["topic"])
    {
        return Ok(Some(message));
    }
    if options.has("alter") {
        if options.has("config") {
            let message = "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To alter topic configurations, the kafka-configs tool can be used.)";
            return Ok(Some(message.to_owned()));
        }
        if let Some(message) = missing(options, &["partitions"]) {
            return Ok(Some(message));
        }
    }
    Ok(clashes(options))
}

fn clashes(options: &Parsed) -> Option<String> {
    let except = |kept: &[&str]| -> Vec<&str> {
        ACTIONS
            .iter()
            .copied()
            .filter(|action| !kept.contains(action))
            .collect()
    };
    let with_actions = |name: &str, kept: &[&str]| clash(options, name, &except(kept));
    with_actions("config", &["create", "alter"])
        .or_else(|| with_actions("partitions", &["create", "alter"]))
        .or_else(|| with_actions("replication-factor", &["create"]))
        .or_else(|| with_actions("replica-assignment", &["create", "alter"]))
        .or_else(|| {
            let chosen = options.has("create");
            chosen.then(|| {
                clash(
                    options,
                    "replica-assignment",
                    &["partitions", "replication-factor"],
                )
            })?
        })
        .or_else(|| {
            REPORTS.iter().find_map(|report| {
                with_actions(report, &["describe"])
                    .or_else(|| clash(options, report, &["topics-with-overrides"]))
            })
        })
        .or_else(|| with_actions("topics-with-overrides", &["describe"]))
        .or_else(|| with_actions("if-exists", &["alter", "delete", "describe"]))
        .or_else(|| with_actions("if-not-exists", &["create"]))
        .or_else(|| with_actions("exclude-internal", &["list", "describe"]))
}
