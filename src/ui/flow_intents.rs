//! What a wish for the diagram means: messages for the sitting, a dialog, or the page's own business.

use present::flow::input::Arrangement;
use present::flow::sitting::Page as FlowPage;
use present::flow::zoom;
use session::action::Action;
use session::layout::Arrange;
use session::msg::{Look, Msg};

use crate::ui::dialogs::Dialog;
use crate::ui::flow::intent::{FlowIntent, Zoom};

/// What follows from a wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// Tell the sitting.
    Msg(Msg),
    /// Open a dialog.
    Dialog(Dialog),
    /// Nothing but what the page itself has noted.
    Nothing,
}

/// What a wish means, with the diagram at `percent` of its size.
pub fn wanted(intent: FlowIntent, percent: u16, page: &mut FlowPage) -> Wanted {
    let look = |look: Look| Wanted::Msg(Msg::Look(look));
    match intent {
        FlowIntent::Select(selection) => Wanted::Msg(Msg::Selected(selection)),
        FlowIntent::Open(selection) => Wanted::Msg(Msg::Opened(selection)),
        FlowIntent::AddProducer => Wanted::Dialog(Dialog::Producer {
            topic: None,
            edit: None,
        }),
        FlowIntent::AddGroup(topic) => Wanted::Dialog(Dialog::Consumer { group: None, topic }),
        FlowIntent::StartCluster => Wanted::Msg(Msg::Acted(Action::StartCluster(1))),
        FlowIntent::CreateTopic => Wanted::Dialog(Dialog::Topic),
        FlowIntent::ScrollLane(partition, offset) => look(Look::LaneScrolled(partition, offset)),
        FlowIntent::Scroll(scroll) => {
            page.scroll = scroll;
            Wanted::Nothing
        }
        FlowIntent::Resize(width, height) => {
            page.viewport = (width, height);
            Wanted::Nothing
        }
        FlowIntent::Zoom(Zoom::In) => look(Look::Zoomed(zoom::closer(percent))),
        FlowIntent::Zoom(Zoom::Out) => look(Look::Zoomed(zoom::away(percent))),
        FlowIntent::Zoom(Zoom::Fit) => look(Look::Zoomed(100)),
        FlowIntent::Filter(filter) => look(Look::Filtered(filter)),
        FlowIntent::Arrange(Arrangement::Topics) => look(Look::Arranged(Arrange::Topics)),
        FlowIntent::Arrange(Arrangement::Brokers) => look(Look::Arranged(Arrange::Brokers)),
        FlowIntent::ToggleTopic(topic) => look(Look::TopicToggled(topic)),
        FlowIntent::Expand(name) => {
            if !page.expanded.remove(&name) {
                page.expanded.insert(name);
            }
            Wanted::Nothing
        }
    }
}
