//! How does a party list its questions and answers?

/// Declares a party's `Message` and `Reply` from its questions and answers.
///
/// ```ignore
/// conversation! {
///     Counter as "counter" {
///         Add => Added,
///         Total => Counted,
///     }
/// }
/// ```
///
/// makes `enum Message { Add(Add), … }`, `enum Reply { Add(Added), … }`,
/// implements [`super::Party`] for `Counter`, and lets `actors.ask(&address, Add { .. })` answer `Added`.
macro_rules! conversation {
    ($actor:ty as $kind:literal { $($question:ident => $answer:ty),+ $(,)? }) => {
        /// Everything this party can be asked.
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum Message {
            $(#[doc = concat!("See [`", stringify!($question), "`].")] $question($question),)+
        }

        /// Everything this party answers, by question.
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum Reply {
            $(#[doc = concat!("Answers [`", stringify!($question), "`].")] $question($answer),)+
        }

        impl $crate::actors::runtime::Party for $actor {
            const KIND: &'static str = $kind;
            type Message = Message;
            type Reply = Reply;

            fn name_of(message: &Message) -> &'static str {
                match message { $(Message::$question(_) => stringify!($question),)+ }
            }
        }

        $(
            impl From<$question> for Message {
                fn from(question: $question) -> Self {
                    Self::$question(question)
                }
            }

            impl $crate::actors::runtime::Ask for $question {
                type Party = $actor;
                type Answer = $answer;

                fn answer(reply: Reply) -> Option<$answer> {
                    #[allow(unreachable_patterns, clippy::allow_attributes, reason = "an actor may have one question")]
                    match reply {
                        Reply::$question(answer) => Some(answer),
                        _ => None,
                    }
                }
            }
        )+
    };
}

pub(crate) use conversation;
