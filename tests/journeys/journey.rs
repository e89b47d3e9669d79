//! A journey from the first look at the page to the last.

use crate::page::Page;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What the person holds or looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Screen {
    /// A laptop: 1440 by 900.
    Desktop,
    /// A small laptop or a tablet: 1024 by 768.
    Tablet,
    /// A phone held upright: 390 by 844, touched.
    Phone,
    /// A lecture hall's projector: 1280 by 720.
    Projector,
}

impl Screen {
    /// Width and height in CSS pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            Screen::Desktop => (1440, 900),
            Screen::Tablet => (1024, 768),
            Screen::Phone => (390, 844),
            Screen::Projector => (1280, 720),
        }
    }

    /// Whether it is held in a hand and touched.
    pub fn is_phone(self) -> bool {
        self == Screen::Phone
    }
}

/// How the person's system is set up.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The screen.
    pub screen: Screen,
    /// Whether the system is set to dark.
    pub dark: bool,
    /// Whether the system asks for less motion.
    pub still: bool,
}

impl Look {
    /// Light, with motion.
    pub const fn on(screen: Screen) -> Look {
        Look {
            screen,
            dark: false,
            still: false,
        }
    }

    /// The same in the dark.
    pub const fn dark(self) -> Look {
        Look { dark: true, ..self }
    }

    /// The same with less motion.
    pub const fn still(self) -> Look {
        Look {
            still: true,
            ..self
        }
    }
}

/// Opens the page in a fresh browser, walks, takes the picture `NAME.png` of the end, and fails
/// when anything went wrong in the console on the way.
///
/// When the walk itself fails, the picture is `NAME-failed.png`.
pub fn journey(name: &str, look: Look, walk: impl FnOnce(&Page)) {
    let page = Page::in_new_browser(look);
    let walked = catch_unwind(AssertUnwindSafe(|| {
        page.open();
        walk(&page);
        page.screenshot(name);
        let mistakes = page.mistakes();
        assert!(
            mistakes.is_empty(),
            "{name}: the console has mistakes:\n{}",
            mistakes.join("\n")
        );
    }));
    if let Err(failure) = walked {
        page.leave_failed(name);
        resume_unwind(failure);
    }
    page.leave();
}
