//! What sockets are open to an object?
//!
//! The platform holds them while the object sleeps, with an attachment each:
//! the socket's id, since when it is open and what the actor keeps with it. A
//! socket without an attachment is one we have done with; nothing more is
//! heard from it or sent to it.

use crate::{
    actors::runtime::{
        inspect::Line,
        socket::{Accept, FRAME_BYTES_MAX, Heard, PING, PONG, Socket, SocketChange, Sockets},
    },
    domain::{ids::SocketId, time::Timestamp},
};
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use worker::{
    web_sys::WebSocket,
    worker_sys::{
        DurableObjectState, WebSocketPair, WebSocketRequestResponsePair, ext::WebSocketExt,
    },
};

#[wasm_bindgen(module = "/src/workerd/object/sockets.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn broadcast(state: &DurableObjectState, tag: &str, frame: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = countOpen)]
    fn count_open(state: &DurableObjectState, tag: Option<&str>) -> Result<u32, JsValue>;
}

/// The code of a normal end ([RFC 6455 §7.4.1]).
///
/// [RFC 6455 §7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const NORMAL: u16 = 1000;

/// The sockets, as a turn sees them.
pub(super) struct Open<'a>(pub(super) &'a DurableObjectState);

impl Sockets for Open<'_> {
    fn count(&self, tag: Option<&str>) -> usize {
        count_open(self.0, tag).unwrap_or_default() as usize
    }

    fn tagged(&self, tag: &str) -> Vec<Socket> {
        let tagged = self.0.get_websockets_with_tag(tag).unwrap_or_default();
        let open = tagged
            .iter()
            .filter(|socket| socket.ready_state() == WebSocket::OPEN);
        open.filter_map(socket_of).collect()
    }

    fn shown(&self, limit: usize) -> Vec<Line> {
        let all = self.0.get_websockets().unwrap_or_default().into_iter();
        let line = |socket: WebSocket| {
            let since = socket_of(&socket)?.since;
            // The first is its id.
            let tags = self.0.get_tags(&socket).unwrap_or_default();
            let tags = tags.into_iter().skip(1).collect();
            Some(Line { tags, since })
        };
        all.filter_map(line).take(limit).collect()
    }
}

/// Accepts a new socket; answers the client's end.
pub(super) fn accept(
    state: &DurableObjectState,
    accept: &Accept,
    now: Timestamp,
) -> Result<WebSocket, JsValue> {
    if state.get_websocket_auto_response()?.is_none() {
        let pair = WebSocketRequestResponsePair::new(PING, PONG)?;
        state.set_websocket_auto_response(&pair)?;
    }
    let mut pair = WebSocketPair::new()?;
    let ours = pair.server()?;
    let own = JsValue::from(accept.id.to_string());
    let tags = accept.tags.iter().map(|tag| JsValue::from_str(tag));
    state.accept_websocket_with_tags(&ours, core::iter::once(own).chain(tags).collect())?;
    attach(&ours, accept.id, now, &accept.kept)?;
    pair.client()
}

/// Does with the sockets what a turn wanted. One that is broken stops nobody.
pub(super) fn apply(state: &DurableObjectState, changes: Vec<SocketChange>) {
    let each = |tag: &str, act: &dyn Fn(&WebSocket)| {
        let found = state.get_websockets_with_tag(tag).unwrap_or_default();
        found.iter().for_each(act);
    };
    for change in changes {
        match change {
            SocketChange::Send(id, frame) => each(&id.to_string(), &|socket| {
                drop(socket.send_with_str(&frame));
            }),
            SocketChange::Broadcast(tag, frame) => drop(broadcast(state, &tag, &frame)),
            SocketChange::Keep(id, kept) => each(&id.to_string(), &|socket| {
                if let Some(Socket { since, .. }) = socket_of(socket) {
                    drop(attach(socket, id, since, &kept));
                }
            }),
            SocketChange::Close(id, code, reason) => {
                each(&id.to_string(), &|socket| close(socket, code, reason));
            }
            SocketChange::CloseAll(tag, code, reason) => {
                each(&tag, &|socket| close(socket, code, reason));
            }
        }
    }
}

/// Closes every socket there is.
pub(super) fn close_all(state: &DurableObjectState, code: u16, reason: &str) {
    for socket in state.get_websockets().unwrap_or_default() {
        close(&socket, code, reason);
    }
}

/// Closes a socket: from now on it is nobody's.
pub(super) fn close(socket: &WebSocket, code: u16, reason: &str) {
    drop(socket.serialize_attachment(JsValue::NULL));
    drop(socket.close_with_code_and_reason(code, reason));
}

/// Answers a client that has closed, which completes the handshake
/// ([RFC 6455 §5.5.1]).
///
/// [RFC 6455 §5.5.1]: https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1
pub(super) fn part(socket: &WebSocket) {
    close(socket, NORMAL, "");
}

/// What a message is to an actor. What it cannot read stays outside the Wasm.
pub(super) fn heard(message: &JsValue) -> Heard {
    let text = message.dyn_ref::<JsString>();
    // No character has less than a byte.
    let text = text.filter(|text| text.length() as usize <= FRAME_BYTES_MAX);
    let text = text.map(String::from);
    text.filter(|text| text.len() <= FRAME_BYTES_MAX)
        .map_or(Heard::Unreadable, Heard::Text)
}

/// The attachment: id, instant and what is kept, one after the other.
fn attach(socket: &WebSocket, id: SocketId, since: Timestamp, kept: &[u8]) -> Result<(), JsValue> {
    let since = since.as_millis().to_be_bytes();
    let bytes = [id.as_bytes().as_slice(), &since, kept].concat();
    socket.serialize_attachment(Uint8Array::from(bytes.as_slice()).into())
}

/// The socket, unless we have done with it.
pub(super) fn socket_of(socket: &WebSocket) -> Option<Socket> {
    let bytes = socket.deserialize_attachment().ok()?;
    let bytes = bytes.dyn_into::<Uint8Array>().ok()?.to_vec();
    let (id, rest) = bytes.split_first_chunk()?;
    let (since, kept) = rest.split_first_chunk()?;
    Some(Socket {
        id: SocketId::from_bytes(*id),
        since: Timestamp::from_millis(i64::from_be_bytes(*since)),
        kept: kept.to_vec(),
    })
}
