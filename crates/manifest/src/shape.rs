//! Whether a parsed file has the shape that its published schema asks for.
//!
//! The schema is the one place where fields, kinds of values and ranges are written. It is turned
//! into [`Rule`]s once; a check then visits every value, and says all that is wrong with it. Texts
//! of a type with a parser of its own (ids, paths, colours, rates) go through that parser, because
//! it says more than a pattern could.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use workprint_model::Span;

use crate::leaf::{self, Leaf};
use crate::tree::{Field, Node, Problem, Value, brief};

/// A schema, ready to check values.
#[derive(Debug)]
pub(crate) struct Shape {
    rules: Vec<Rule>,
    root: usize,
}

/// What one value may be.
#[derive(Debug, Default)]
struct Rule {
    /// The kinds allowed, as JSON Schema names them; any where it is empty.
    kinds: Vec<String>,
    /// Another rule that must hold too.
    same_as: Option<usize>,
    /// What a text must be where texts are allowed beside that.
    or_text: Option<usize>,
    /// What an object must be that names one of that rule's choices, where other objects are allowed too.
    or_choice: Option<usize>,
    /// Choices by name; those with a rule are objects of that one field, the others plain texts.
    choices: BTreeMap<String, Option<usize>>,
    fields: BTreeMap<String, FieldRule>,
    required: Vec<String>,
    /// Whether fields beyond `fields` are errors.
    closed: bool,
    /// What every field beyond `fields` must be, and the check of its name.
    others: Option<(usize, Option<Leaf>)>,
    items: Option<usize>,
    leaf: Option<Leaf>,
    least: Option<f64>,
    most: Option<f64>,
    multiple: Option<i64>,
    shortest: u64,
    longest: Option<u64>,
}

#[derive(Debug)]
struct FieldRule {
    rule: usize,
    about: String,
}

impl Shape {
    /// Prepares a schema that the `schemars` crate has made.
    pub(crate) fn new(schema: &Json) -> Self {
        let mut builder = Builder {
            schema,
            rules: Vec::new(),
            named: BTreeMap::new(),
        };
        let root = builder.add(schema, None);
        Self {
            rules: builder.rules,
            root,
        }
    }

    /// Adds everything that is wrong with `node` to `problems`.
    pub(crate) fn check(&self, node: &Node<'_>, problems: &mut Vec<Problem>) {
        Check {
            rules: &self.rules,
            problems,
        }
        .value(&self.rules[self.root], node, "the file");
    }
}

struct Builder<'a> {
    schema: &'a Json,
    rules: Vec<Rule>,
    named: BTreeMap<&'a str, usize>,
}

impl<'a> Builder<'a> {
    /// The rule of the definition that a `$ref` names, made the first time.
    fn definition(&mut self, reference: &'a str) -> usize {
        let name = reference.trim_start_matches("#/$defs/");
        if let Some(index) = self.named.get(name) {
            return *index;
        }
        let index = self.rules.len();
        self.rules.push(Rule::default());
        self.named.insert(name, index);
        let rule = self.rule(&self.schema["$defs"][name], Some(name));
        self.rules[index] = rule;
        index
    }

    fn add(&mut self, schema: &'a Json, name: Option<&str>) -> usize {
        let index = self.rules.len();
        self.rules.push(Rule::default());
        let rule = self.rule(schema, name);
        self.rules[index] = rule;
        index
    }

    fn rule(&mut self, schema: &'a Json, name: Option<&str>) -> Rule {
        let number = |key: &str| schema[key].as_f64();
        let (format_least, format_most) = leaf::integer_range(schema["format"].as_str());
        let mut rule = Rule {
            kinds: kinds(&schema["type"]),
            least: number("minimum").or(format_least),
            most: number("maximum").or(format_most),
            multiple: schema["multipleOf"].as_i64(),
            shortest: schema["minLength"].as_u64().unwrap_or(0),
            longest: schema["maxLength"].as_u64(),
            closed: schema["additionalProperties"] == Json::Bool(false),
            required: texts(&schema["required"]),
            leaf: name
                .and_then(leaf::of_type)
                .or_else(|| schema["pattern"].as_str().and_then(leaf::of_pattern)),
            ..Rule::default()
        };
        rule.same_as = schema["$ref"].as_str().map(|to| self.definition(to));
        rule.items = schema.get("items").map(|items| self.add(items, None));
        for (key, field) in objects(&schema["properties"]) {
            let about = field["description"].as_str().unwrap_or_default();
            let about = about.split(". ").next().unwrap_or_default();
            let about = about.trim_end_matches('.').replace('\n', " ");
            let field = FieldRule {
                rule: self.add(field, None),
                about,
            };
            rule.fields.insert(key.clone(), field);
        }
        if schema["additionalProperties"].is_object() {
            rule.others = Some((self.add(&schema["additionalProperties"], None), None));
        }
        for (pattern, value) in objects(&schema["patternProperties"]) {
            rule.others = Some((self.add(value, None), leaf::of_pattern(pattern)));
        }
        self.branches(schema, &mut rule);
        rule
    }

    /// The definition that a branch of several names, where it consists of choices.
    fn choices_of(&self, branch: &'a Json) -> Option<&'a str> {
        let reference = branch["$ref"].as_str()?;
        let name = reference.trim_start_matches("#/$defs/");
        self.schema["$defs"][name]["oneOf"]
            .is_array()
            .then_some(reference)
    }

    /// `anyOf` with null makes a value optional, with a text or with choices lets one stand in a value's
    /// place; `oneOf` and `enum` are choices.
    fn branches(&mut self, schema: &'a Json, rule: &mut Rule) {
        let list = |key: &str| schema[key].as_array().map_or(&[][..], Vec::as_slice);
        let several = list("anyOf").iter().filter(|one| one["$ref"].is_string());
        let several = several.count() > 1;
        for branch in list("anyOf") {
            if branch["type"] == "null" {
                rule.kinds.push("null".to_owned());
            } else if branch["type"] == "string" {
                rule.or_text = Some(self.add(branch, None));
            } else if let Some(choices) = self.choices_of(branch).filter(|_| several) {
                rule.or_choice = Some(self.definition(choices));
            } else {
                rule.same_as = Some(self.add(branch, None));
            }
        }
        for branch in list("oneOf") {
            if let Some(choice) = branch["const"].as_str() {
                rule.choices.insert(choice.to_owned(), None);
            }
            for choice in texts(&branch["enum"]) {
                rule.choices.insert(choice, None);
            }
            for (choice, value) in objects(&branch["properties"]) {
                let value = self.add(value, None);
                rule.choices.insert(choice.clone(), Some(value));
            }
        }
        for choice in texts(&schema["enum"]) {
            rule.choices.insert(choice, None);
        }
    }
}

fn kinds(schema: &Json) -> Vec<String> {
    match schema {
        Json::String(kind) => vec![kind.clone()],
        other => texts(other),
    }
}

fn texts(schema: &Json) -> Vec<String> {
    let texts = schema.as_array().into_iter().flatten();
    texts.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn objects(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    schema.as_object().into_iter().flatten()
}

struct Check<'a> {
    rules: &'a [Rule],
    problems: &'a mut Vec<Problem>,
}

impl Check<'_> {
    fn say(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// `name` says what the value is: a field's name, or that of the list it is in.
    fn value(&mut self, rule: &Rule, node: &Node<'_>, name: &str) {
        let optional = rule.kinds.iter().any(|kind| kind == "null");
        if optional && node.value == Value::Null || crate::is_full(self.problems) {
            return;
        }
        let before = self.problems.len();
        let stands_in = rule
            .or_text
            .filter(|_| matches!(node.value, Value::String(_)));
        let stands_in = stands_in.or(rule.or_choice.filter(|other| self.chooses(*other, node)));
        if let Some(other) = stands_in.or(rule.same_as) {
            self.value(&self.rules[other], node, name);
        } else if !rule.choices.is_empty() {
            self.choice(rule, node, name);
        } else if !rule.kinds.is_empty() && !rule.kinds.iter().any(|kind| fits(kind, node)) {
            self.wrong_kind(rule, node, name);
        }
        if self.problems.len() > before {
            return;
        }
        match &node.value {
            Value::Integer(number) => self.number(rule, node.span, *number as f64, name),
            Value::Float(number) => self.number(rule, node.span, *number, name),
            Value::String(text) => self.text(rule, node.span, text, name),
            Value::Array(items) => {
                if let Some(item) = rule.items {
                    for node in items {
                        self.value(&self.rules[item], node, name);
                    }
                }
            }
            Value::Object(_) if rule.choices.is_empty() => self.object(rule, node),
            _ => {}
        }
    }

    /// Whether an object names one of a rule's choices.
    fn chooses(&self, rule: usize, node: &Node<'_>) -> bool {
        let choices = &self.rules[rule].choices;
        node.fields()
            .iter()
            .any(|field| choices.contains_key(&*field.key))
    }

    fn wrong_kind(&mut self, rule: &Rule, node: &Node<'_>, name: &str) {
        let wanted: Vec<&str> = rule
            .kinds
            .iter()
            .filter(|kind| *kind != "null")
            .map(|kind| spoken(kind))
            .collect();
        let wanted = wanted.join(" or ");
        let problem = Problem::new(
            node.span,
            "manifest.wrong-type",
            format!(
                "`{}` must be {wanted}, and here is {}",
                brief(name),
                node.kind()
            ),
        );
        let number_in_quotes = node.text().is_some_and(|text| {
            rule.kinds
                .iter()
                .any(|kind| kind == "integer" || kind == "number")
                && text.trim().parse::<f64>().is_ok()
        });
        self.say(if number_in_quotes {
            problem.hint("remove the quotes")
        } else {
            problem
        });
    }

    fn number(&mut self, rule: &Rule, span: Span, number: f64, name: &str) {
        let low = rule.least.is_some_and(|least| number < least);
        let high = rule.most.is_some_and(|most| number > most);
        if low || high {
            let range = match (rule.least, rule.most) {
                (Some(least), Some(most)) => format!("{least} to {most} is allowed"),
                (Some(least), None) => format!("at least {least} is needed"),
                (_, most) => format!("at most {} is allowed", most.unwrap_or_default()),
            };
            self.say(Problem::new(
                span,
                "manifest.out-of-range",
                format!("`{}` is {number}: {range}", brief(name)),
            ));
        } else if let Some(step) = rule.multiple
            && number % (step as f64) != 0.0
        {
            let must = if step == 2 {
                "even".to_owned()
            } else {
                format!("a multiple of {step}")
            };
            self.say(Problem::new(
                span,
                "manifest.out-of-range",
                format!("`{}` is {number}: it must be {must}", brief(name)),
            ));
        }
    }

    fn text(&mut self, rule: &Rule, span: Span, text: &str, name: &str) {
        if rule.shortest > 0 && text.is_empty() {
            let message = format!("`{}` is empty", brief(name));
            self.say(Problem::new(span, "manifest.empty", message).hint("write something here"));
            return;
        }
        let length = text.chars().count() as u64;
        if let Some(longest) = rule.longest.filter(|longest| length > *longest) {
            self.say(Problem::new(
                span,
                "manifest.too-long",
                format!(
                    "`{}` is {length} characters long: {longest} are allowed",
                    brief(name)
                ),
            ));
            return;
        }
        if let Some(Err(message)) = rule.leaf.map(|leaf| leaf.check(text)) {
            self.say(Problem::new(span, "manifest.wrong-value", message));
        }
    }

    fn object(&mut self, rule: &Rule, node: &Node<'_>) {
        for field in node.fields() {
            if let Some(known) = rule.fields.get(&*field.key) {
                self.value(&self.rules[known.rule], &field.node, &field.key);
            } else if let Some((other, leaf)) = &rule.others {
                if let Some(Err(message)) = leaf.map(|leaf| leaf.check(&field.key)) {
                    let problem = Problem::new(field.key_span, "manifest.wrong-value", message);
                    self.say(problem);
                }
                self.value(&self.rules[*other], &field.node, &field.key);
            } else if rule.closed {
                let known: Vec<&str> = rule.fields.keys().map(String::as_str).collect();
                let message = format!("unknown field `{}`", brief(&field.key));
                self.say(
                    Problem::new(field.key_span, "manifest.unknown-field", message)
                        .hint_nearest(&field.key, &known)
                        .hint(format!("allowed here: {}", listed(&known))),
                );
            }
        }
        for missing in &rule.required {
            let there = node.fields().iter().any(|field| field.key == *missing);
            if let Some(field) = rule.fields.get(missing).filter(|_| !there) {
                let hint = match field.about.as_str() {
                    "" => format!("add `{missing}`"),
                    about => format!("add `{missing}` ({about})"),
                };
                let message = format!("the field `{missing}` is missing");
                self.say(Problem::new(opening(node), "manifest.missing-field", message).hint(hint));
            }
        }
    }

    fn choice(&mut self, rule: &Rule, node: &Node<'_>, name: &str) {
        let known: Vec<&str> = rule.choices.keys().map(String::as_str).collect();
        match &node.value {
            Value::String(word) => match rule.choices.get(&**word) {
                Some(None) => {}
                Some(Some(_)) => self.say(
                    Problem::new(
                        node.span,
                        "manifest.wrong-type",
                        format!("`{}` needs settings of its own", brief(word)),
                    )
                    .hint(format!("write an object with the field `{}`", brief(word))),
                ),
                None => self.say(unknown_choice(node.span, word, name, &known)),
            },
            Value::Object(fields) if fields.is_empty() => {
                let message = format!("`{}` says nothing", brief(name));
                let hint = format!("choose one of {}", listed(&known));
                self.say(Problem::new(opening(node), "manifest.missing-field", message).hint(hint));
            }
            Value::Object(fields) => {
                for (index, field) in fields.iter().enumerate() {
                    self.chosen(rule, field, name, index > 0);
                }
            }
            _ => {
                let message = format!(
                    "`{}` must be one of {}, and here is {}",
                    brief(name),
                    listed(&known),
                    node.kind()
                );
                self.say(Problem::new(node.span, "manifest.wrong-type", message));
            }
        }
    }

    /// A choice that is written as an object's field; `again` when it is not the object's first.
    fn chosen(&mut self, rule: &Rule, field: &Field<'_>, name: &str, again: bool) {
        let known: Vec<&str> = rule.choices.keys().map(String::as_str).collect();
        match rule.choices.get(&*field.key) {
            Some(Some(inner)) if !again => {
                self.value(&self.rules[*inner], &field.node, &field.key);
            }
            Some(None) => self.say(
                Problem::new(
                    field.key_span,
                    "manifest.wrong-type",
                    format!("`{}` has no settings", brief(&field.key)),
                )
                .hint(format!("write `\"{}\"` alone", brief(&field.key))),
            ),
            Some(Some(_)) => self.say(
                Problem::new(
                    field.key_span,
                    "manifest.too-many-choices",
                    format!("`{}` can be only one thing", brief(name)),
                )
                .hint(format!("keep one of {}", listed(&known))),
            ),
            None => self.say(unknown_choice(field.key_span, &field.key, name, &known)),
        }
    }
}

fn unknown_choice(span: Span, word: &str, name: &str, known: &[&str]) -> Problem {
    let message = format!("`{}` is not a choice for `{}`", brief(word), brief(name));
    Problem::new(span, "manifest.unknown-choice", message)
        .hint_nearest(word, known)
        .hint(format!("choose one of {}", listed(known)))
}

/// The first character of a value, so that a whole scene is not underlined for a missing field.
pub(crate) fn opening(node: &Node<'_>) -> Span {
    Span {
        start: node.span.start,
        end: node.span.end.min(node.span.start + 1),
    }
}

fn fits(kind: &str, node: &Node<'_>) -> bool {
    match node.value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Integer(_) => kind == "integer" || kind == "number",
        Value::Float(_) => kind == "number",
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
        Value::Other(_) => false,
    }
}

fn spoken(kind: &str) -> &'static str {
    match kind {
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    }
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
