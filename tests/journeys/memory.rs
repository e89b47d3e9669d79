//! A second visit finds the page as the first left it.

use playground_journeys::{Look, Screen, journey};

#[test]
fn theme_and_layout_are_remembered() {
    journey("second-visit", Look::on(Screen::Desktop), |page| {
        page.press("Theme");
        page.press_in(".left", "Collapse panel");
        page.press_in(".dock", "Metrics");
        page.wait_until("the rail", || page.count(".left.rail") == 1);
        assert_eq!(
            page.attribute("html", "data-theme").as_deref(),
            Some("dark")
        );
        page.reload();
        assert_eq!(
            page.attribute("html", "data-theme").as_deref(),
            Some("dark")
        );
        assert_eq!(page.count(".left.rail"), 1, "the walkthrough is open again");
        let on = page.text_of(".dock [role=tab][aria-selected=true]");
        assert_eq!(on, "Metrics");
    });
}
