//! Pictures and clips by tools of MCP servers.

use serde_json::{Value, json};
use workprint_fakes::{Era, KEY, McpServer};
use workprint_tests::{KEY_ENV, Production, Rendered, program};

use crate::own::{PICTURES, PROMPT, RENDER, production, told};

/// What a server is told to draw.
const DRAW: &str = "arguments = { prompt = \"{prompt}\", seed = \"{seed}\", width = \"{width}\", not = \"{negative}\", like = [\"{reference}\"] }";

/// An engine whose server is started; it writes what it hears into the show's folder.
fn started(table: &str, era: &str, rest: &str) -> String {
    let server = program("fake-mcp").display().to_string();
    format!(
        "\n[engines.{table}.own]\nvendor = \"mcp\"\nmodel = \"lamp\"\n\
         command = [\"{server}\", \"{era}\", \"--log={{show}}/heard\"]\n{rest}\n"
    )
}

/// An engine whose server runs.
fn running(server: &McpServer, rest: &str) -> String {
    let url = server.url();
    format!(
        "\n[engines.images.own]\nvendor = \"mcp\"\nmodel = \"lamp\"\nurl = \"{url}\"\nkey_env = \"{KEY_ENV}\"\n{rest}\n"
    )
}

/// What a server that was started has heard.
fn heard(production: &Production) -> Vec<Value> {
    let all = std::fs::read_to_string(production.root().join("heard")).unwrap_or_default();
    all.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn methods(heard: &[Value]) -> Vec<&str> {
    let all = heard
        .iter()
        .filter_map(|message| message["method"].as_str());
    all.collect()
}

fn run(production: &Production, args: &[&str]) -> Rendered {
    let environment = [(KEY_ENV, KEY)];
    Rendered::of(&production.start_with(args, &environment).finish())
}

/// The same with other settings of the engine, in place of what stood there.
fn run_with(production: &Production, tables: &str) -> Rendered {
    let show = production.read("show.toml");
    let start = show.find("\n[engines.images.own]").unwrap();
    production.write("show.toml", &format!("{}{tables}", &show[..start]));
    run(production, &PICTURES)
}

#[test]
fn tools_make_pictures_and_clips() {
    let film = "tool = \"film\"\narguments = { prompt = \"{prompt}\", start = \"{start-data}\", deep = { s = \"{seconds}\", at = [\"{rate}\"] } }";
    let tables = started("images", "greeted", &format!("tool = \"draw\"\n{DRAW}"))
        + &started("clips", "modern", film);
    let production = production(&tables, true);
    let first = run(&production, &RENDER).complete();
    let heard = heard(&production);
    assert_eq!(
        methods(&heard),
        [
            "server/discover",
            "initialize",
            "notifications/initialized",
            "tools/list",
            "tools/list",
            "tools/call",
            "server/discover",
            "tools/list",
            "tools/list",
            "tools/call",
        ]
    );
    // Values of their own kind; braces and quotes in the prompt stay what they are.
    let told = json!({"prompt": PROMPT, "seed": 7, "width": 1328, "like": []});
    assert_eq!(heard[5]["params"]["arguments"], told);
    let told = &heard[9]["params"]["arguments"];
    assert_eq!(told["deep"], json!({"s": 0.8, "at": ["25"]}));
    assert!(told["start"].as_str().unwrap().starts_with("iVBORw0KGgo"));
    let permille = first
        .named("step.progress")
        .map(|event| &event["permille"])
        .take(4);
    assert_eq!(permille.collect::<Vec<_>>(), [250, 750, 250, 750]);
    assert_eq!(production.film("pilot.mp4").frames(), 25);
    assert_eq!(run(&production, &RENDER).complete().count("performed"), 0);

    // Another tool, or another argument, is another picture; another server that runs the same is not looked at.
    let tables = tables.replace("\"{width}\"", "640");
    let show = production.read("show.toml");
    let start = show.find("\n[engines.images.own]").unwrap();
    production.write("show.toml", &format!("{}{tables}", &show[..start]));
    let again = run(&production, &PICTURES).complete();
    assert_eq!(again.by_kind().get("generate"), Some(&1));
}

#[test]
fn what_a_tool_made_is_found_where_it_put_it() {
    let production = production(
        &started(
            "images",
            "strict",
            "tool = \"save\"\narguments = { path = \"{out}\" }",
        ),
        false,
    );
    run(&production, &PICTURES).complete();
    let named = production.root().join("named");
    std::fs::create_dir(&named).unwrap();
    for rest in [
        "tool = \"save\"\narguments = { path = \"other.png\" }",
        "tool = \"tell\"\nresult = \"/files/0/path\"\narguments = { path = \"{folder}/a.png\" }",
        "tool = \"tell\"\nresult = \"/files/0/path\"\nfolder = \"named\"\narguments = { path = \"{show}/named/a{seed}.png\" }",
        "tool = \"link\"\narguments = { uri = \"scene://{seed}\" }",
    ] {
        let done = run_with(&production, &started("images", "silent", rest)).complete();
        assert_eq!(done.by_kind().get("generate"), Some(&1), "{rest}");
    }
    // It is copied, and stays.
    assert!(named.join("a7.png").is_file());
}

/// The server, the tool and what it is told, and what comes of it.
const WRONG: &[(&str, &str, &[&str])] = &[
    (
        "modern",
        "tool = \"fail\"",
        &["`fail` says: there is no lamp"],
    ),
    (
        "modern",
        "tool = \"drow\"",
        &["no tool `drow`, but `save`", "`draw`"],
    ),
    (
        "modern",
        "tool = \"draw\"\narguments = { prompt = \"x\" }",
        &["needs `seed`", "arguments"],
    ),
    (
        "modern",
        "tool = \"draw\"\narguments = { prompt = \"x\", seed = 1, width = 4 }",
        &["`width` is 16 at least, and not `4`"],
    ),
    (
        "greeted",
        "tool = \"die\"",
        &["ended before it answered", "the lamp fell over"],
    ),
    (
        "modern",
        "tool = \"mumble\"",
        &["no message of MCP: `Loading the lamp ...`"],
    ),
    (
        "modern",
        "tool = \"flood\"",
        &["100000 messages and no answer"],
    ),
    ("modern", "tool = \"ask\"", &["May I spend 2 credits?"]),
    ("modern", "tool = \"two\"", &["2, and nobody knows which"]),
    (
        "modern",
        "tool = \"leak\"\nresult = \"/path\"\narguments = { path = \"/etc/passwd\" }",
        &["`/etc/passwd`, which lies outside", "{out}"],
    ),
    (
        "modern",
        "tool = \"leak\"\nresult = \"/path\"\narguments = { path = \"SECRET\" }",
        &["secret.png`, which lies outside", "`folder`"],
    ),
    (
        "modern",
        "tool = \"leak\"\nresult = \"/path\"\narguments = { path = \"none.png\" }",
        &["`none.png`, which is not there"],
    ),
    (
        "modern",
        "tool = \"link\"\narguments = { uri = \"http://8.8.8.8/a.png\" }",
        &["plain `http://`"],
    ),
    (
        "strange",
        "tool = \"draw\"",
        &["`2031-01-01`", "`2026-07-28`"],
    ),
    (
        "nonsense",
        "tool = \"draw\"",
        &["ended before it answered", "exit status: 2"],
    ),
];

#[test]
fn what_goes_wrong_at_a_tool_is_told() {
    let production = production(&started("images", "modern", "tool = \"fail\""), false);
    let secret = production.root().join("secret.png").display().to_string();
    production.draw("secret.png", 3);
    for (era, rest, wanted) in WRONG {
        let rest = &rest.replace("SECRET", &secret);
        let failed = run_with(&production, &started("images", era, rest));
        let told = told(&failed);
        assert_eq!(failed.code, 1, "{rest}: {}", failed.err);
        for wanted in *wanted {
            assert!(told.contains(wanted), "`{wanted}` of {rest} in {told}");
        }
    }
    std::fs::remove_file(production.root().join("heard")).unwrap();
    let slow = started("images", "greeted", "tool = \"wait\"\nlimit_s = 3");
    let told = told(&run_with(&production, &slow));
    assert!(
        told.contains("longer than 3 s") && told.contains("limit_s"),
        "{told}"
    );
    let heard = heard(&production);
    let (call, last) = (&heard[heard.len() - 2], &heard[heard.len() - 1]);
    assert_eq!(call["method"], "tools/call");
    assert_eq!(
        (&last["method"], &last["params"]["requestId"]),
        (&json!("notifications/cancelled"), &call["id"])
    );
}

/// A run that is stopped takes back what a tool works on, and leaves no server behind.
#[test]
fn a_stopped_run_takes_a_call_back() {
    let production = production(&started("images", "modern", "tool = \"wait\""), false);
    let mut running = production.start(&RENDER);
    assert!(running.wait_for("step.progress"));
    running.interrupt();
    let stopped = Rendered::of(&running.finish());
    assert_eq!(stopped.status(), "cancelled", "{}", stopped.err);
    let heard = heard(&production);
    assert_eq!(heard.last().unwrap()["method"], "notifications/cancelled");
    assert_eq!(heard.last().unwrap()["params"]["reason"], "it was stopped");
}

/// What is paid for is not called again where nobody knows whether it was done.
#[test]
fn a_paid_call_without_an_answer_waits_for_a_person() {
    let paid = "price = 0.5\ntool = \"wait\"\nlimit_s = 2";
    let tables = started("images", "modern", paid) + "\n[budget]\nepisode = 5\n";
    let production = production(&tables, false);
    let calls = || {
        let heard = heard(&production);
        methods(&heard)
            .iter()
            .filter(|method| **method == "tools/call")
            .count()
    };
    for _ in 0..2 {
        let parked = run(&production, &PICTURES);
        assert_eq!((parked.code, calls()), (4, 1), "{}", parked.err);
        assert_eq!(parked.diagnostics("outside.unknown").len(), 1);
    }
    // One that never came to a call costs nothing, and is tried anew.
    production.run(&["jobs", "resolve", "1", "--unpaid"]).good();
    let show = production.read("show.toml");
    production.write("show.toml", &show.replace("\"wait\"", "\"drow\""));
    assert_eq!((run(&production, &PICTURES).code, calls()), (1, 1));
    let show = production.read("show.toml");
    let draw = format!("\"draw\"\n{DRAW}");
    production.write("show.toml", &show.replace("\"drow\"", &draw));
    run(&production, &PICTURES).complete();
    let costs = production
        .run(&["costs", "--json"])
        .good()
        .json()
        .to_string();
    assert!(calls() == 2 && costs.contains("500000"), "{costs}");
}

#[test]
fn servers_that_run_are_asked_over_http() {
    for era in [Era::Modern, Era::Greeted] {
        let server = McpServer::start(era);
        let draw = format!("tool = \"draw\"\n{DRAW}");
        let production = production(&running(&server, &draw), false);
        let drawn = run(&production, &PICTURES).complete();
        assert_eq!(drawn.named("step.progress").count(), 2);
        let url = format!(
            "tool = \"link\"\narguments = {{ uri = \"{}\" }}",
            server.file()
        );
        let done = run_with(&production, &running(&server, &url)).complete();
        assert_eq!(done.by_kind().get("generate"), Some(&1));
        let resource = "tool = \"link\"\narguments = { uri = \"scene://{seed}\" }";
        run_with(&production, &running(&server, resource)).complete();
        for (rest, wanted) in [
            ("tool = \"fail\"", "there is no lamp"),
            ("tool = \"die\"", "ended its answer"),
            ("tool = \"flood\"", "100000 messages"),
            (
                "tool = \"link\"\narguments = { uri = \"http://8.8.8.8/a.png\" }",
                "plain `http://`",
            ),
            ("tool = \"wait\"\nlimit_s = 3", "longer than 3 s"),
        ] {
            let failed = run_with(&production, &running(&server, rest));
            let told = told(&failed);
            assert!(
                failed.code == 1 && told.contains(wanted),
                "{era:?} {wanted}: {told}"
            );
        }
        // It sees the end of a connection a little later.
        let closed = || methods(&server.heard()).contains(&"closed");
        let begun = std::time::Instant::now();
        while !closed() && begun.elapsed().as_secs() < 60 {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let heard = server.heard();
        let last = methods(&heard);
        let last = &last[last.len() - 3..];
        if era == Era::Modern {
            // The end of the connection says it.
            assert_eq!(last[1..], ["tools/call", "closed"], "{last:?}");
        } else {
            let mut last = last.to_vec();
            last.sort_unstable();
            assert_eq!(last, ["closed", "gone", "notifications/cancelled"]);
        }
    }
}

#[test]
fn a_key_that_is_refused_is_not_told() {
    let server = McpServer::start(Era::Modern);
    let keyless = running(&server, "tool = \"draw\"").replace(KEY_ENV, "WORKPRINT_OTHER_KEY");
    let production = production(&keyless, false);
    let secret = [("WORKPRINT_OTHER_KEY", "another-secret")];
    let said = production.start_with(&PICTURES, &secret).finish();
    assert!(
        said.out.contains("status 401") && !said.out.contains("another-secret"),
        "{}",
        said.out
    );
}
