//! An order of a text as a conversation, and what an answer comes to: what the formats of text models share.

use serde_json::{Map, Value};

use crate::order::{Delivery, Order, Parcel, Reference, Submitted, Usage, What};

/// The most tokens of what is no order of a text.
const USUAL: u32 = 4096;

/// A conversation.
#[derive(Debug)]
pub(crate) struct Chat<'a> {
    /// What the model is told before all; may be empty.
    pub(crate) system: &'a str,
    /// What was said in turns, beginning and ending with what is asked.
    pub(crate) messages: Vec<Message<'a>>,
    /// What the answer must be like.
    pub(crate) schema: Option<&'a Value>,
    /// The most tokens of the answer.
    pub(crate) most: u32,
}

/// Something that was said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    /// Whether the model said it.
    pub(crate) is_answer: bool,
    pub(crate) text: &'a str,
    /// The pictures that are shown with it.
    pub(crate) shown: &'a [Reference],
}

impl<'a> Chat<'a> {
    pub(crate) fn of(order: &'a Order) -> Self {
        let (system, said, schema, most) = match &order.what {
            What::Text {
                system,
                said,
                schema,
                most_tokens,
                ..
            } => (
                system.as_str(),
                said.as_slice(),
                schema.as_ref(),
                *most_tokens,
            ),
            _ => ("", &[][..], None, USUAL),
        };
        let asked = |text| Message {
            is_answer: false,
            text,
            shown: &[],
        };
        let answered = |text| Message {
            is_answer: true,
            ..asked(text)
        };
        let before = said
            .iter()
            .flat_map(|turn| [asked(&turn.asked), answered(&turn.answered)]);
        let mut messages: Vec<Message<'a>> = before.chain([asked(&order.prompt)]).collect();
        messages[0].shown = &order.references;
        Self {
            system,
            messages,
            schema,
            most,
        }
    }

    /// The role of a message, by the name that a vendor has for the model's own.
    pub(crate) fn role(message: &Message<'_>, own: &'static str) -> &'static str {
        if message.is_answer { own } else { "user" }
    }
}

/// A field of an object, both made where they are not there: what a server sends may be anything.
pub(crate) fn field<'a>(of: &'a mut Value, name: &str) -> &'a mut Value {
    if !of.is_object() {
        *of = Value::Object(Map::new());
    }
    &mut of[name]
}

/// The first of a list, both made where they are not there.
pub(crate) fn first(of: &mut Value) -> &mut Value {
    if of.get(0).is_none() {
        *of = Value::Array(vec![Value::Null]);
    }
    &mut of[0]
}

/// Puts a part of a text behind what came of it before.
pub(crate) fn append(text: &mut Value, part: &Value) {
    match (text, part.as_str()) {
        (Value::String(text), Some(part)) => text.push_str(part),
        (text, Some(part)) => *text = part.into(),
        (_, None) => {}
    }
}

/// The seed of an order, as servers take it: a whole number of 31 bits.
pub(crate) fn seed(order: &Order) -> u32 {
    order.seed & 0x7fff_ffff
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself.
    Whole,
    /// At the limit of tokens.
    CutOff,
    /// The model, or what watches over it, does not answer this: why.
    Refused(String),
}

/// What an answer comes to. One that is refused, cut off or empty is paid, and of no use. Whether it has the shape
/// that was asked for is looked at by who asked, who may have it mended ([`crate::analysis`]).
pub(crate) fn answered(order: &Order, text: &str, ended: Ended, usage: Usage) -> Submitted {
    let chat = Chat::of(order);
    let failed = |why: String, hint| Submitted::Failed { why, hint, usage };
    match ended {
        Ended::Refused(why) => {
            let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
            let told: String = why.chars().take(300).collect();
            return failed(
                format!("it refuses: {told}"),
                "ask for something else, or of another model",
            );
        }
        Ended::CutOff => {
            return failed(
                format!(
                    "its answer was cut off at the limit of {} tokens",
                    chat.most
                ),
                "ask for less, allow more by `quality = \"high\"`, or let the model think less by its `options`",
            );
        }
        Ended::Whole => {}
    }
    if text.trim().is_empty() {
        return failed(
            "its answer is empty".to_owned(),
            "change the prompt or the model, and render again",
        );
    }
    let delivery = Delivery::of(Parcel::Bytes(text.as_bytes().to_vec()));
    Submitted::Done(Delivery { usage, ..delivery })
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::{Joined, Reply};
    use crate::order::{Capability, Turn, Vendor};
    use crate::vendors::ROWS;

    /// An order with everything that a text can be asked with.
    pub(crate) fn order() -> Order {
        let schema = json!({
            "type": "object", "required": ["n"],
            "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 9}},
        });
        Order {
            model: "m".to_owned(),
            prompt: "and now?".to_owned(),
            seed: 0xffff_fff7,
            references: vec![Reference {
                media_type: "image/png".to_owned(),
                bytes: vec![1, 2, 3],
            }],
            options: Map::new(),
            graph: None,
            what: What::Text {
                system: "be short".to_owned(),
                said: vec![Turn {
                    asked: "what is it?".to_owned(),
                    answered: "a lamp".to_owned(),
                }],
                schema: Some(schema),
                small: false,
                most_tokens: 700,
            },
        }
    }

    /// What a vendor makes of an answer in parts: nothing where it is not whole.
    pub(crate) fn joined(vendor: &dyn Vendor, parts: &[Value]) -> Option<Value> {
        let join = vendor.join()?;
        let (mut whole, mut came) = (Value::Null, Joined::More);
        for part in parts {
            assert_ne!(came, Joined::Last, "{part}");
            came = join(&mut whole, part);
        }
        (came != Joined::More).then_some(whole)
    }

    /// What a vendor makes of a reply to an order without a schema.
    pub(crate) fn told(vendor: &dyn Vendor, body: &Value) -> Result<(String, Usage), String> {
        let mut order = order();
        if let What::Text { schema, .. } = &mut order.what {
            *schema = None;
        }
        let reply = Reply {
            url: "http://x".to_owned(),
            status: 200,
            media_type: "application/json".to_owned(),
            body: body.to_string().into_bytes(),
        };
        match vendor.submitted(&order, &reply) {
            Ok(Submitted::Done(delivery)) => match delivery.parcel {
                Parcel::Bytes(bytes) => {
                    Ok((String::from_utf8_lossy(&bytes).into_owned(), delivery.usage))
                }
                Parcel::At(url) => Err(url),
            },
            Ok(Submitted::Failed { why, hint, usage }) => {
                assert!(!hint.is_empty());
                Err(format!("{why} ({} {})", usage.tokens_in, usage.tokens_out))
            }
            Ok(Submitted::Job(job)) => Err(job),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn an_answer_is_taken_only_where_it_is_one() {
        let usage = Usage::default();
        let why = |text: &str, ended| match answered(&order(), text, ended, usage) {
            Submitted::Failed { why, .. } => why,
            other => format!("{other:?}"),
        };
        assert_eq!(
            why("{", Ended::CutOff),
            "its answer was cut off at the limit of 700 tokens"
        );
        assert_eq!(
            why("", Ended::Refused("not\nthis".to_owned())),
            "it refuses: not this"
        );
        assert_eq!(why(" \n", Ended::Whole), "its answer is empty");
        assert!(matches!(
            answered(&order(), "{\"n\":1}", Ended::Whole, usage),
            Submitted::Done(_)
        ));
    }

    /// Parts of all formats with something else in every place.
    fn odd_parts() -> Vec<Value> {
        let odd = [
            json!(null),
            json!(7),
            json!("x"),
            json!([]),
            json!([[1]]),
            json!({}),
        ];
        let names = [
            "choices",
            "message",
            "content",
            "candidates",
            "usage",
            "usageMetadata",
            "delta",
            "type",
        ];
        let kinds = [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "message_delta",
        ];
        let named = names
            .iter()
            .flat_map(|name| odd.iter().map(move |value| json!({*name: value})));
        let deeper = odd.iter().flat_map(|value| {
            [
                json!({"choices": [value]}),
                json!({"choices": [{"delta": value, "finish_reason": value}]}),
                json!({"message": {"content": value}, "done": value}),
                json!({"candidates": [{"content": value}]}),
                json!({"candidates": [{"content": {"parts": value}}]}),
            ]
        });
        let events = kinds.iter().flat_map(|kind| {
            odd.iter().map(move |value| json!({
            "type": kind, "index": 0, "message": value, "content_block": value, "usage": value,
            "delta": {"type": "text_delta", "text": value},
        }))
        });
        let all = odd.iter().cloned().chain(named);
        all.chain(deeper).chain(events).collect()
    }

    /// Whatever a server sends in parts, nothing ends badly.
    #[test]
    fn parts_may_be_anything() {
        let all = odd_parts();
        let makes = ROWS.iter().flat_map(|row| row.makes);
        let chats = makes.filter(|(makes, _)| *makes == Capability::Text);
        for (_, vendor) in chats {
            let join = vendor.join().expect("it comes in parts");
            for first in &all {
                for second in &all {
                    let mut whole = Value::Null;
                    for part in [first, second, first] {
                        let _ = join(&mut whole, part);
                    }
                    drop(told(*vendor, &whole));
                }
            }
        }
    }
}
