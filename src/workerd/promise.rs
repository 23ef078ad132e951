//! How does Rust wait for the runtime, and the runtime for Rust?
//!
//! A wait is a number: the runtime's callback says it, and whoever waits is
//! polled there and then. No closure is made and no microtask queued for each,
//! which took longer than most of what is waited for.

use core::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use js_sys::Promise;
use std::{collections::VecDeque, panic::catch_unwind, sync::Arc, task::Wake};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    fn connect(ear: &JsValue);
    fn wait(promise: &Promise, ticket: u32);
    fn soon(ticket: u32);
    fn owe(ticket: u32) -> Promise;
    fn pay(ticket: u32, is_good: bool, value: &JsValue);
}

/// What a promise comes to, or a future for the runtime.
pub(super) type Outcome = Result<JsValue, JsValue>;

type Work = Pin<Box<dyn Future<Output = Outcome>>>;

/// What is waited for under one ticket.
enum Wanted {
    Nobody,
    By(Waker),
    Come(Outcome),
}

#[derive(Default)]
struct Desk {
    is_connected: Cell<bool>,
    is_running: Cell<bool>,
    next: Cell<u32>,
    /// Few at a time: as many as the isolate has requests in hand.
    waits: RefCell<Vec<(u32, Wanted)>>,
    /// Absent while it is polled.
    tasks: RefCell<Vec<(u32, Option<Work>)>>,
    ready: RefCell<VecDeque<u32>>,
}

thread_local! {
    static DESK: Desk = Desk::default();
}

impl Desk {
    fn ticket(&self) -> u32 {
        if !self.is_connected.replace(true) {
            let ear = Closure::<dyn Fn(u32, bool, JsValue)>::new(hear);
            connect(&ear.into_js_value());
        }
        let ticket = self.next.get().wrapping_add(1);
        self.next.set(ticket);
        ticket
    }

    /// Records what came, and wakes who waits for it.
    fn come(&self, ticket: u32, outcome: Outcome) {
        let mut waits = self.waits.borrow_mut();
        // Nobody waits any more for what was dropped.
        let Some((_, wanted)) = waits.iter_mut().find(|(known, _)| *known == ticket) else {
            return;
        };
        let before = core::mem::replace(wanted, Wanted::Come(outcome));
        drop(waits);
        if let Wanted::By(waker) = before {
            waker.wake();
        }
    }

    fn poll_wait(&self, ticket: u32, context: &Context<'_>) -> Poll<Outcome> {
        let mut waits = self.waits.borrow_mut();
        let place = waits.iter().position(|(known, _)| *known == ticket);
        let Some((_, wanted)) = place.and_then(|place| waits.get_mut(place)) else {
            return Poll::Pending;
        };
        match core::mem::replace(wanted, Wanted::By(context.waker().clone())) {
            Wanted::Come(outcome) => Poll::Ready(outcome),
            _ => Poll::Pending,
        }
    }

    fn forget(&self, ticket: u32) {
        let Ok(mut waits) = self.waits.try_borrow_mut() else {
            return;
        };
        if let Some(place) = waits.iter().position(|(known, _)| *known == ticket) {
            drop(waits.swap_remove(place));
        }
    }

    /// Polls every task that was woken.
    fn run(&self) {
        loop {
            let Some(ticket) = self.ready.borrow_mut().pop_front() else {
                return;
            };
            self.poll_task(ticket);
        }
    }

    fn poll_task(&self, ticket: u32) {
        let Some(mut work) = self.with_task(ticket, Option::take) else {
            return;
        };
        match polled(&mut work, ticket) {
            Poll::Pending => {
                self.with_task(ticket, |slot| slot.replace(work));
            }
            Poll::Ready(outcome) => {
                self.tasks
                    .borrow_mut()
                    .retain(|(known, _)| *known != ticket);
                let (is_good, value) = match &outcome {
                    Ok(value) => (true, value),
                    Err(error) => (false, error),
                };
                pay(ticket, is_good, value);
            }
        }
    }

    fn with_task<T>(
        &self,
        ticket: u32,
        with: impl FnOnce(&mut Option<Work>) -> Option<T>,
    ) -> Option<T> {
        let mut tasks = self.tasks.borrow_mut();
        let (_, slot) = tasks.iter_mut().find(|(known, _)| *known == ticket)?;
        with(slot)
    }
}

/// What the runtime calls: a promise has come to something, or a task was
/// woken by something else.
fn hear(ticket: u32, is_good: bool, value: JsValue) {
    DESK.with(|desk| {
        let outcome = if is_good { Ok(value) } else { Err(value) };
        desk.is_running.set(true);
        let _rest = Rest(&desk.is_running);
        desk.come(ticket, outcome);
        desk.run();
    });
}

/// Says that nobody runs any more, however the run ended.
struct Rest<'a>(&'a Cell<bool>);

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Wakes the task of this number.
struct Alarm(u32);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        DESK.with(|desk| {
            desk.ready.borrow_mut().push_back(self.0);
            if !desk.is_running.get() {
                soon(0);
            }
        });
    }
}

/// Polls once; a panic is a failure like any other.
fn polled(work: &mut Work, ticket: u32) -> Poll<Outcome> {
    let waker = Waker::from(Arc::new(Alarm(ticket)));
    let mut context = Context::from_waker(&waker);
    let poll = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
    poll.unwrap_or_else(|_| Poll::Ready(Err(JsError::new("it panicked").into())))
}

/// Waits for what a promise comes to.
pub(super) async fn settled(promise: &Promise) -> Outcome {
    /// Takes the ticket back, also from who stops waiting. A destructor must not
    /// panic (ADR 18); nothing else is at the desk while one runs.
    struct Ticket(u32);
    impl Drop for Ticket {
        fn drop(&mut self) {
            let _ = DESK.try_with(|desk| desk.forget(self.0));
        }
    }
    let ticket = DESK.with(|desk| {
        let ticket = desk.ticket();
        desk.waits.borrow_mut().push((ticket, Wanted::Nobody));
        wait(promise, ticket);
        Ticket(ticket)
    });
    poll_fn(|context| DESK.with(|desk| desk.poll_wait(ticket.0, context))).await
}

/// Runs a future for the runtime: its value when it has it at once, and else
/// the promise of it.
pub(super) fn answer(work: impl Future<Output = Outcome> + 'static) -> Outcome {
    let mut work: Work = Box::pin(work);
    let ticket = DESK.with(Desk::ticket);
    match polled(&mut work, ticket) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => {
            DESK.with(|desk| desk.tasks.borrow_mut().push((ticket, Some(work))));
            Ok(owe(ticket).into())
        }
    }
}
