//! The small file system: a home on the host, and the container's own files while it runs.

use records::sorted::Arrange;
use records::sorted::{SortedMap, SortedSet};

use serde::Serialize;
use world::cluster::LOG_DIR;

/// The largest file.
pub(crate) const FILE_BYTES: usize = 1024 * 1024;
/// All files of one machine together.
const TREE_BYTES: usize = 8 * 1024 * 1024;
/// How many files one machine may have.
const TREE_FILES: usize = 1_000;

/// Which machine a prompt stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Machine {
    /// The user's own.
    Host,
    /// The container of this broker, entered with `docker exec`.
    Container(i32),
}

/// Where a prompt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    pub(crate) machine: Machine,
    pub(crate) directory: String,
}

impl Place {
    /// Where a new terminal stands.
    pub(crate) fn host() -> Place {
        Place {
            machine: Machine::Host,
            directory: HOST_HOME.to_owned(),
        }
    }

    /// Where `docker exec … bash` leads.
    pub(crate) fn container(broker: i32) -> Place {
        Place {
            machine: Machine::Container(broker),
            directory: CONTAINER_HOME.to_owned(),
        }
    }

    pub(crate) fn home(&self) -> &'static str {
        match self.machine {
            Machine::Host => HOST_HOME,
            Machine::Container(_) => CONTAINER_HOME,
        }
    }

    /// The directory as a prompt shows it: `~` for home.
    pub(crate) fn short(&self) -> String {
        match self.directory.strip_prefix(self.home()) {
            Some("") => "~".to_owned(),
            Some(rest) if rest.starts_with('/') => format!("~{rest}"),
            _ => self.directory.clone(),
        }
    }

    /// `path` from the root, without `.` and `..`.
    pub(crate) fn resolve(&self, path: &str) -> String {
        let base = match path.starts_with('/') {
            true => "",
            false => self.directory.as_str(),
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in base.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        format!("/{}", parts.join("/"))
    }
}

const HOST_HOME: &str = "/home/you";
const CONTAINER_HOME: &str = "/home/appuser";

/// Where Kafka's tools stand in the container.
pub(crate) const KAFKA_BIN: &str = "/opt/kafka/bin";

/// Why a file cannot be used; shown behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileError {
    Missing,
    Directory,
    NotADirectory,
    TooLarge,
    TooMany,
}

impl FileError {
    pub(crate) fn text(self) -> &'static str {
        match self {
            FileError::Missing => "No such file or directory",
            FileError::Directory => "Is a directory",
            FileError::NotADirectory => "Not a directory",
            FileError::TooLarge => {
                "File too large (here a file may have 1 MiB, all files of a machine 8 MiB)"
            }
            FileError::TooMany => "No space left (here a machine may have 1,000 files)",
        }
    }
}

/// The files of all machines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Files {
    host: Tree,
    container: Tree,
}

impl Files {
    pub(crate) fn new() -> Files {
        Files {
            host: host_tree(),
            container: container_tree(),
        }
    }

    /// The containers are gone, and what was written in them.
    pub(crate) fn forget_containers(&mut self) {
        self.container = container_tree();
    }

    fn tree(&self, place: &Place) -> &Tree {
        match place.machine {
            Machine::Host => &self.host,
            Machine::Container(_) => &self.container,
        }
    }

    fn tree_mut(&mut self, place: &Place) -> &mut Tree {
        match place.machine {
            Machine::Host => &mut self.host,
            Machine::Container(_) => &mut self.container,
        }
    }

    pub(crate) fn read(&self, place: &Place, path: &str) -> Result<&str, FileError> {
        self.tree(place).read(&place.resolve(path))
    }

    pub(crate) fn is_directory(&self, place: &Place, path: &str) -> bool {
        self.tree(place).is_directory(&place.resolve(path))
    }

    /// Empties or makes a file.
    pub(crate) fn create(&mut self, place: &Place, path: &str) -> Result<(), FileError> {
        let path = place.resolve(path);
        self.tree_mut(place).write(&path, "", false)
    }

    pub(crate) fn append(
        &mut self,
        place: &Place,
        path: &str,
        text: &str,
    ) -> Result<(), FileError> {
        let path = place.resolve(path);
        self.tree_mut(place).write(&path, text, true)
    }

    pub(crate) fn remove(&mut self, place: &Place, path: &str) -> Result<(), FileError> {
        let path = place.resolve(path);
        self.tree_mut(place).remove(&path)
    }

    pub(crate) fn make_directory(&mut self, place: &Place, path: &str) -> Result<(), FileError> {
        let path = place.resolve(path);
        let tree = self.tree_mut(place);
        if tree.directories.len() >= TREE_FILES {
            return Err(FileError::TooMany);
        }
        if !tree.is_directory(parent(&path)) {
            return Err(FileError::Missing);
        }
        tree.directories.insert(path);
        Ok(())
    }

    /// The names in a directory; directories end in `/`.
    pub(crate) fn list(&self, place: &Place, path: &str) -> Result<Vec<String>, FileError> {
        self.tree(place).list(&place.resolve(path))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Tree {
    files: SortedMap<String, String>,
    directories: SortedSet<String>,
    bytes: usize,
}

impl Tree {
    fn add(&mut self, path: &str, text: &str) {
        let mut directory = parent(path);
        while directory != "/" {
            self.directories.insert(directory.to_owned());
            directory = parent(directory);
        }
        self.bytes = self.bytes.saturating_add(text.len());
        self.files.insert(path.to_owned(), text.to_owned());
    }

    fn is_directory(&self, path: &str) -> bool {
        path == "/" || self.directories.contains(path)
    }

    fn read(&self, path: &str) -> Result<&str, FileError> {
        match self.files.get(path) {
            Some(text) => Ok(text),
            None if self.is_directory(path) => Err(FileError::Directory),
            None => Err(FileError::Missing),
        }
    }

    fn write(&mut self, path: &str, text: &str, append: bool) -> Result<(), FileError> {
        if self.is_directory(path) {
            return Err(FileError::Directory);
        }
        if !self.is_directory(parent(path)) {
            let within_file = self.files.contains_key(parent(path));
            return Err(match within_file {
                true => FileError::NotADirectory,
                false => FileError::Missing,
            });
        }
        let old = self.files.get(path).map(String::len);
        if old.is_none() && self.files.len() >= TREE_FILES {
            return Err(FileError::TooMany);
        }
        let kept = if append { old.unwrap_or(0) } else { 0 };
        let size = kept.saturating_add(text.len());
        let others = self.bytes.saturating_sub(old.unwrap_or(0));
        if size > FILE_BYTES || others.saturating_add(size) > TREE_BYTES {
            return Err(FileError::TooLarge);
        }
        let file = self.files.entry(path.to_owned()).or_default();
        if !append {
            file.clear();
        }
        file.push_str(text);
        self.bytes = others.saturating_add(size);
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), FileError> {
        match self.files.remove(path) {
            Some(text) => {
                self.bytes = self.bytes.saturating_sub(text.len());
                Ok(())
            }
            None if self.is_directory(path) => Err(FileError::Directory),
            None => Err(FileError::Missing),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        if !self.is_directory(path) {
            return match self.files.contains_key(path) {
                true => Ok(vec![path.to_owned()]),
                false => Err(FileError::Missing),
            };
        }
        let name = |entry: &String| match parent(entry) == path && entry != "/" {
            true => entry.rsplit('/').next().map(str::to_owned),
            false => None,
        };
        let mut names: Vec<String> = self.files.keys().filter_map(name).collect();
        let directories = self.directories.iter().filter_map(name);
        names.extend(directories.map(|name| format!("{name}/")));
        names.arrange();
        Ok(names)
    }
}

fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

fn host_tree() -> Tree {
    let mut tree = Tree::default();
    let one = compose_file(1);
    tree.add("/home/you/docker-compose.yml", &one);
    tree.add("/home/you/kafka_docker.yml", &one);
    tree.add("/home/you/kafka_three_brokers.yml", &compose_file(3));
    tree
}

/// A compose file for so many brokers; `docker-compose up` reads it.
fn compose_file(brokers: i32) -> String {
    let mut text = String::from(
        "# A Kafka cluster for the lecture: `docker-compose -f FILE up -d` starts it,\n\
         # `docker-compose down` removes it with all that it stores.\n\
         services:\n",
    );
    for broker in 1..=brokers {
        let name = container_name(broker);
        let port = 8097 + broker;
        text.push_str(&format!(
            "  {name}:\n\
             \x20   image: apache/kafka:4.3.1\n\
             \x20   container_name: {name}\n\
             \x20   ports:\n\
             \x20     - \"{port}:{port}\"\n\
             \x20   environment:\n\
             \x20     KAFKA_NODE_ID: {broker}\n\
             \x20     KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://localhost:{port}\n\
             \x20     KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: 5 # fewer than the usual 50, easier to watch\n\
             \x20     KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0\n"
        ));
    }
    text
}

/// The container that broker `broker` runs in.
pub(crate) fn container_name(broker: i32) -> String {
    match broker {
        1 => "kafka".to_owned(),
        n => format!("kafka{n}"),
    }
}

fn container_tree() -> Tree {
    let mut tree = Tree::default();
    for tool in crate::tools::TOOLS {
        let text = format!("#!/bin/bash\n# Starts {}: {}\n", tool.name, tool.summary);
        tree.add(&format!("{KAFKA_BIN}/{}.sh", tool.name), &text);
    }
    let server = format!(
        "# What this broker was told; the rest are Kafka's defaults.\n\
         process.roles=broker,controller\n\
         log.dirs={LOG_DIR}\n\
         offsets.topic.num.partitions=5\n\
         group.initial.rebalance.delay.ms=0\n"
    );
    tree.add("/opt/kafka/config/server.properties", &server);
    tree.add(
        "/opt/kafka/config/producer.properties",
        "bootstrap.servers=localhost:8098\n",
    );
    tree.add(
        "/opt/kafka/config/consumer.properties",
        "bootstrap.servers=localhost:8098\ngroup.id=test-consumer-group\n",
    );
    tree.directories.insert(CONTAINER_HOME.to_owned());
    tree.directories.insert("/home".to_owned());
    tree.directories.insert("/tmp".to_owned());
    tree
}

#[cfg(test)]
mod tests {
    use super::{FILE_BYTES, FileError, Files, Place};

    #[test]
    fn paths_resolve() {
        let place = Place::host();
        assert_eq!(place.resolve("a"), "/home/you/a");
        assert_eq!(place.resolve("../../.././x/./y"), "/x/y");
        assert_eq!(place.resolve("/"), "/");
        assert_eq!(place.short(), "~");
    }

    #[test]
    fn files_are_bounded_and_say_so() {
        let mut files = Files::new();
        let place = Place::host();
        let big = "x".repeat(FILE_BYTES);
        files.append(&place, "big", &big).unwrap();
        assert_eq!(files.append(&place, "big", "x"), Err(FileError::TooLarge));
        for n in 0..6 {
            files.append(&place, &format!("f{n}"), &big).unwrap();
        }
        assert_eq!(files.append(&place, "f7", &big), Err(FileError::TooLarge));
        files.remove(&place, "f0").unwrap();
        files.append(&place, "f7", &big).unwrap();
        assert_eq!(files.create(&place, "no/such"), Err(FileError::Missing));
    }

    #[test]
    fn the_lecture_finds_its_files() {
        let files = Files::new();
        let home = files.list(&Place::host(), ".").unwrap();
        assert!(home.contains(&"docker-compose.yml".to_owned()));
        let inside = Place::container(1);
        let tools = files.list(&inside, "/opt/kafka/bin").unwrap();
        assert!(tools.contains(&"kafka-topics.sh".to_owned()));
        assert_eq!(files.list(&inside, "/opt").unwrap(), ["kafka/"]);
    }
}
