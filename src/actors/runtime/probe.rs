//! What actor do the runtime's and the platform's own tests talk to?
//!
//! One that counts, and may tell another to count too. It exists in tests and
//! in the test build only.

use super::{
    Actor, Address, Fault, Turn, conversation,
    socket::{Heard, Socket},
};
use crate::{
    domain::{ids::SocketId, time::Timestamp},
    store::{Store, migrate::Migration},
};
use serde::{Deserialize, Serialize};

/// An actor that counts.
#[derive(Clone, Copy, Debug)]
pub struct Probe;

/// Adds, and tells another to add as much. Founds the actor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Add {
    /// How much.
    pub amount: i64,
    /// Whom to tell.
    pub tell: Option<String>,
}

/// Adds, and tells another to add as much before it answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddFirst {
    /// How much.
    pub amount: i64,
    /// Whom to tell.
    pub tell: String,
}

/// Accepts a socket, unless it is to refuse.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listen {
    /// What the socket is found by.
    pub tag: String,
    /// Whether to answer instead.
    pub refuses: bool,
}

/// Adds one, and sends the same frame to every socket with a tag.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shout {
    /// To whom.
    pub tag: String,
    /// What.
    pub frame: String,
}

/// Adds [`LATE`] in a while.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AddLater {
    /// How much later.
    pub wait_ms: i64,
}

/// Adds, and refuses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Overdraw {
    /// How much.
    pub amount: i64,
}

/// Writes and remembers what is not so, and then fails.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Fail {
    /// By a panic, not by a fault.
    pub panics: bool,
}

/// Asks for the total, without touching the database when it is in memory.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Read;

/// Erases the actor.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct End;

/// The total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total(pub i64);

/// The answer that is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused;

conversation! {
    Probe as "probe" {
        Add => Total,
        AddFirst => Total,
        AddLater => Total,
        Overdraw => Refused,
        Fail => Total,
        Listen => Refused,
        Shout => Total,
        Read => Total,
        End => Total,
    }
}

/// What a job adds.
pub const LATE: i64 = 100;

/// What the end of a socket adds.
pub const GONE: i64 = 10_000;

/// Code of a socket that was spoken to in a way nobody reads.
pub const UNREADABLE: u16 = 4400;

/// A job finds no room above this, and fails.
pub const ROOM: i64 = 500;

const ADD: &str = "INSERT INTO probe (id, total) VALUES (1, ?) \
    ON CONFLICT (id) DO UPDATE SET total = total + excluded.total RETURNING total";

fn add(store: &dyn Store, amount: i64) -> Result<i64, Fault> {
    let rows = store.query(ADD, &[amount.into()])?;
    Ok(rows.first().ok_or(Fault::Corrupt("no total"))?.int(0)?)
}

impl Actor for Probe {
    const MIGRATIONS: &'static [Migration] = &[Migration {
        number: 1,
        name: "probe",
        sql: "CREATE TABLE probe (id INTEGER PRIMARY KEY, total INTEGER NOT NULL) STRICT",
    }];
    const TABLES: &'static [(&'static str, &'static str)] =
        &[("probe", "SELECT COUNT(*) FROM probe")];
    type Memory = Option<i64>;

    fn founds(message: &Message) -> bool {
        matches!(
            message,
            Message::Add(_) | Message::AddFirst(_) | Message::Overdraw(_)
        )
    }

    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Option<i64>,
        message: Message,
    ) -> Result<Reply, Fault> {
        match message {
            Message::Add(Add { amount, tell }) => {
                let total = add(turn.store, amount)?;
                *memory = Some(total);
                if let Some(other) = tell {
                    turn.effects
                        .tell(&address(other), Add { amount, tell: None })?;
                }
                Ok(Reply::Add(Total(total)))
            }
            Message::AddLater(AddLater { wait_ms }) => {
                turn.effects.schedule("add", turn.now.plus(wait_ms));
                Ok(Reply::AddLater(Total(add(turn.store, 0)?)))
            }
            Message::AddFirst(AddFirst { amount, tell }) => {
                let told = Add { amount, tell: None };
                turn.effects.tell_first(&address(tell), told)?;
                let total = add(turn.store, amount)?;
                *memory = Some(total);
                Ok(Reply::AddFirst(Total(total)))
            }
            Message::Listen(Listen { tag, refuses }) => {
                if !refuses {
                    let id = SocketId::generate(turn.entropy);
                    turn.effects.accept(id, &[&tag], &0)?;
                    turn.effects.send(id, "hello".to_owned());
                }
                Ok(Reply::Listen(Refused))
            }
            Message::Shout(Shout { tag, frame }) => {
                turn.effects.broadcast(&tag, frame);
                let total = add(turn.store, 1)?;
                *memory = Some(total);
                Ok(Reply::Shout(Total(total)))
            }
            Message::Overdraw(Overdraw { amount }) => {
                *memory = Some(add(turn.store, amount)?);
                Ok(Reply::Overdraw(Refused))
            }
            Message::Fail(Fail { panics }) => {
                add(turn.store, 7)?;
                *memory = Some(-1);
                assert!(!panics, "a test asked for it");
                Err(Fault::Corrupt("a test asked for it"))
            }
            Message::Read(Read) => {
                let total = match *memory {
                    Some(total) => total,
                    None => add(turn.store, 0)?,
                };
                *memory = Some(total);
                Ok(Reply::Read(Total(total)))
            }
            Message::End(End) => {
                turn.effects.end();
                Ok(Reply::End(Total(0)))
            }
        }
    }

    fn job(&self, turn: &mut Turn<'_>, memory: &mut Option<i64>, name: &str) -> Result<(), Fault> {
        if name != "add" {
            return Err(Fault::Corrupt("a job of nobody's"));
        }
        if add(turn.store, 0)? > ROOM {
            return Err(Fault::Corrupt("no room"));
        }
        *memory = Some(add(turn.store, LATE)?);
        Ok(())
    }

    /// Says back how many frames it has heard on this socket, and what each
    /// word asks for.
    fn hear(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Option<i64>,
        socket: &Socket,
        heard: Heard,
    ) -> Result<(), Fault> {
        let id = socket.id;
        let frame = match heard {
            Heard::Text(frame) => frame,
            Heard::Unreadable => {
                turn.effects.close(id, UNREADABLE, "nobody reads that");
                return Ok(());
            }
            Heard::Closed => {
                *memory = Some(add(turn.store, GONE)?);
                return Ok(());
            }
        };
        let count = socket.kept::<u32>()? + 1;
        turn.effects.keep(id, &count)?;
        match frame.as_str() {
            "add" => {
                let total = add(turn.store, 1)?;
                *memory = Some(total);
                turn.effects.send(id, format!("total {total}"));
            }
            "fault" => {
                turn.effects.send(id, "never".to_owned());
                add(turn.store, 7)?;
                return Err(Fault::Corrupt("a test asked for it"));
            }
            "panic" => assert_ne!(frame, "panic", "a test asked for it"),
            "end" => turn.effects.end(),
            "others" => {
                let (all, mine) = (turn.sockets.count(None), turn.sockets.tagged("mine").len());
                turn.effects.send(id, format!("{all} {mine}"));
            }
            "leave" => {
                turn.effects.close(id, 4000, "as you wish");
                turn.effects.send(id, "never".to_owned());
            }
            _ => turn.effects.send(id, format!("{count} {frame}")),
        }
        Ok(())
    }

    fn describe(&self, store: &dyn Store, _: Timestamp) -> Result<serde_json::Value, Fault> {
        let rows = store.query("SELECT total FROM probe", &[])?;
        let total = rows.first().map(|row| row.int(0)).transpose()?;
        Ok(serde_json::json!({ "total": total }))
    }
}

/// Where a probe lives.
#[must_use]
pub fn address(name: String) -> Address<Probe> {
    Address::new(name)
}
