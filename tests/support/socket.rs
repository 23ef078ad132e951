//! How does a test hold a socket?
//!
//! In-process it is a [`Line`] to an actor of the world, on workerd a WebSocket
//! over TCP; a flow cannot tell.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test program uses its part"
)]

use super::call::{Call, Reply};
use aero2::actors::runtime::world::{Line, World};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};
use tungstenite::{
    Bytes, Error, Message, WebSocket,
    protocol::{CloseFrame, Role},
};

/// What asks for a socket ([RFC 6455 §4.1]); the key is the RFC's own example.
///
/// [RFC 6455 §4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-4.1
pub(crate) const UPGRADE: &[(&str, &str)] = &[
    ("connection", "Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// Longer than anything a test waits for.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The code of a connection that broke without one ([RFC 6455 §7.4.1]).
///
/// [RFC 6455 §7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
pub(crate) const BROKEN: u16 = 1006;

/// The client's end of a socket.
pub(crate) struct TestSocket {
    end: End,
    /// The headers with which it was opened.
    pub(crate) headers: HeaderMap,
    come: RefCell<VecDeque<String>>,
}

enum End {
    InProcess(World, Line),
    Workerd(Box<RefCell<Wire>>),
}

struct Wire {
    socket: WebSocket<TcpStream>,
    closed: Option<u16>,
}

impl TestSocket {
    pub(super) fn in_process(world: World, line: Line, headers: HeaderMap) -> Self {
        Self::new(End::InProcess(world, line), headers)
    }

    fn new(end: End, headers: HeaderMap) -> Self {
        let come = RefCell::default();
        Self { end, headers, come }
    }

    /// Asks a server on this machine for a socket.
    ///
    /// # Errors
    /// With its answer, when that is another than 101.
    pub(super) fn over_tcp(port: u16, call: &Call) -> Result<Self, Box<Reply>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.write_all(head_of(call).as_bytes()).unwrap();
        let (mut reply, rest) = read_head(&mut stream);
        if reply.status == 101 {
            let socket = WebSocket::from_partially_read(stream, rest, Role::Client, None);
            let wire = Wire {
                socket,
                closed: None,
            };
            return Ok(Self::new(
                End::Workerd(Box::new(RefCell::new(wire))),
                reply.headers,
            ));
        }
        reply.body = rest;
        let length = reply.header("content-length").parse().unwrap_or(0);
        let read = reply.body.len();
        reply.body.resize(length, 0);
        stream.read_exact(&mut reply.body[read..]).unwrap();
        Err(Box::new(reply))
    }

    /// The subprotocol the server chose; empty when it chose none.
    pub(crate) fn protocol(&self) -> &str {
        let chosen = self.headers.get("sec-websocket-protocol");
        chosen.map_or("", |chosen| chosen.to_str().unwrap())
    }

    /// Sends a text frame. One that no longer arrives is lost.
    pub(crate) fn say(&self, frame: &str) {
        match &self.end {
            End::InProcess(world, line) => world.say(line, frame),
            End::Workerd(wire) => wire.borrow_mut().send(Message::text(frame)),
        }
    }

    /// Sends a binary frame.
    pub(crate) fn say_bytes(&self, bytes: &[u8]) {
        match &self.end {
            End::InProcess(world, line) => world.say_bytes(line),
            End::Workerd(wire) => {
                let bytes = Bytes::copy_from_slice(bytes);
                wire.borrow_mut().send(Message::Binary(bytes));
            }
        }
    }

    /// The next frame; `None` once the socket is closed. In-process nothing
    /// comes later than at once.
    pub(crate) fn next(&self) -> Option<String> {
        match &self.end {
            End::InProcess(_, line) => self.come.borrow_mut().extend(line.frames()),
            End::Workerd(wire) if self.come.borrow().is_empty() => return wire.borrow_mut().next(),
            End::Workerd(_) => {}
        }
        self.come.borrow_mut().pop_front()
    }

    /// The frames up to the first of which `is_it` is true, and that one.
    pub(crate) fn frames_until(&self, is_it: impl Fn(&str) -> bool) -> Vec<String> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next() {
            frames.push(frame);
            if frames.last().is_some_and(|frame| is_it(frame)) {
                return frames;
            }
        }
        panic!("the frame never came; before {}: {frames:?}", self.state())
    }

    /// The next frame, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        let frame = self
            .next()
            .unwrap_or_else(|| panic!("no frame but {}", self.state()));
        serde_json::from_str(&frame).unwrap_or_else(|why| panic!("{why}: {frame}"))
    }

    /// The frames up to the first whose `type` is this, and that one.
    pub(crate) fn until(&self, kind: &str) -> Vec<serde_json::Value> {
        let parsed = |frame: &str| serde_json::from_str::<serde_json::Value>(frame).unwrap();
        let frames = self.frames_until(|frame| parsed(frame)["type"] == kind);
        frames.iter().map(|frame| parsed(frame)).collect()
    }

    /// Waits until the server has closed it; answers the code. Frames that come
    /// before can still be read.
    pub(crate) fn closed(&self) -> u16 {
        match &self.end {
            End::InProcess(_, line) => {
                self.come.borrow_mut().extend(line.frames());
                line.closed().expect("it is open")
            }
            End::Workerd(wire) => {
                let mut wire = wire.borrow_mut();
                while let Some(frame) = wire.next() {
                    self.come.borrow_mut().push_back(frame);
                }
                wire.closed.unwrap_or(BROKEN)
            }
        }
    }

    /// Closes it as a client does, and waits for the server to agree.
    pub(crate) fn leave(&self) {
        match &self.end {
            End::InProcess(world, line) => world.hang_up(line),
            End::Workerd(wire) => {
                let mut wire = wire.borrow_mut();
                wire.socket.close(None).unwrap();
                while wire.next().is_some() {}
            }
        }
    }

    /// Breaks the connection without a word.
    pub(crate) fn hang_up(self) {
        match self.end {
            End::InProcess(world, line) => world.hang_up(&line),
            End::Workerd(_) => {}
        }
    }

    fn state(&self) -> String {
        match &self.end {
            End::InProcess(_, line) => format!("{:?}", line.closed()),
            End::Workerd(wire) => format!("{:?}", wire.borrow().closed),
        }
    }
}

impl Wire {
    fn send(&mut self, message: Message) {
        match self.socket.send(message) {
            Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_)) => {}
            Err(Error::Protocol(why)) => eprintln!("not sent: {why}"),
            Err(why) => panic!("{why}"),
        }
    }

    /// The next text frame; `None` when the connection has ended.
    fn next(&mut self) -> Option<String> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(frame)) => self.note(frame),
                Ok(_) => {}
                Err(Error::Io(why)) if is_timeout(&why) => panic!("nothing came for {TIMEOUT:?}"),
                Err(_) => {
                    self.closed = self.closed.or(Some(BROKEN));
                    return None;
                }
            }
        }
    }

    fn note(&mut self, frame: Option<CloseFrame>) {
        // 1005: a close frame without a code.
        let code = frame.map_or(1005, |frame| frame.code.into());
        self.closed = self.closed.or(Some(code));
    }
}

fn is_timeout(why: &std::io::Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(why.kind(), TimedOut | WouldBlock)
}

fn head_of(call: &Call) -> String {
    let (path, query) = call.target();
    let mark = if query.is_empty() { "" } else { "?" };
    let is_host = |(name, _): &&(String, String)| name != "host";
    let headers = call.headers.iter().filter(is_host);
    let headers: String = headers
        .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
        .collect();
    let (method, host) = (call.method, call.host());
    format!("{method} {path}{mark}{query} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n")
}

/// Reads an answer's head; what was read beyond it comes along.
fn read_head(stream: &mut TcpStream) -> (Reply, Vec<u8>) {
    let mut bytes = Vec::new();
    let end = loop {
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "the connection broke before an answer");
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
    };
    let head = core::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    let reply = Reply {
        status: status.unwrap().parse().unwrap(),
        headers,
        body: Vec::new(),
    };
    (reply, bytes[end + 4..].to_vec())
}
