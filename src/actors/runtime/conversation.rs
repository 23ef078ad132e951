//! How does an actor list its questions and answers?

/// Declares an actor's `Message` and `Reply` from its questions and answers.
///
/// ```ignore
/// conversation! {
///     Counter {
///         Add => Added,
///         Total => Counted,
///     }
/// }
/// ```
///
/// makes `enum Message { Add(Add), … }`, `enum Reply { Add(Added), … }`, and
/// lets `actors.ask(&address, Add { .. })` answer `Added`.
macro_rules! conversation {
    ($actor:ty { $($question:ident => $answer:ty),+ $(,)? }) => {
        /// Everything this actor can be asked.
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum Message {
            $(#[doc = concat!("See [`", stringify!($question), "`].")] $question($question),)+
        }

        /// Everything this actor answers, by question.
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum Reply {
            $(#[doc = concat!("Answers [`", stringify!($question), "`].")] $question($answer),)+
        }

        impl Message {
            /// The question's name, for inspection.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$question(_) => stringify!($question),)+ }
            }
        }

        $(
            impl From<$question> for Message {
                fn from(question: $question) -> Self {
                    Self::$question(question)
                }
            }

            impl $crate::actors::runtime::Ask for $question {
                type Actor = $actor;
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
