//! Do all pages keep the rules that every page has?
//!
//! With `PAGES_DIR` set, the pages are written there with the style sheet, to be
//! looked at in the colour `PAGES_COLOR`.

use super::super::{
    assets, theme,
    view::{
        Application, ApplicationRow, Applications, Consent, Errors, FormPost, Grant, Link, Login,
        Message, Overview, PasswordChange, Person, Profile, ProfileForm, Proof, SelectAccount,
        SessionRow, Sessions, SetUp, Shell, SignOut, SignUp,
    },
};
use crate::domain::tenant::BrandColor;
use askama::Template;
use scraper::{Html, Selector};

const HOSTILE: &str = "<script>\"'&";

fn shell() -> Shell {
    Shell {
        name: "Acme".to_owned(),
        monogram: "A".to_owned(),
        logo: None,
        style: "pages.css".to_owned(),
        theme: Some("theme.css".to_owned()),
        is_refused: false,
    }
}

fn proof() -> Proof {
    Proof {
        csrf: "proof".to_owned(),
        interaction: Some("sealed".to_owned()),
    }
}

fn person() -> Person {
    let text = |text: &str| text.to_owned();
    Person {
        name: text("Ada Lovelace"),
        email: text("ada@example.com"),
        monogram: text("A"),
    }
}

fn application() -> Application {
    let link = |label: &str| Link {
        href: "https://notes.example".to_owned(),
        label: label.to_owned(),
    };
    Application {
        name: "Field Notes".to_owned(),
        monogram: "F".to_owned(),
        logo: None,
        links: vec![link("website"), link("privacy policy")],
    }
}

fn rule() -> String {
    "At least 8 characters. A few unrelated words work well.".to_owned()
}

fn login(username: &str, errors: Errors) -> Login {
    Login {
        shell: shell().with(&errors),
        proof: proof(),
        errors,
        application: Some("Field Notes".to_owned()),
        username: username.to_owned(),
        has_sign_up: true,
    }
}

fn sign_up() -> SignUp {
    let errors = Errors::default().with("password", "Use at least 8 characters.");
    SignUp {
        shell: shell().with(&errors),
        proof: proof(),
        errors,
        application: None,
        username: "ada@example.com".to_owned(),
        full_name: HOSTILE.to_owned(),
        password_rule: rule(),
    }
}

fn message() -> Message {
    Message {
        shell: Shell {
            style: "pages.css".to_owned(),
            ..Shell::default()
        },
        title: "Nobody lives here".to_owned(),
        detail: "There is no such tenant here.".to_owned(),
        next: None,
        reference: Some("req_1".to_owned()),
    }
}

fn consent() -> Consent {
    let grant = |icon, sentence: &str| Grant {
        icon,
        sentence: sentence.to_owned(),
    };
    Consent {
        shell: shell(),
        proof: proof(),
        client: application(),
        person: person(),
        grants: vec![
            grant("identity", "Know who you are when you sign in"),
            grant("mail", "See your e-mail address"),
            grant("clock", "Keep this access while you are away"),
        ],
        destination: "notes.example".to_owned(),
    }
}

fn sessions() -> Sessions {
    let row = |device: &str, icon, is_current| SessionRow {
        id: "ses_1".to_owned(),
        icon,
        device: device.to_owned(),
        place: "Kraków, PL · 203.0.113.7".to_owned(),
        began: "21 November 2026, 10:37 UTC".to_owned(),
        began_iso: "2026-11-21T10:37:00Z".to_owned(),
        began_ago: "2 hours ago".to_owned(),
        used: None,
        is_current,
    };
    Sessions {
        shell: shell(),
        section: "sessions",
        proof: proof(),
        notice: None,
        entries: vec![
            row("Firefox on Linux", "laptop", true),
            row("Safari on iPhone", "phone", false),
        ],
        has_others: true,
    }
}

fn applications() -> Applications {
    Applications {
        shell: shell(),
        section: "applications",
        proof: proof(),
        notice: None,
        entries: vec![ApplicationRow {
            id: "notes".to_owned(),
            client: application(),
            allowed: "Profile, e-mail address".to_owned(),
            since: "21 November 2026".to_owned(),
            since_iso: "2026-11-21T10:37:00Z".to_owned(),
        }],
    }
}

fn profile() -> Profile {
    Profile {
        shell: shell(),
        section: "profile",
        proof: proof(),
        notice: Some("Your profile has been saved."),
        errors: Errors::default(),
        said: ProfileForm {
            name: "Ada Lovelace".to_owned(),
            ..ProfileForm::default()
        },
        email: "ada@example.com".to_owned(),
    }
}

fn password_change() -> PasswordChange {
    let errors = Errors::default().with("current_password", "That is not your current password.");
    PasswordChange {
        shell: shell().with(&errors),
        section: "password",
        proof: proof(),
        notice: None,
        errors,
        email: "ada@example.com".to_owned(),
        password_rule: rule(),
    }
}

fn overview() -> Overview {
    Overview {
        shell: shell(),
        section: "overview",
        proof: proof(),
        notice: None,
        person: person(),
        since: "21 November 2026".to_owned(),
    }
}

fn carried() -> Vec<(String, String)> {
    vec![("state".to_owned(), HOSTILE.to_owned())]
}

fn pages() -> Vec<(&'static str, String)> {
    let html = |page: &dyn askama::DynTemplate| page.dyn_render().unwrap();
    let wrong = Errors::default().with("", "The e-mail address or the password is not right.");
    let set_up = SetUp {
        shell: shell(),
        proof: proof(),
        errors: Errors::default(),
        token: "a2u_".to_owned(),
        email: "root@example.com".to_owned(),
        password_rule: rule(),
    };
    let select_account = SelectAccount {
        shell: shell(),
        proof: proof(),
        person: person(),
        application: None,
    };
    let sign_out = SignOut {
        shell: shell(),
        proof: proof(),
        application: Some("Field Notes".to_owned()),
        carried: carried(),
    };
    let form_post = FormPost {
        shell: shell(),
        action: "https://notes.example/cb".to_owned(),
        destination: "notes.example".to_owned(),
        carried: carried(),
        script: assets::script(),
    };
    vec![
        ("login", html(&login("", Errors::default()))),
        ("login-wrong", html(&login("ada@example.com", wrong))),
        ("sign-up", html(&sign_up())),
        ("set-up", html(&set_up)),
        ("consent", html(&consent())),
        ("select-account", html(&select_account)),
        ("sign-out", html(&sign_out)),
        ("form-post", html(&form_post)),
        ("message", html(&message())),
        ("overview", html(&overview())),
        ("profile", html(&profile())),
        ("password", html(&password_change())),
        ("sessions", html(&sessions())),
        ("applications", html(&applications())),
    ]
}

fn count(document: &Html, selector: &str) -> usize {
    document.select(&Selector::parse(selector).unwrap()).count()
}

#[test]
fn every_page_has_a_language_a_title_one_heading_and_nothing_inline() {
    for (name, html) in pages() {
        let document = Html::parse_document(&html);
        assert!(html.contains("<html lang=\"en\">"), "{name}");
        assert_eq!(count(&document, "title"), 1, "{name}");
        assert_eq!(count(&document, "main"), 1, "{name}");
        assert_eq!(count(&document, "h1"), 1, "{name}");
        assert_eq!(
            count(&document, "[style], style, [onclick], script:not([src])"),
            0,
            "{name}"
        );
        let has_script = count(&document, "script") > 0;
        assert_eq!(has_script, name == "form-post", "{name}");
        assert!(!html.contains(HOSTILE), "{name} escapes");
    }
}

#[test]
fn every_field_has_a_label_and_what_describes_it_exists() {
    for (name, html) in pages() {
        let document = Html::parse_document(&html);
        for input in document.select(&Selector::parse("input:not([type=hidden])").unwrap()) {
            let id = input.attr("id").unwrap();
            assert_eq!(
                count(&document, &format!("label[for={id}]")),
                1,
                "{name} {id}"
            );
            assert!(input.attr("autocomplete").is_some(), "{name} {id}");
            for described in input
                .attr("aria-describedby")
                .unwrap_or_default()
                .split_whitespace()
            {
                assert_eq!(
                    count(&document, &format!("#{described}")),
                    1,
                    "{name} {described}"
                );
            }
        }
        for link in document.select(&Selector::parse(".alert a").unwrap()) {
            assert_eq!(count(&document, link.attr("href").unwrap()), 1, "{name}");
        }
        assert!(count(&document, "[autofocus]") <= 1, "{name}");
    }
}

#[test]
fn every_form_posts_with_proof_and_no_password_comes_back() {
    for (name, html) in pages() {
        let document = Html::parse_document(&html);
        for form in document.select(&Selector::parse("form").unwrap()) {
            assert_eq!(form.attr("method"), Some("post"), "{name}");
            let fields = Selector::parse("input[name=csrf]").unwrap();
            let is_ours = form
                .attr("action")
                .is_some_and(|action| action.starts_with('/'));
            assert_eq!(form.select(&fields).count(), usize::from(is_ours), "{name}");
        }
        assert_eq!(count(&document, "input[type=password][value]"), 0, "{name}");
    }
}

#[test]
fn a_form_that_comes_back_says_so_first() {
    let html = sign_up().render().unwrap();
    assert!(
        html.contains("<title>Error: Create an account · Acme</title>"),
        "{html}"
    );
    assert!(html.contains("role=\"alert\"") && html.contains("aria-invalid=\"true\""));
    assert!(html.contains("value=\"ada@example.com\""));
}

#[test]
fn pages_can_be_looked_at() {
    let Ok(folder) = std::env::var("PAGES_DIR") else {
        return;
    };
    let write = |name: &str, text: &str| {
        std::fs::write(std::path::Path::new(&folder).join(name), text).unwrap();
    };
    write("pages.css", include_str!("../../../../assets/pages.css"));
    let color = std::env::var("PAGES_COLOR").unwrap_or_else(|_| "#d6336c".to_owned());
    let color = BrandColor::parse(&color).unwrap();
    write("theme.css", &theme::sheet(color));
    for (name, html) in pages() {
        write(&format!("{name}.html"), &html);
    }
}
