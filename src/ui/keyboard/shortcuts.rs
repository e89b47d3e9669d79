//! The shortcuts as the help lists them.

/// One line of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortcut {
    /// The keys, each as it is printed on a keyboard.
    pub keys: &'static [&'static str],
    /// What they do.
    pub what: &'static str,
}

/// All shortcuts.
pub const SHORTCUTS: [Shortcut; 22] = [
    shortcut(&["Space"], "Play or pause"),
    shortcut(&["."], "Step one event"),
    shortcut(&["Shift ,", "Shift ."], "Slower, faster"),
    shortcut(&["L"], "Go on"),
    shortcut(&["S"], "Send the selected record again, or compose one"),
    shortcut(&["R"], "Replay from the selected record"),
    shortcut(&["/"], "Filter the diagram"),
    shortcut(&["F"], "Fit the diagram"),
    shortcut(&["+", "-"], "Zoom"),
    shortcut(&["1", "2", "3", "4", "5", "6"], "Tabs of the dock"),
    shortcut(&["[", "]"], "Left panel, right panel"),
    shortcut(&["`"], "Dock"),
    shortcut(&["P"], "Projector view"),
    shortcut(&["T"], "Light or dark"),
    shortcut(&["?"], "This help"),
    shortcut(&["F6", "Shift F6"], "Next region, previous region"),
    shortcut(&["Esc"], "Leave the terminal, then clear the selection"),
    shortcut(&["↑", "↓"], "In the diagram: lane or node"),
    shortcut(&["←", "→"], "In the diagram: previous, next offset"),
    shortcut(&["Home", "End"], "In the diagram: log start, log end"),
    shortcut(&["Enter"], "In the diagram: open in the inspector"),
    shortcut(&["G", "A–Z"], "In the diagram: jump to a group"),
];

const fn shortcut(keys: &'static [&'static str], what: &'static str) -> Shortcut {
    Shortcut { keys, what }
}
