//! The page's entry point.

fn main() {
    kafka_playground::ui::mount();
}
