//! Asked before something is gone for good.

use present::dialogs::question::Question;
use session::action::Action;
use session::msg::Msg;
use yew::prelude::*;

use super::form::command_block;
use super::modal::Modal;
use super::{Dialog, Surroundings};

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct QuestionDialogProps {
    /// The question.
    pub question: Question,
    /// What surrounds it.
    pub around: Surroundings,
}

/// A question with two answers.
#[component]
pub fn QuestionDialog(props: &QuestionDialogProps) -> Html {
    let (question, around) = (&props.question, &props.around);
    let yes = {
        let (msg, around) = (question.msg.clone(), around.clone());
        Callback::from(move |_: MouseEvent| {
            around.act.emit(msg.clone());
            around.on_close.emit(());
        })
    };
    html! {
        <Modal title={question.title.clone()} on_close={&around.on_close}>
            <div class="form-body"><p>{ &question.text }</p></div>
            if let Some(command) = question.command() { { command_block(&command) } }
            <footer class="form-foot">
                <span class="fx" />
                <button type="button" class="btn" autofocus=true onclick={around.on_close.reform(|_: MouseEvent| ())}>{ "Cancel" }</button>
                <button type="button" class="btn danger" onclick={yes}>{ question.verb }</button>
            </footer>
        </Modal>
    }
}

/// The question that a dialog asks, if it asks one.
pub fn of(dialog: &Dialog) -> Option<Question> {
    let question = match dialog {
        Dialog::ConfirmDeleteTopic(topic) => Question::before(
            format!("Delete topic {topic}?"),
            "All its records are gone for good.".to_owned(),
            "Delete topic",
            Action::DeleteTopic(topic.clone()),
        ),
        Dialog::ConfirmDeleteGroup(group) => Question::before(
            format!("Delete group {group}?"),
            "Its committed offsets are gone for good. A group with members can't be deleted."
                .to_owned(),
            "Delete group",
            Action::DeleteGroup(group.clone()),
        ),
        Dialog::ConfirmDeleteRecords(partition, offset) => Question::before(
            format!("Delete the records of {partition} before offset {offset}?"),
            "They are gone for good; the log starts at this offset then.".to_owned(),
            "Delete records",
            Action::DeleteRecordsBefore(partition.clone(), *offset),
        ),
        Dialog::ConfirmStopCluster => Question::before(
            "Remove the cluster?".to_owned(),
            "Brokers, topics and records are gone for good; clients lose their connection."
                .to_owned(),
            "Remove cluster",
            Action::StopCluster,
        ),
        Dialog::ConfirmStartOver => Question {
            title: "Start this scene over?".to_owned(),
            text: "Everything that was done in it is let go.".to_owned(),
            verb: "Start over",
            msg: Msg::StartedOver,
        },
        _ => return None,
    };
    Some(question)
}
