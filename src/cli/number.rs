//! Numbers of flows and messages as people type them: `4`, `4.17`, `tcp:3`, `udp:3.0`.

use anyhow::{Context as _, bail};

use crate::bytes::escape;
use crate::protocols::Transport;
use crate::trace::Trace;

/// A flow, or a message of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// `tcp:` and `udp:` count the flows of one transport, as tshark does.
    transport: Option<Transport>,
    number: u32,
    /// The message's number within the flow.
    pub(super) message: Option<u32>,
}

impl Number {
    /// Understands a number.
    pub(super) fn parse(text: &str) -> anyhow::Result<Number> {
        let (transport, rest) = match text.split_once(':') {
            None => (None, text),
            Some(("tcp", rest)) => (Some(Transport::Tcp), rest),
            Some(("udp", rest)) => (Some(Transport::Udp), rest),
            Some(_) => bail!("{} is no flow: write 4, tcp:3 or udp:3", escape(text)),
        };
        let (flow, message) = match rest.split_once('.') {
            Some((flow, message)) => (flow, Some(message)),
            None => (rest, None),
        };
        let number = |text: &str| text.parse::<u32>().ok();
        let wrong = || format!("{} is no flow and no message: write 4, 4.17 or tcp:3", escape(text));
        let message = message.map(|message| number(message).with_context(wrong)).transpose()?;
        Ok(Number { transport, number: number(flow).with_context(wrong)?, message })
    }

    /// The number of the flow over all flows.
    pub(super) fn flow(self, trace: &Trace) -> anyhow::Result<u32> {
        let flow = self.any(trace)?;
        if trace.flows().all().get(flow as usize).is_some_and(crate::flow::Flow::is_gone) {
            bail!("flow {flow} does not pass the observer");
        }
        Ok(flow)
    }

    /// The same, also of a flow that whoever looks does not see.
    fn any(self, trace: &Trace) -> anyhow::Result<u32> {
        let all = trace.flows().all();
        let Some(transport) = self.transport else {
            if self.number as usize >= all.len() {
                bail!("there is no flow {}: the capture has {} flows", self.number, all.len());
            }
            return Ok(self.number);
        };
        let found = all.iter().find(|flow| flow.transport == Some(transport) && flow.stream == self.number);
        let name = format!("{transport:?}").to_lowercase();
        let found = found.with_context(|| format!("there is no flow {name}:{}", self.number))?;
        Ok(found.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_understood() {
        let parse = |text| Number::parse(text).ok().map(|n| (n.transport, n.number, n.message));
        assert_eq!(parse("4"), Some((None, 4, None)));
        assert_eq!(parse("4.17"), Some((None, 4, Some(17))));
        assert_eq!(parse("udp:3.0"), Some((Some(Transport::Udp), 3, Some(0))));
        for wrong in ["", ".", "4.", ".1", "-1", "tcp:", "ip:1", "4.1.2", "99999999999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
