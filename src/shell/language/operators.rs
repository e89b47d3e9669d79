//! The shell's operators.

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Pipe,
    PipeBoth,
    Background,
    And,
    Or,
    End,
    Input,
    Output { fd: u8, append: bool },
    OutputBoth { append: bool },
    Copy { fd: u8, of: u8 },
}

impl Operator {
    /// As it is written, for messages.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Operator::Pipe => "|",
            Operator::PipeBoth => "|&",
            Operator::Background => "&",
            Operator::And => "&&",
            Operator::Or => "||",
            Operator::End => ";",
            Operator::Input => "<",
            Operator::Output { append: false, .. } => ">",
            Operator::Output { append: true, .. } => ">>",
            Operator::OutputBoth { .. } => "&>",
            Operator::Copy { .. } => ">&",
        }
    }
}

/// As operators are written, longer ones first.
pub(super) const WRITTEN: [(&str, Operator); 21] = [
    ("2>&1", Operator::Copy { fd: 2, of: 1 }),
    ("1>&2", Operator::Copy { fd: 1, of: 2 }),
    (">&2", Operator::Copy { fd: 1, of: 2 }),
    (">&1", Operator::Copy { fd: 1, of: 1 }),
    ("&>>", Operator::OutputBoth { append: true }),
    ("&>", Operator::OutputBoth { append: false }),
    (
        "2>>",
        Operator::Output {
            fd: 2,
            append: true,
        },
    ),
    (
        "2>",
        Operator::Output {
            fd: 2,
            append: false,
        },
    ),
    (
        "1>>",
        Operator::Output {
            fd: 1,
            append: true,
        },
    ),
    (
        "1>",
        Operator::Output {
            fd: 1,
            append: false,
        },
    ),
    (
        ">>",
        Operator::Output {
            fd: 1,
            append: true,
        },
    ),
    (
        ">|",
        Operator::Output {
            fd: 1,
            append: false,
        },
    ),
    (
        ">",
        Operator::Output {
            fd: 1,
            append: false,
        },
    ),
    ("0<", Operator::Input),
    ("<", Operator::Input),
    ("||", Operator::Or),
    ("|&", Operator::PipeBoth),
    ("|", Operator::Pipe),
    ("&&", Operator::And),
    ("&", Operator::Background),
    (";", Operator::End),
];
