//! Several requests of ours, not of a cell, in one frame, each on the file of the one before.

use oplock_model::{Status, TargetFault};
use oplock_wire::{Chain, Command, Request, Response};
use tokio::sync::oneshot;

use super::handle::{ANSWER_WITHIN, Connection};
use super::state::{Answer, Sink, Submission};
use crate::request::Asked;

/// Answers that are on their way.
#[derive(Debug)]
pub(crate) struct Answers(Vec<(Command, oneshot::Receiver<Answer>)>);

impl Connection {
    /// Sends a related compound and does not wait.
    ///
    /// # Errors
    /// [`TargetFault::Lost`] where the connection is gone.
    pub(crate) fn send_related(&self, requests: Vec<Request>) -> Result<Answers, TargetFault> {
        let mut sinks = Vec::with_capacity(requests.len());
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let (sender, receiver) = oneshot::channel();
            answers.push((request.command(), receiver));
            sinks.push((Asked::from(request), Sink::Once(sender)));
        }
        self.submit(Submission { requests: sinks, chain: Chain::Related })?;
        Ok(Answers(answers))
    }
}

impl Answers {
    /// Waits for all of them: the status and body of each.
    ///
    /// # Errors
    /// [`TargetFault::Lost`] where one does not come within a bound, or does not decode.
    pub(crate) async fn all(self) -> Result<Vec<(Status, Response)>, TargetFault> {
        let mut all = Vec::with_capacity(self.0.len());
        for (command, receiver) in self.0 {
            let lost = |why: String| TargetFault::Lost(format!("the answer to {command} {why}"));
            let answer = tokio::time::timeout(ANSWER_WITHIN, receiver)
                .await
                .map_err(|_| lost(format!("did not come within {ANSWER_WITHIN:?}")))?
                .map_err(|_| lost("was dropped".to_owned()))?;
            let response =
                answer.response.map_err(|error| lost(format!("does not decode: {error}")))?;
            all.push((answer.header.status, response));
        }
        Ok(all)
    }
}
