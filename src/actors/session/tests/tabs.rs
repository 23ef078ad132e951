//! What does a session say to its tabs?

use super::{IDLE_MS, Issue, Stage, client};
use crate::{
    actors::{
        runtime::{
            Connection, Fault, Mail,
            world::{Doom, Line},
        },
        session::{
            AttachTab, Attached, End, MakeTicket, RevokeToken, TAB_PACE, TABS_MAX, TICKET_LIFE_MS,
            TICKETS_MAX, TabProof, TicketMade, TokenRef,
        },
    },
    domain::{
        ids::ActId,
        revocation::listener::START_MS_MAX,
        secret::TokenDigest,
        session::{EndReason, SignedOut, TenantNews},
        time::MINUTE_MS,
    },
};
use serde_json::{Value, json};

const ORIGIN: &str = "https://app.example";
const CURSOR: &str = "aibaeaqc.0";
const START: &str = r#"{"type":"start"}"#;
const SYNC: &str = r#"{"type":"sync","nonce":"n"}"#;

impl Stage {
    fn try_attach(&self, by: TabProof) -> Result<Connection<Line, Attached>, Fault> {
        let ask = AttachTab {
            by,
            news: TenantNews::default(),
        };
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.connect(&Self::at(), ask))
    }

    fn attach_by(&self, by: TabProof) -> Result<Line, Attached> {
        match self.try_attach(by).unwrap() {
            Connection::Open(line) => Ok(line),
            Connection::Answered(answer) => Err(answer),
        }
    }

    fn by_cookie(&self) -> TabProof {
        TabProof::Cookie(self.cookie.digest())
    }

    /// A tab that has said hello.
    fn tab(&self) -> Line {
        let line = self.attach_by(self.by_cookie()).unwrap();
        self.world.say(&line, START);
        assert_eq!(types(&line), ["hello", "reset", "caught_up"]);
        line
    }

    fn ticket(&self, n: u8, issue: &Issue) -> (TokenDigest, TicketMade) {
        let ticket = TokenDigest::of(&[n]);
        let made = self.ask(MakeTicket {
            ticket,
            origin: ORIGIN.to_owned(),
            token: access(self, issue),
            news: TenantNews::default(),
        });
        (ticket, made)
    }

    fn end_it(&self) {
        self.ask(End {
            why: EndReason::Administrator,
            cookie: None,
            announced: Some(ActId::from_bytes([9; 16])),
        });
    }
}

fn access(stage: &Stage, issue: &Issue) -> TokenRef {
    TokenRef::Access {
        grant: issue.grant,
        jti: "j".to_owned(),
        expires_at: stage.now().plus(MINUTE_MS),
    }
}

fn by_ticket(ticket: TokenDigest, origin: &str) -> TabProof {
    let origin = origin.to_owned();
    TabProof::Ticket { ticket, origin }
}

fn frames(line: &Line) -> Vec<Value> {
    let read = |frame: String| serde_json::from_str(&frame).unwrap();
    line.frames().into_iter().map(read).collect()
}

fn types(line: &Line) -> Vec<String> {
    let name = |frame: Value| frame["type"].as_str().unwrap().to_owned();
    frames(line).into_iter().map(name).collect()
}

#[test]
fn a_tab_is_told_of_the_end_in_the_turn_that_ends_it() {
    let stage = Stage::begun();
    let tabs = [stage.tab(), stage.tab()];
    stage.world.hold_mail(true);
    stage.end_it();
    for tab in tabs {
        let event = json!({
            "kind": "session_ended",
            "reason": "administrator",
            "at": stage.now(),
            "txn": ActId::from_bytes([9; 16]),
        });
        let told = json!({"type": "event", "cursor": "aibaeaqc.1", "event": event});
        assert_eq!(frames(&tab), [told]);
        assert_eq!(tab.closed(), Some(4401));
    }
}

#[test]
fn the_first_frames_are_those_of_the_contract() {
    let stage = Stage::begun();
    let line = stage.attach_by(stage.by_cookie()).unwrap();
    let hello = json!({
        "type": "hello", "cursor": CURSOR, "oldest": CURSOR, "heartbeat": 25, "max_staleness": 60,
    });
    assert_eq!(frames(&line), [hello]);
    let caught_up = json!({"type": "caught_up", "cursor": CURSOR});
    let reset = json!({"type": "reset", "cursor": CURSOR, "part": 1, "parts": 1, "revoked": []});
    let begin = |frame: &str| {
        let line = stage.attach_by(stage.by_cookie()).unwrap();
        assert_eq!(types(&line), ["hello"]);
        stage.world.say(&line, frame);
        (frames(&line), line)
    };
    assert_eq!(begin(START).0, [reset.clone(), caught_up.clone()]);
    let known = format!(r#"{{"type":"resume","cursor":"{CURSOR}","snapshot":false}}"#);
    assert_eq!(begin(&known).0, std::slice::from_ref(&caught_up));
    // Another session's, and one that was never given out.
    for cursor in ["aaaaaaaa.0", "aibaeaqc.1", "", "x"] {
        let resume = json!({"type": "resume", "cursor": cursor}).to_string();
        assert_eq!(begin(&resume).0, [reset.clone(), caught_up.clone()]);
    }
    let (told, line) = begin(r#"{"type":"resume","cursor":"x","snapshot":false}"#);
    assert_eq!((told.len(), line.closed()), (0, Some(4410)));

    let tab = stage.tab();
    let say = |frame: &str| {
        stage.world.say(&tab, frame);
        frames(&tab)
    };
    assert!(say(r#"{"type":"ack","cursor":"aibaeaqc.0"}"#).is_empty());
    let synced = json!({"type": "synced", "nonce": "n", "cursor": CURSOR});
    assert_eq!(say(r#"{"type":"sync","nonce":"n"}"#), [synced]);
    assert_eq!(tab.closed(), None);
}

#[test]
fn what_is_no_frame_closes_the_socket() {
    let stage = Stage::begun();
    let forged = r#"{"type":"ack","cursor":"aibaeaqc.1"}"#;
    for frame in [
        "",
        "hello",
        r#"{"type":"stop"}"#,
        START,
        forged,
        &"x".repeat(5_000),
    ] {
        let tab = stage.tab();
        stage.world.say(&tab, frame);
        assert_eq!(tab.closed(), Some(4400), "{frame:.20}");
    }
    let tab = stage.tab();
    stage.world.say_bytes(&tab);
    assert_eq!(tab.closed(), Some(4400));
}

#[test]
fn a_tab_costs_no_row_but_the_one_that_watches_whether_it_starts() {
    let stage = Stage::begun();
    let (rows, silent) = stage.written(|stage| stage.attach_by(stage.by_cookie()).unwrap());
    assert_eq!(rows, 1);
    let (rows, tab) = stage.written(Stage::tab);
    assert_eq!(rows, 0);
    stage.world.advance(START_MS_MAX);
    assert_eq!(silent.closed(), Some(4408));
    assert_eq!(tab.closed(), None);
    assert!(
        stage
            .inspect()
            .jobs
            .iter()
            .all(|job| job.name == "deadline")
    );
}

#[test]
fn a_tab_that_came_later_has_as_long_as_the_first() {
    let stage = Stage::begun();
    let first = stage.attach_by(stage.by_cookie()).unwrap();
    stage.world.advance(START_MS_MAX / 2);
    let second = stage.attach_by(stage.by_cookie()).unwrap();
    stage.world.advance(START_MS_MAX / 2);
    assert_eq!((first.closed(), second.closed()), (Some(4408), None));
    stage.world.advance(START_MS_MAX / 2);
    assert_eq!(second.closed(), Some(4408));
}

#[test]
fn frames_too_often_and_tabs_too_many_are_stopped() {
    let stage = Stage::begun();
    let tab = stage.tab();
    for _ in 1..TAB_PACE.at_once {
        stage.world.say(&tab, SYNC);
    }
    assert_eq!(tab.closed(), None);
    stage.world.advance(TAB_PACE.frame_ms);
    stage.world.say(&tab, SYNC);
    assert_eq!(tab.closed(), None);
    stage.world.say(&tab, SYNC);
    assert_eq!(tab.closed(), Some(4429));
    let tabs: Vec<Line> = (0..TABS_MAX).map(|_| stage.tab()).collect();
    let refused = stage.attach_by(stage.by_cookie()).unwrap_err();
    assert_eq!(refused, Attached::TooMany);
    stage.world.hang_up(&tabs[0]);
    stage.tab();
}

#[test]
fn a_tab_outlives_the_memory_of_its_session() {
    let stage = Stage::begun();
    let tab = stage.tab();
    stage.evict();
    stage.world.say(&tab, r#"{"type":"sync","nonce":"n"}"#);
    assert_eq!(types(&tab), ["synced"]);
    stage.evict();
    stage.world.advance(IDLE_MS);
    assert_eq!(frames(&tab)[0]["event"]["reason"], "idle");
    assert_eq!(tab.closed(), Some(4401));
}

#[test]
fn a_tab_that_a_crash_cut_off_finds_out_when_it_comes_back() {
    let stage = Stage::begun();
    let tab = stage.tab();
    stage.world.doom(&Stage::who(), Doom::AfterCommit);
    let ended = stage.try_ask(End {
        why: EndReason::SignedOut,
        cookie: None,
        announced: None,
    });
    assert!(ended.is_err());
    assert_eq!((tab.closed(), tab.frames().len()), (Some(1006), 0));
    let Err(Attached::Ended(Some(end))) = stage.attach_by(stage.by_cookie()) else {
        panic!("no end");
    };
    assert_eq!(end.reason, EndReason::SignedOut);

    let stage = Stage::begun();
    let tab = stage.tab();
    stage.world.doom(&Stage::who(), Doom::BeforeCommit);
    stage.world.advance(1);
    let ended = stage.try_ask(End {
        why: EndReason::SignedOut,
        cookie: None,
        announced: None,
    });
    assert!(ended.is_err());
    assert_eq!((tab.closed(), tab.frames().len()), (Some(1006), 0));
    stage.tab();
}

#[test]
fn whoever_comes_too_late_is_told_how_it_ended() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let (ticket, _) = stage.ticket(1, &issue);
    let cookie = stage.new_cookie();
    let stranger = stage.attach_by(TabProof::Cookie(cookie)).unwrap_err();
    assert_eq!(stranger, Attached::Ended(None));
    stage.world.cut_off(&Stage::tenant(), true);
    stage.end_it();
    for by in [stage.by_cookie(), by_ticket(ticket, ORIGIN)] {
        let Err(Attached::Ended(Some(end))) = stage.attach_by(by) else {
            panic!("no end");
        };
        assert_eq!(end.reason, EndReason::Administrator);
        assert_eq!(end.txn, Some(ActId::from_bytes([9; 16])));
    }
    assert_eq!(
        stage.attach_by(by_ticket(ticket, ORIGIN)).unwrap_err(),
        Attached::Refused
    );
    stage.world.cut_off(&Stage::tenant(), false);
    stage.world.advance(MINUTE_MS);
    assert!(matches!(
        stage.try_attach(stage.by_cookie()),
        Err(Fault::Absent)
    ));
}

#[test]
fn a_tab_that_attaches_with_news_of_the_end_ends_the_session() {
    let stage = Stage::begun();
    let tab = stage.tab();
    let mail = Mail::new(stage.world.clone(), None);
    let ask = AttachTab {
        by: stage.by_cookie(),
        news: TenantNews {
            signed_out: Some(SignedOut {
                act: ActId::from_bytes([9; 16]),
                until: stage.now(),
                why: EndReason::TenantEnded,
            }),
            policy: None,
        },
    };
    let attached = stage.world.run(mail.connect(&Stage::at(), ask)).unwrap();
    assert!(matches!(
        attached,
        Connection::Answered(Attached::Ended(Some(_)))
    ));
    assert_eq!(tab.closed(), Some(4401));
}

#[test]
fn a_ticket_is_good_once_from_its_origin_and_in_time() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let attach = |ticket, origin| stage.attach_by(by_ticket(ticket, origin)).map(drop);
    let (ticket, made) = stage.ticket(1, &issue);
    assert_eq!(made, TicketMade::Until(stage.now().plus(TICKET_LIFE_MS)));
    assert_eq!(attach(ticket, ORIGIN), Ok(()));
    assert_eq!(attach(ticket, ORIGIN), Err(Attached::Refused));

    // Shown by a page of another origin, it is used up.
    let (ticket, _) = stage.ticket(2, &issue);
    for origin in ["https://evil.example", ORIGIN] {
        assert_eq!(attach(ticket, origin), Err(Attached::Refused));
    }
    let (ticket, _) = stage.ticket(3, &issue);
    stage.world.advance(TICKET_LIFE_MS);
    assert_eq!(attach(ticket, ORIGIN), Err(Attached::Refused));
    assert_eq!(
        attach(TokenDigest::of(b"invented"), ORIGIN),
        Err(Attached::Refused)
    );
    stage.world.advance(MINUTE_MS);
    assert_eq!(stage.rows("ticket"), 0);
}

#[test]
fn a_revoked_token_gets_no_ticket_and_tickets_are_bounded() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    for n in 0..TICKETS_MAX {
        let (_, made) = stage.ticket(u8::try_from(n).unwrap(), &issue);
        assert!(matches!(made, TicketMade::Until(_)));
    }
    assert_eq!(stage.ticket(200, &issue).1, TicketMade::TooMany);
    stage.world.advance(MINUTE_MS);
    let token = access(&stage, &issue);
    let client_id = client("app");
    stage.ask(RevokeToken { token, client_id });
    assert_eq!(stage.ticket(201, &issue).1, TicketMade::Gone);
}
