//! What does a browser find at an application?

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

/// An application that is no more than an address, until it is served.
pub(super) struct Application {
    listener: TcpListener,
    pub(super) origin: String,
}

/// What stands at a path: its type, and the document.
pub(super) type Page = (&'static str, &'static str, String);

impl Application {
    pub(super) fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, origin }
    }

    /// Answers with these pages for as long as the program runs; the first is
    /// also what stands everywhere else.
    pub(super) fn serve(self, pages: Vec<Page>) {
        std::thread::spawn(move || {
            for stream in self.listener.incoming() {
                answer(stream.unwrap(), &pages);
            }
        });
    }
}

fn answer(mut stream: TcpStream, pages: &[Page]) {
    let mut request = [0; 8_192];
    let length = stream.read(&mut request).unwrap_or_default();
    let request = String::from_utf8_lossy(&request[..length]);
    let target = request.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let named = pages.iter().find(|(name, ..)| *name == path);
    let (_, kind, page) = named.unwrap_or(&pages[0]);
    let length = page.len();
    let head = format!("Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close");
    // A browser that has gone needs no answer.
    drop(write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{page}"));
}
