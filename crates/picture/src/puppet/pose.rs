//! How a puppet holds itself at a moment: what of each set is seen, and how its parts have moved.

use workprint_model::puppet::{Act, Mood};
use workprint_model::rig::{Eyes, Mouth, PlacedPuppet, Side};
use workprint_model::{Frames, Rate};

use super::chance::{UNIT, between, darting, draw, sine, swell, wander};

/// Samples in a millisecond: time is counted in samples here.
const MS: i64 = 48;

/// A part moved out of its drawn place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Motion {
    /// Right and down, of the puppet's height.
    pub(super) shift: [i64; 2],
    /// Clockwise, in radians.
    pub(super) turn: i64,
    /// How much wider and taller.
    pub(super) grow: [i64; 2],
}

/// How a puppet holds itself. Amounts are in [`UNIT`]s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pose {
    pub(super) mouth: Mouth,
    pub(super) eyes: Eyes,
    pub(super) mood: Mood,
    pub(super) turn: Option<Side>,
    /// What the left and the right arm do, and a part's name that would do as well.
    pub(super) arms: [[String; 2]; 2],
    /// The whole puppet but its shadow.
    pub(super) whole: Motion,
    pub(super) body: Motion,
    pub(super) head: Motion,
    pub(super) arm_turns: [i64; 2],
    /// Where the face has gone, of its reach.
    pub(super) face: [i64; 2],
    /// Where the pupils have gone, of their reach.
    pub(super) pupils: [i64; 2],
}

/// The pose of `puppet` at frame `index` of its shot.
pub(super) fn pose(puppet: &PlacedPuppet, rate: Rate, index: u64) -> Pose {
    let moment = Moment {
        puppet,
        rate,
        time: start_of(rate, Frames(index)),
        frame: index,
    };
    let face = moment.smoothed_gaze(360 * MS);
    let mut pose = Pose {
        mouth: moment.mouth(),
        eyes: moment.eyes(),
        mood: moment.mood(),
        turn: None,
        arms: [[rest(), rest()], [rest(), rest()]],
        whole: Motion::default(),
        body: Motion::default(),
        head: Motion::default(),
        arm_turns: [0; 2],
        face,
        pupils: moment.smoothed_gaze(130 * MS),
    };
    moment.idle(&mut pose);
    for act in &puppet.acts {
        moment.act(act.from, act.length, &act.act, &mut pose);
    }
    pose.turn = match pose.face[0] {
        x if x <= -UNIT * 11 / 20 => Some(Side::Left),
        x if x >= UNIT * 11 / 20 => Some(Side::Right),
        _ => None,
    };
    pose
}

fn rest() -> String {
    "rest".to_owned()
}

fn start_of(rate: Rate, frame: Frames) -> i64 {
    rate.sample_of(frame).0 as i64
}

struct Moment<'a> {
    puppet: &'a PlacedPuppet,
    rate: Rate,
    /// In samples from the shot's start.
    time: i64,
    frame: u64,
}

impl Moment<'_> {
    fn seed(&self, what: u32) -> u32 {
        draw(self.puppet.seed, u64::from(what)) as u32
    }

    fn mouth(&self) -> Mouth {
        let after = self
            .puppet
            .mouths
            .partition_point(|(from, _)| from.0 <= self.frame);
        after
            .checked_sub(1)
            .map_or(Mouth::X, |at| self.puppet.mouths[at].1)
    }

    fn mood(&self) -> Mood {
        let begun = self
            .puppet
            .acts
            .iter()
            .rev()
            .filter(|act| act.from.0 <= self.frame);
        let mut moods = begun.filter_map(|act| match act.act {
            Act::Mood(mood) => Some(mood),
            _ => None,
        });
        moods.next().unwrap_or(self.puppet.mood)
    }

    /// Where it looks at `time`, across and down.
    fn gaze(&self, time: i64) -> [i64; 2] {
        let mut found = [0, 0];
        let looks = self.puppet.looks.iter().rev();
        let mut looks = looks.filter(|(from, _)| start_of(self.rate, *from) <= time.max(0));
        if let Some((_, Some(side))) = looks.next() {
            found = [across(*side) * 4 / 5, 0];
        }
        for act in &self.puppet.acts {
            let (from, to) = (act.from, act.from + act.length);
            if !(start_of(self.rate, from)..start_of(self.rate, to)).contains(&time) {
                continue;
            }
            found = match act.act {
                Act::LookLeft | Act::PointLeft => [-UNIT, 0],
                Act::LookRight | Act::PointRight => [UNIT, 0],
                Act::LookUp => [found[0] / 2, -UNIT],
                Act::LookDown => [found[0] / 2, UNIT],
                Act::LookFront => [0, 0],
                Act::Think => [UNIT * 2 / 5, -UNIT * 4 / 5],
                _ => continue,
            };
        }
        found
    }

    /// The gaze that glides from one place to the next in `length`.
    fn smoothed_gaze(&self, length: i64) -> [i64; 2] {
        const WEIGHTS: [i64; 8] = [1, 2, 3, 4, 4, 3, 2, 1];
        let mut sum = [0, 0];
        for (step, weight) in WEIGHTS.into_iter().enumerate() {
            let gaze = self.gaze(self.time + length * (step as i64 - 4) / 8);
            sum = [sum[0] + gaze[0] * weight, sum[1] + gaze[1] * weight];
        }
        sum.map(|axis| axis / 20)
    }

    fn eyes(&self) -> Eyes {
        let lids = |since: i64| match since {
            since if since < 0 => Eyes::Open,
            since if since < 45 * MS => Eyes::Half,
            since if since < 125 * MS => Eyes::Closed,
            since if since < 200 * MS => Eyes::Half,
            _ => Eyes::Open,
        };
        let mut most = Eyes::Open;
        let (seed, mut at, mut count) = (self.seed(1), 0, 0);
        while at <= self.time {
            at += between(seed, count, (1900, 5600)) as i64 * MS;
            // Now and then two in a row.
            if draw(seed, count).is_multiple_of(7) {
                most = most.max(lids(self.time - at - 330 * MS));
            }
            most = most.max(lids(self.time - at));
            count += 1;
        }
        // Eyes that go elsewhere often close on the way.
        let turned = self.puppet.looks.iter().map(|(from, _)| *from);
        let turned = turned.filter(|from| from.0 > 0 && !draw(seed, from.0).is_multiple_of(3));
        let asked = self.puppet.acts.iter().filter(|act| act.act == Act::Blink);
        for from in turned.chain(asked.map(|act| act.from)) {
            most = most.max(lids(self.time - start_of(self.rate, from)));
        }
        most
    }

    /// How much it speaks, rising before its voice and falling after.
    fn talk(&self) -> i64 {
        const EDGE: i64 = 220 * MS;
        let talks = self.puppet.talks.iter().map(|(from, to)| {
            let (from, to) = (start_of(self.rate, *from), start_of(self.rate, *to));
            swell(self.time - from + EDGE, to - from + 2 * EDGE, EDGE)
        });
        talks.max().unwrap_or(0)
    }

    /// Breath, sway, a change of the standing leg; more of the head while it speaks.
    fn idle(&self, pose: &mut Pose) {
        let lively = i64::from(self.puppet.idle.hundredths());
        let much = |amount: i64, of: i64| amount * lively / 10_000 * of / UNIT;
        let slow = |what: u32, ms: u64| {
            // Each puppet has a pace of its own.
            let step = between(self.seed(what), 0, (ms * 85 / 100, ms * 115 / 100)) as i64 * MS;
            wander(self.seed(what + 100), self.time, step)
        };
        let breath = {
            let period = between(self.seed(2), 0, (3100, 4300)) as i64 * MS;
            let phase = between(self.seed(2), 1, (0, 4000)) as i64 * MS;
            i64::midpoint(UNIT, sine(self.time + phase, period))
        };
        let talk = self.talk();
        pose.body.grow[1] += much(UNIT * 8 / 1000, breath);
        pose.body.grow[0] -= much(UNIT * 2 / 1000, breath);
        pose.body.turn += much(UNIT * 11 / 1000, slow(3, 2600));
        pose.body.shift[0] += much(UNIT * 6 / 1000, slow(4, 5200));
        pose.head.turn += much(UNIT * 22 / 1000, slow(5, 2100));
        pose.head.turn += much(UNIT * 34 / 1000, talk * slow(6, 520) / UNIT);
        pose.head.shift[1] -= much(UNIT * 7 / 1000, talk * slow(7, 380).abs() / UNIT);
        for side in 0..2 {
            pose.arm_turns[side] += much(UNIT * 20 / 1000, slow(8 + side as u32, 2300));
        }
        let eye = |what: u32| {
            darting(
                self.seed(what),
                self.time,
                (700 * MS as u64, 2600 * MS as u64),
                60 * MS,
            )
        };
        pose.pupils[0] += much(UNIT / 8, eye(10));
        pose.pupils[1] += much(UNIT / 12, eye(11));
    }

    fn act(&self, from: Frames, length: Frames, act: &Act, pose: &mut Pose) {
        if !(from.0..from.0.saturating_add(length.0)).contains(&self.frame) {
            return;
        }
        let start = start_of(self.rate, from);
        let now = self.time - start;
        let length = start_of(self.rate, from + length) - start;
        let much = |amount: i64, of: i64| amount * of / UNIT;
        let in_and_out = swell(now, length, 260 * MS);
        match act {
            Act::Nod => {
                let down = i64::midpoint(UNIT, -sine(now + 115 * MS, 460 * MS));
                let down = much(down, swell(now, length, 150 * MS));
                pose.head.shift[1] += much(UNIT * 16 / 1000, down);
                pose.face[1] += much(UNIT * 9 / 10, down);
            }
            Act::ShakeHead => {
                let aside = much(sine(now, 520 * MS), swell(now, length, 160 * MS));
                pose.face[0] += much(UNIT / 2, aside);
                pose.pupils[0] += much(UNIT / 4, aside);
                pose.head.shift[0] += much(UNIT * 8 / 1000, aside);
                pose.head.turn += much(UNIT * 30 / 1000, aside);
            }
            Act::TiltHead => {
                pose.head.turn += much(UNIT * 15 / 100 * self.lean(self.time - now), in_and_out);
            }
            Act::LeanIn => {
                let side = self.lean(self.time - now);
                pose.body.turn += much(UNIT * 5 / 100 * side, in_and_out);
                pose.body.shift[0] += much(UNIT * 18 / 1000 * side, in_and_out);
                pose.head.turn += much(UNIT * 3 / 100 * side, in_and_out);
            }
            Act::Hop => {
                let up = UNIT - (2 * now - length).pow(2) / (length * length / UNIT).max(1);
                pose.whole.shift[1] -= much(UNIT * 7 / 100, up.max(0));
                let low = much(UNIT * 4 / 100, (UNIT - 2 * up.max(0)).max(0));
                pose.body.grow[1] -= low;
                pose.body.grow[0] += low / 2;
            }
            _ => self.arms_act(act, (now, length), pose),
        }
    }

    /// What is done with the arms.
    fn arms_act(&self, act: &Act, (now, length): (i64, i64), pose: &mut Pose) {
        let much = |amount: i64, of: i64| amount * of / UNIT;
        let in_and_out = swell(now, length, 260 * MS);
        match act {
            Act::Shrug => {
                Self::arms(pose, now, length, ["shrug", "shrug"]);
                pose.head.shift[1] += much(UNIT * 12 / 1000, in_and_out);
                pose.head.turn += much(UNIT * 5 / 100 * self.lean(self.time - now), in_and_out);
            }
            Act::Cheer => {
                Self::arms(pose, now, length, ["cheer", "up"]);
                let swing = much(sine(now, 420 * MS), in_and_out);
                pose.arm_turns[0] += much(UNIT / 9, swing);
                pose.arm_turns[1] -= much(UNIT / 9, swing);
                pose.body.grow[1] += much(UNIT * 12 / 1000, swing.abs());
            }
            Act::Wave => {
                let side = self.free_arm("wave", self.time - now);
                Self::arm(pose, side, (now, length), ["wave", "up"]);
                let swing = much(sine(now, 430 * MS), in_and_out);
                pose.arm_turns[side] += much(UNIT / 5, swing);
            }
            Act::PointLeft => Self::arm(pose, 0, (now, length), ["point", "up"]),
            Act::PointRight => Self::arm(pose, 1, (now, length), ["point", "up"]),
            Act::Think => {
                let side = self.free_arm("think", self.time - now);
                Self::arm(pose, side, (now, length), ["think", "up"]);
                pose.head.turn += much(UNIT * 6 / 100, in_and_out);
            }
            Act::Pose(name) => Self::arms(pose, now, length, [name.as_str(), "rest"]),
            // The rest is done by the eyes and the brows.
            _ => {}
        }
    }

    /// The side that it leans to: where it looks at `time`, else by chance.
    fn lean(&self, time: i64) -> i64 {
        match self.gaze(time)[0] {
            x if x < 0 => -1,
            x if x > 0 => 1,
            _ if draw(self.seed(12), 0).is_multiple_of(2) => -1,
            _ => 1,
        }
    }

    /// The arm that is drawn in a pose: away from where it looks at `time`, where both are.
    fn free_arm(&self, name: &str, time: i64) -> usize {
        use workprint_model::rig::Part;
        let has = |side: Side| {
            let is =
                |part: &Part| matches!(part, Part::Arm(arm, pose) if *arm == side && pose == name);
            self.puppet.rig.parts.iter().any(|part| is(&part.part))
        };
        match (has(Side::Left), has(Side::Right)) {
            (true, false) => 0,
            (false, _) => 1,
            (true, true) => usize::from(self.gaze(time)[0] < 0),
        }
    }

    fn arms(pose: &mut Pose, now: i64, length: i64, names: [&str; 2]) {
        for side in 0..2 {
            Self::arm(pose, side, (now, length), names);
        }
    }

    /// An arm in another pose, swung into it from below and out of it again.
    fn arm(pose: &mut Pose, side: usize, (now, length): (i64, i64), names: [&str; 2]) {
        pose.arms[side] = names.map(str::to_owned);
        let below = UNIT - swell(now + 20 * MS, length + 40 * MS, 150 * MS);
        let outward = if side == 0 { 1 } else { -1 };
        pose.arm_turns[side] -= outward * (UNIT * 4 / 10) * below / UNIT;
    }
}

const fn across(side: Side) -> i64 {
    match side {
        Side::Left => -UNIT,
        Side::Right => UNIT,
    }
}

/// How long an act takes where nobody says, in milliseconds.
pub const fn usual_length(act: &Act) -> u32 {
    match act {
        Act::Wave | Act::Cheer => 1700,
        Act::PointLeft | Act::PointRight => 1500,
        Act::Shrug => 1200,
        Act::Think => 2200,
        Act::Nod => 920,
        Act::ShakeHead => 1040,
        Act::TiltHead | Act::LookLeft | Act::LookRight => 1600,
        Act::LookUp | Act::LookDown | Act::LookFront => 1300,
        Act::LeanIn => 1800,
        Act::Hop => 420,
        Act::Blink => 200,
        Act::Mood(_) => 1,
        Act::Pose(_) => 2000,
    }
}
