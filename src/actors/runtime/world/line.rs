//! Who holds a socket in a test world, and what came over it?

use super::World;
use crate::{
    actors::runtime::{
        Awake, Host, Recipient, inspect,
        socket::{Accept, FRAME_BYTES_MAX, Heard, PING, PONG, Socket, SocketChange, Sockets},
    },
    domain::{ids::SocketId, time::Timestamp},
};
use core::cell::{Cell, RefCell};
use std::{collections::VecDeque, rc::Rc};

/// What has gone over a socket to the client.
#[derive(Debug, Default)]
struct Wire {
    frames: RefCell<VecDeque<String>>,
    closed: Cell<Option<u16>>,
}

/// The code of a connection that broke ([RFC 6455 §7.4.1]).
///
/// [RFC 6455 §7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const BROKEN: u16 = 1006;

/// The client's end of a socket.
#[derive(Clone, Debug)]
pub struct Line {
    who: Recipient,
    id: SocketId,
    wire: Rc<Wire>,
}

impl Line {
    /// The frames that have come since somebody last looked.
    #[must_use]
    pub fn frames(&self) -> Vec<String> {
        self.wire.frames.borrow_mut().drain(..).collect()
    }

    /// The code with which the server closed it; `None` while it is open.
    #[must_use]
    pub fn closed(&self) -> Option<u16> {
        self.wire.closed.get()
    }

    /// A socket that nobody serves: these frames came, and this code.
    #[must_use]
    pub fn closed_at_once(frames: Vec<String>, code: u16) -> Self {
        let wire = Wire {
            frames: RefCell::new(frames.into()),
            closed: Cell::new(Some(code)),
        };
        let who = Recipient {
            kind: String::new(),
            name: String::new(),
        };
        Self {
            who,
            id: SocketId::from_bytes([0; 16]),
            wire: Rc::new(wire),
        }
    }
}

/// The actor's end.
#[derive(Clone, Debug)]
pub(super) struct Plug {
    socket: Socket,
    tags: Vec<String>,
    wire: Rc<Wire>,
}

impl Plug {
    pub(super) fn cut(&self) {
        self.close(BROKEN);
    }

    fn close(&self, code: u16) {
        self.wire.closed.set(self.wire.closed.get().or(Some(code)));
    }

    fn send(&self, frame: &str) {
        if self.wire.closed.get().is_none() {
            let mut frames = self.wire.frames.borrow_mut();
            frames.push_back(frame.to_owned());
        }
    }

    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }
}

/// The open sockets, as a turn sees them.
pub(super) struct Plugged(pub(super) Vec<Plug>);

impl Sockets for Plugged {
    fn count(&self, tag: Option<&str>) -> usize {
        let counts = |plug: &&Plug| tag.is_none_or(|tag| plug.has(tag));
        self.0.iter().filter(counts).count()
    }

    fn tagged(&self, tag: &str) -> Vec<Socket> {
        let tagged = self.0.iter().filter(|plug| plug.has(tag));
        tagged.map(|plug| plug.socket.clone()).collect()
    }

    fn shown(&self, limit: usize) -> Vec<inspect::Line> {
        let shown = self.0.iter().take(limit).map(|plug| inspect::Line {
            tags: plug.tags.clone(),
            since: plug.socket.since,
        });
        shown.collect()
    }
}

/// Does with the sockets what a turn wanted.
pub(super) fn apply(plugs: &mut Vec<Plug>, changes: Vec<SocketChange>) {
    for change in changes {
        let concerns = |plug: &&mut Plug| match &change {
            SocketChange::Send(id, _) | SocketChange::Keep(id, _) | SocketChange::Close(id, ..) => {
                plug.socket.id == *id
            }
            SocketChange::Broadcast(tag, _) | SocketChange::CloseAll(tag, ..) => plug.has(tag),
        };
        for plug in plugs.iter_mut().filter(concerns) {
            match &change {
                SocketChange::Send(_, frame) | SocketChange::Broadcast(_, frame) => {
                    plug.send(frame);
                }
                SocketChange::Keep(_, kept) => plug.socket.kept.clone_from(kept),
                SocketChange::Close(_, code, _) | SocketChange::CloseAll(_, code, _) => {
                    plug.close(*code);
                }
            }
        }
        plugs.retain(|plug| plug.wire.closed.get().is_none());
    }
}

impl World {
    pub(super) fn plug_in(&self, who: &Recipient, accept: Accept, now: Timestamp) -> Line {
        let wire = Rc::<Wire>::default();
        let line = Line {
            who: who.clone(),
            id: accept.id,
            wire: Rc::clone(&wire),
        };
        let socket = Socket {
            id: accept.id,
            since: now,
            kept: accept.kept,
        };
        let plug = Plug {
            socket,
            tags: accept.tags,
            wire,
        };
        if let Some(home) = self.0.homes.borrow_mut().get_mut(who) {
            home.plugs.push(plug);
        }
        line
    }

    /// The client sends a text frame, and everything that sets going is done.
    pub fn say(&self, line: &Line, frame: &str) {
        if frame == PING {
            line.wire.frames.borrow_mut().push_back(PONG.to_owned());
            return;
        }
        let heard = if frame.len() > FRAME_BYTES_MAX {
            Heard::Unreadable
        } else {
            Heard::Text(frame.to_owned())
        };
        self.hear(line, heard);
    }

    /// The client sends a frame that is not text.
    pub fn say_bytes(&self, line: &Line) {
        self.hear(line, Heard::Unreadable);
    }

    /// The connection breaks.
    pub fn hang_up(&self, line: &Line) {
        let socket = self.unplug(line);
        if let Some(socket) = socket {
            line.wire.closed.set(line.closed().or(Some(BROKEN)));
            self.tell(line, &socket, Heard::Closed);
        }
    }

    fn socket_of(&self, line: &Line) -> Option<Socket> {
        let homes = self.0.homes.borrow();
        let plugs = homes.get(&line.who).map(|home| home.plugs.as_slice());
        let plug = plugs?.iter().find(|plug| plug.socket.id == line.id)?;
        Some(plug.socket.clone())
    }

    fn unplug(&self, line: &Line) -> Option<Socket> {
        let socket = self.socket_of(line)?;
        if let Some(home) = self.0.homes.borrow_mut().get_mut(&line.who) {
            home.plugs.retain(|plug| plug.socket.id != line.id);
        }
        Some(socket)
    }

    fn hear(&self, line: &Line, heard: Heard) {
        if let Some(socket) = self.socket_of(line) {
            self.tell(line, &socket, heard);
        }
    }

    /// What a turn cannot take closes the socket (1011, [RFC 6455 §7.4.1]).
    ///
    /// [RFC 6455 §7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
    fn tell(&self, line: &Line, socket: &Socket, heard: Heard) {
        let event = |awake: &mut dyn Awake, host: &mut Host<'_>| {
            awake.hear(host, socket, heard).or_else(|_| {
                let failed = SocketChange::Close(socket.id, 1011, "something failed");
                Ok(crate::actors::runtime::After {
                    sockets: vec![failed],
                    ..Default::default()
                })
            })
        };
        self.run(self.happen(&line.who, event));
    }
}
