//! A transcript as data: commands, what was typed into them, and what the real Kafka printed.

/// One recorded terminal session.
pub struct Transcript {
    pub title: String,
    pub brokers: i32,
    pub steps: Vec<Step>,
}

/// One step, and the line of the file that it stands on.
pub struct Step {
    pub line: usize,
    pub what: What,
}

pub enum What {
    /// `$ COMMAND`
    Run {
        command: String,
        typed: Vec<String>,
        said: Said,
    },
    /// `& NAME $ COMMAND`
    Start { name: String, command: String },
    /// `stop NAME`
    Stop { name: String, said: Said },
    /// `wait SECONDS`
    Wait(f64),
    /// `kill BROKER`
    KillBroker(i32),
    /// `start BROKER`
    StartBroker(i32),
    /// `file NAME CONTENT`
    File { name: String, content: String },
}

/// What a command printed, and how it ended.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Said {
    pub out: Vec<String>,
    pub err: Vec<String>,
    pub exit: String,
}

/// Reads a transcript; `Err` says what is wrong and where.
pub fn read(text: &str) -> Result<Transcript, String> {
    let (head, body) = text.split_once("---\n").ok_or("there is no line `---`")?;
    let field = |name: &str| {
        let mut lines = head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let brokers = field("brokers").unwrap_or("1").trim();
    let mut transcript = Transcript {
        title: field("title").unwrap_or("untitled").to_owned(),
        brokers: brokers
            .parse()
            .map_err(|_| format!("brokers: {brokers} is no number"))?,
        steps: Vec::new(),
    };
    let before = head.lines().count() + 2;
    let mut lines = body.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        let number = before + at;
        let what = if let Some(command) = line.strip_prefix("$ ") {
            let mut typed = Vec::new();
            while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with("< ")) {
                typed.push(line[2..].to_owned());
            }
            let said = said(&mut lines);
            What::Run {
                command: command.to_owned(),
                typed,
                said,
            }
        } else if let Some(rest) = line.strip_prefix("& ") {
            let (name, command) = rest
                .split_once(" $ ")
                .ok_or(format!("line {number}: no ` $ `"))?;
            What::Start {
                name: name.to_owned(),
                command: command.to_owned(),
            }
        } else if let Some(name) = line.strip_prefix("stop ") {
            What::Stop {
                name: name.trim().to_owned(),
                said: said(&mut lines),
            }
        } else if let Some(seconds) = line.strip_prefix("wait ") {
            What::Wait(
                seconds
                    .trim()
                    .parse()
                    .map_err(|_| format!("line {number}: {seconds}"))?,
            )
        } else if let Some(id) = line.strip_prefix("kill ") {
            What::KillBroker(broker(id, number)?)
        } else if let Some(id) = line.strip_prefix("start ") {
            What::StartBroker(broker(id, number)?)
        } else if let Some(rest) = line.strip_prefix("file ") {
            let (name, content) = rest.split_once(' ').unwrap_or((rest, ""));
            What::File {
                name: name.to_owned(),
                content: content.to_owned(),
            }
        } else if line.trim().is_empty() {
            continue;
        } else {
            return Err(format!("line {number}: nothing here can play `{line}`"));
        };
        transcript.steps.push(Step { line: number, what });
    }
    Ok(transcript)
}

type Lines<'a> = std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'a>>>;

fn broker(id: &str, line: usize) -> Result<i32, String> {
    let id = id.trim();
    id.parse().map_err(|_| format!("line {line}: {id}"))
}

/// The lines up to `[exit N]`.
fn said(lines: &mut Lines<'_>) -> Said {
    let mut said = Said::default();
    for (_, line) in lines.by_ref() {
        if let Some(exit) = line.strip_prefix("[exit ") {
            said.exit = exit.trim_end_matches(']').to_owned();
            break;
        }
        match line.strip_prefix("2> ").or(line.strip_prefix("2>")) {
            Some(line) => said.err.push(line.to_owned()),
            None => said.out.push(line.to_owned()),
        }
    }
    said
}

/// The words of a command as the recorder split them: quotes group, nothing else is special.
pub fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    for c in unescaped(command).chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                current.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(current.take()),
            (_, c) => current.get_or_insert_default().push(c),
        }
    }
    words.extend(current);
    words
}

/// `\u00e9` as the character.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..4)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                result.push(c);
                result.push_str(&part[4..]);
            }
            None => {
                result.push_str("\\u");
                result.push_str(part);
            }
        }
    }
    result
}
