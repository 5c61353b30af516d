//! What is ordered only with a yes.

use workprint_engine::{EngineError, Gate, GateState, Purchase, Run, Spending, Unasked};
use workprint_model::event::Event;
use workprint_model::show::Budget;
use workprint_model::step::{RunStatus, StepState};
use workprint_model::{Digest, Money};
use workprint_store::{Answer, Verdict};

use crate::production::{Ended, NOON, Production, Setup, pilot};
use crate::shop::{Buy, buy};
use crate::toys::{Tools, join};

fn setup(together: Option<i64>, each: Option<i64>) -> Setup {
    let budget = Budget {
        show: Some("1".parse().unwrap()),
        ..Budget::default()
    };
    let unasked = Unasked {
        together: together.map(Money::from_micros),
        each: each.map(Money::from_micros),
    };
    Setup {
        spending: Spending {
            budget,
            unasked: Some(unasked),
            boundary: None,
        },
        ..Setup::default()
    }
}

/// A mix that costs nothing, the orders, and what is made of the first.
async fn film(run: &Run<Tools>, orders: &[Buy]) -> Result<(), EngineError> {
    run.step(join("free", &[])).await?;
    let made = run.all(orders.to_vec()).await?;
    let mut clip = buy("clip", "it moves", 7);
    clip.of = vec![made[0].text.digest];
    run.step(clip).await?;
    Ok(())
}

/// A render as the studio does it: a plan says what it would order, then it is made.
async fn render(show: &Production, setup: Setup, orders: &[Buy]) -> Ended<()> {
    let plan = show
        .plan(setup.clone(), async |run| {
            film(run, orders).await?;
            Ok(run.purchases())
        })
        .await;
    let purchases: Vec<Purchase> = plan.result.unwrap();
    show.perform(setup, async |run| {
        run.ask_before_spending(&purchases).await?;
        film(run, orders).await
    })
    .await
}

/// What was asked, by slot, the first question, and the most that all of it may cost.
fn asked(run: &Ended<()>) -> Option<(Vec<&str>, &str, i64)> {
    let all = run.told(|event| match event {
        Event::GateAsked {
            gate,
            question,
            cost,
            about,
            ..
        } => {
            assert_eq!(gate, "spend");
            let slots: Vec<&str> = about.iter().map(|one| one.slot.as_str()).collect();
            Some((slots, question.as_str(), cost.micros))
        }
        _ => None,
    });
    all.into_iter().reduce(|(mut slots, question, cost), late| {
        slots.extend(late.0);
        (slots, question, cost + late.2)
    })
}

fn digests(run: &Ended<()>) -> Vec<Digest> {
    run.told(|event| match event {
        Event::GateAsked { about, .. } => Some(about.clone()),
        _ => None,
    })
    .concat()
    .iter()
    .map(|one| one.digest)
    .collect()
}

async fn answer(show: &Production, digests: &[Digest], verdict: Verdict, at: i64) {
    let answers: Vec<Answer> = digests
        .iter()
        .map(|digest| Answer {
            episode: pilot(),
            gate: "spend".to_owned(),
            digest: *digest,
            verdict,
            who: "mara".to_owned(),
            at,
            note: Some("too dear".to_owned()),
        })
        .collect();
    let store = show.open().await;
    store.record_answers(&answers).await.unwrap();
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_yes_lets_exactly_what_was_asked_about_be_ordered() {
    let show = Production::new();
    let orders = [buy("s1", "a cat", 3), buy("s2", "a dog", 3)];
    let run = render(&show, setup(Some(0), None), &orders).await;
    assert_eq!(run.summary.status, RunStatus::Waiting);
    let wanted = "order 2 of `shop model` for $0.000006 at most; what is made of it may cost $0.000007 more?";
    assert_eq!(
        asked(&run),
        Some((vec!["generate/s1", "generate/s2"], wanted, 6))
    );
    assert!(show.tools.shop.paid().is_empty());
    assert_eq!(show.tools.performed(), ["mix/free"], "the rest goes on");
    let why = "gate `spend` is closed";
    let waits = ["generate/s1", "generate/s2", "generate/clip"].map(|slot| (slot, why));
    assert_eq!(run.waiting(), waits);

    // Another prompt was not asked about, and what was answered is not asked again.
    answer(&show, &digests(&run), Verdict::Approve, NOON + 1).await;
    let orders = [orders[0].clone(), buy("s2", "a wolf", 3)];
    let run = render(&show, setup(Some(0), None), &orders).await;
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    let (slots, _, cost) = asked(&run).unwrap();
    // The clip is met when its picture is there, and asked about at the end.
    assert_eq!((slots, cost), (vec!["generate/s2", "generate/clip"], 10));
}

#[tokio::test]
async fn what_is_met_on_the_way_is_asked_about_at_the_end() {
    let show = Production::new();
    let orders = [buy("s1", "a cat", 3)];
    let run = render(&show, setup(Some(0), None), &orders).await;
    answer(&show, &digests(&run), Verdict::Approve, NOON + 1).await;
    let run = render(&show, setup(Some(0), None), &orders).await;
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    assert_eq!(asked(&run).unwrap().0, ["generate/clip"]);
    answer(&show, &digests(&run), Verdict::Approve, NOON + 2).await;
    let run = render(&show, setup(Some(0), None), &orders).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat", "it moves"]);
}

#[tokio::test]
async fn another_price_needs_another_yes() {
    let show = Production::new();
    let run = render(&show, setup(Some(0), None), &[buy("s1", "a cat", 3)]).await;
    answer(&show, &digests(&run), Verdict::Approve, NOON + 1).await;
    for price in [2, 4] {
        let run = render(&show, setup(Some(0), None), &[buy("s1", "a cat", price)]).await;
        assert_eq!(asked(&run).unwrap().2, price);
    }
    assert!(show.tools.shop.paid().is_empty());
}

#[tokio::test]
async fn below_the_threshold_nobody_is_asked_and_one_above_it_is_held() {
    let show = Production::new();
    let orders = [buy("s1", "a cat", 3), buy("s2", "a dog", 3)];
    // 13 together with the clip.
    let run = render(&show, setup(Some(12), None), &orders).await;
    assert_eq!(asked(&run).unwrap().0, ["generate/s1", "generate/s2"]);
    let run = render(&show, setup(Some(13), None), &orders).await;
    assert_eq!(
        (asked(&run), run.summary.status),
        (None, RunStatus::Complete)
    );
    assert_eq!(show.tools.shop.paid().len(), 3);

    let show = Production::new();
    let run = render(&show, setup(None, Some(6)), &orders).await;
    assert_eq!(show.tools.shop.paid(), ["a cat", "a dog"]);
    assert_eq!(asked(&run).unwrap().0, ["generate/clip"]);
}

#[tokio::test]
async fn a_no_is_told_and_not_asked_again() {
    let show = Production::new();
    let orders = [buy("s1", "a cat", 3), buy("s2", "a dog", 3)];
    let run = render(&show, setup(Some(0), None), &orders).await;
    let [cat, dog] = digests(&run)[..] else {
        panic!("two are asked about");
    };
    answer(&show, &[cat], Verdict::Approve, NOON + 1).await;
    answer(&show, &[dog], Verdict::Reject, NOON + 1).await;
    let run = render(&show, setup(None, Some(0)), &orders).await;
    let why = "gate `spend` was refused by mara: too dear";
    assert!(run.waiting().contains(&("generate/s2", why)));
    assert_eq!(asked(&run).unwrap().0, ["generate/clip"]);
    answer(&show, &[dog], Verdict::Approve, NOON + 2).await;
    render(&show, setup(None, Some(0)), &orders).await;
    assert_eq!(show.tools.shop.paid(), ["a cat", "a dog"]);
}

#[tokio::test]
async fn a_yes_is_for_one_purchase() {
    let show = Production::new();
    let orders = [buy("s1", "a cat", 3)];
    let run = render(&show, setup(Some(7), None), &orders).await;
    answer(&show, &digests(&run), Verdict::Approve, NOON - 1).await;
    let run = render(&show, setup(Some(7), None), &orders).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    let mut fresh = setup(Some(0), None);
    fresh.selection.fresh = ["generate".to_owned()].into();
    let run = render(&show, fresh, &orders).await;
    assert_eq!(asked(&run).unwrap().0, ["generate/s1"]);
    assert_eq!(show.tools.shop.paid().len(), 2);
}

#[tokio::test]
async fn a_plan_says_what_waits_and_how_gates_stand() {
    let show = Production::new();
    let orders = [buy("s1", "a cat", 3), buy("s2", "a dog", 3)];
    let run = render(&show, setup(Some(0), None), &orders).await;
    answer(&show, &digests(&run)[..1], Verdict::Approve, NOON + 1).await;
    let plan = show
        .plan(setup(Some(0), None), async |run| {
            film(run, &orders).await?;
            Ok(run.purchases())
        })
        .await;
    let purchases = plan.result.unwrap();
    let plan = show
        .plan(setup(Some(0), None), async |run| {
            run.ask_before_spending(&purchases).await?;
            film(run, &orders).await?;
            Ok(run.gates())
        })
        .await;
    let lines = plan.lines();
    assert!(lines.contains(&("generate/s2", StepState::Waiting, "gate `spend` is closed")));
    assert!(lines.contains(&("generate/s1", StepState::Run, "new")));
    let met = plan.result.unwrap();
    let told = |gate: &Gate| {
        gate.about
            .iter()
            .map(|one| one.slot.to_string())
            .collect::<Vec<_>>()
    };
    let met: Vec<_> = met.iter().map(|met| (told(&met.gate), met.state)).collect();
    let wanted = [
        (vec!["generate/s1".to_owned()], GateState::Approved),
        (vec!["generate/s2".to_owned()], GateState::Asked),
    ];
    assert_eq!(met, wanted);
}
