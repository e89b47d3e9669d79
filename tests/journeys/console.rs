//! That the journeys can fail: what goes wrong in the console is noticed, and foreign code does not run.

use playground_journeys::{Look, Page, Screen, journey};

const INLINE: &str = "
const script = document.createElement('script');
script.textContent = 'window.planted = true';
document.head.append(script);
return window.planted ?? false;";

#[test]
fn mistakes_in_the_console_are_noticed() {
    journey("console", Look::on(Screen::Desktop), |page| {
        page.run("console.error('planted mistake')", vec![]);
        notices(page, "planted mistake");
    });
}

#[test]
fn a_script_that_is_not_the_pages_own_does_not_run() {
    journey("console-inline-script", Look::on(Screen::Desktop), |page| {
        assert_eq!(page.run(INLINE, vec![]), false);
        notices(page, "Content Security Policy");
    });
}

fn notices(page: &Page, mistake: &str) {
    page.wait_until(&format!("{mistake:?} in the console"), || {
        page.mistakes().iter().any(|line| line.contains(mistake))
    });
}
