//! `/admin/v1/keys`: which epochs of keys are there, and when is the next?

use super::{
    body,
    page::List,
    shown::{Instant, ok},
};
use crate::{
    actors::{
        jwks::{Jwks, ListEpochs, Rotate, RotateNow},
        runtime::Actors,
    },
    domain::{
        keys::{
            EpochNumber,
            epoch::{Epoch, Schedule},
        },
        time::Timestamp,
    },
    gateway::{platform::Platform, trouble::Answer, visit::Visit},
};
use serde::Serialize;

/// How an epoch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Published, so that every cache knows it before it signs.
    Announced,
    /// It signs.
    Signing,
    /// Published until the last token it signed has expired.
    Retiring,
}

/// An epoch as an operator sees it.
#[derive(Debug, Serialize)]
struct Shown {
    epoch: EpochNumber,
    state: State,
    announced_at: Instant,
    signs_from: Instant,
    retires_at: Option<Instant>,
}

/// Lists the epochs, newest first.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let epochs = visit.mail.ask(&Jwks::address(), ListEpochs).await?;
    ok(&shown(epochs.epochs, visit.now))
}

/// Announces a new epoch; in an emergency it signs at once, and whatever was
/// signed before is refused, the caller's own access token included.
pub(super) async fn rotate<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let mut sent = body::optional(visit)?;
    sent.only(&[&["emergency"]])?;
    let is_emergency: Option<bool> = sent.take_as("emergency", "true or false")?;
    let epochs = if is_emergency.unwrap_or_default() {
        visit.mail.ask(&Jwks::address(), RotateNow).await?
    } else {
        visit.mail.ask(&Jwks::address(), Rotate).await?
    };
    visit.gateway.forget_keys();
    ok(&shown(epochs.epochs, visit.now))
}

fn shown(epochs: Vec<Epoch>, now: Timestamp) -> List<Shown> {
    let schedule = Schedule::from_stored(epochs);
    let signing = schedule.signing(now).map(|epoch| epoch.number);
    let show = |epoch: &Epoch| Shown {
        epoch: epoch.number,
        state: if Some(epoch.number) == signing {
            State::Signing
        } else if epoch.signs_from > now {
            State::Announced
        } else {
            State::Retiring
        },
        announced_at: Instant(epoch.announced_at),
        signs_from: Instant(epoch.signs_from),
        retires_at: epoch.retires_at.map(Instant),
    };
    List {
        items: schedule.epochs().iter().rev().map(show).collect(),
        next_cursor: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_epoch_has_its_state_newest_first() {
        let at = Timestamp::from_seconds;
        let epoch = |number, signs_from, retires_at| Epoch {
            number: EpochNumber(number),
            announced_at: at(0),
            signs_from: at(signs_from),
            retires_at,
        };
        let epochs = vec![
            epoch(1, 10, Some(at(100))),
            epoch(3, 60, None),
            epoch(2, 20, Some(at(200))),
        ];
        let states: Vec<_> = shown(epochs, at(50))
            .items
            .iter()
            .map(|one| (one.epoch.0, one.state))
            .collect();
        let expected = [
            (3, State::Announced),
            (2, State::Signing),
            (1, State::Retiring),
        ];
        assert_eq!(states, expected);
    }
}
