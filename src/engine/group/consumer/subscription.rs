//! Which topics a group reads: names, regular expressions, and what has become of them.

use protocol::coordinator_records::ConsumerGroupRegularExpressionValue;
use protocol::{ErrorCode, Uuid};
use records::sorted::SortedSet;
use regex_lite::Regex;

use crate::group::consumer::member::ConsumerMember;
use crate::group::consumer::record::ConsumerChange;
use crate::group::consumer::refusal::Refusal;
use crate::group::consumer::work::Work;

/// How often a group's regular expressions are held against the topics at most; not configurable.
const REGEX_INTERVAL_MS: i64 = 10_000;

impl Work<'_> {
    /// The ids of the topics a member reads, of those that exist.
    pub(super) fn topic_ids(&self, member: &ConsumerMember) -> SortedSet<Uuid> {
        let named = member.wants.subscribed_topic_names.iter();
        let matched = self.group.topics_of_regex(member).iter();
        let ids = named.chain(matched);
        ids.filter_map(|name| self.topics.id_of(name)).collect()
    }

    /// Changes whenever a topic that is read comes, goes or grows; 0 if none exists.
    pub(super) fn metadata_hash(&self) -> i64 {
        let mut hash = Fnv::default();
        for name in &self.group.topics() {
            if let Some(id) = self.topics.id_of(name) {
                hash.take(name.as_bytes());
                hash.take(&id.0);
                hash.take(&self.topics.partition_count(name).to_be_bytes());
            }
        }
        hash.value()
    }

    /// Holds the group's regular expressions against the topics there are. Kafka does so aside, after
    /// the heartbeat that asked for it, and not too often.
    pub(in crate::group) fn resolve_regexes(&mut self) {
        let members = self.group.members.values();
        let regexes: SortedSet<String> = members
            .filter_map(|member| member.regex().map(str::to_owned))
            .collect();
        let last = self.group.regexes.values().next();
        let now = self.now.as_millis();
        if regexes.is_empty()
            || last.is_some_and(|last| now <= last.timestamp.saturating_add(REGEX_INTERVAL_MS))
        {
            return;
        }
        let version = self.topics.version();
        let names = self.topics.topic_names();
        let mut found = Vec::new();
        let mut news = false;
        for regex in regexes {
            let topics = matching(&regex, &names);
            let known = self.group.regexes.get(&regex);
            news |= known.is_none_or(|known| known.topics != topics);
            let value = ConsumerGroupRegularExpressionValue {
                topics,
                version,
                timestamp: now,
            };
            found.push(ConsumerChange::Regex(regex, Some(value)));
        }
        if news {
            for change in found {
                self.write(change);
            }
            self.bump_epoch(true);
        }
    }
}

/// What is wrong with a regular expression.
pub(super) fn check_regex(regex: &str) -> Result<(), Refusal> {
    match compile(regex) {
        Some(_) => Ok(()),
        None => Err(Refusal::of(
            ErrorCode::InvalidRegularExpression,
            &[
                "SubscribedTopicRegex `",
                regex,
                "` is not a valid regular expression: invalid regexp.",
            ],
        )),
    }
}

/// A regular expression stands for the topics that match it from end to end, in the order of names.
fn matching(regex: &str, names: &[String]) -> Vec<String> {
    let Some(regex) = compile(regex) else {
        return Vec::new();
    };
    let names = names.iter().filter(|name| regex.is_match(name));
    names.cloned().collect()
}

fn compile(regex: &str) -> Option<Regex> {
    // On its own first: `a)|(b` is wrong though it would do between parentheses.
    Regex::new(regex).ok()?;
    Regex::new(&["^(?:", regex, ")$"].concat()).ok()
}

/// FNV-1a. Kafka's hash is another one; nobody but the coordinator itself compares it.
#[derive(Default)]
struct Fnv {
    state: u64,
    any: bool,
}

impl Fnv {
    fn take(&mut self, bytes: &[u8]) {
        if !self.any {
            self.state = 0xcbf2_9ce4_8422_2325;
            self.any = true;
        }
        // A byte that no name contains keeps neighbours apart.
        for byte in bytes.iter().chain(&[0]) {
            self.state = (self.state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn value(&self) -> i64 {
        i64::from_be_bytes(self.state.to_be_bytes())
    }
}
