//! How does a client learn that a session has ended?

use super::run::Trip;
use crate::{
    actors::{
        courier::{Carried, LogOut},
        runtime::Fault,
    },
    gateway::platform::Platform,
};

pub(super) async fn carry<P: Platform>(_: &Trip<'_, P>, _: LogOut) -> Result<Carried, Fault> {
    Err(Fault::Unreachable("nobody carries this yet".to_owned()))
}
