//! Mastering: one linear gain to the loudness wanted, and a limiter for what it lifts too high.

use crate::loudness::{Loudness, Meter, measure};
use crate::{Limiter, Sink, Sound, SoundError, Source};

/// The most gain that is given: more would lift noise.
pub const MOST_GAIN: f64 = 40.0;
/// How near to the loudness wanted is near enough, in LU.
const NEAR: f64 = 0.05;
/// How many times the gain is tried.
const TRIES: usize = 8;
/// The limiter aims this many dB under the ceiling: meters differ by about as much.
const MARGIN: f64 = 0.1;

/// What a master is to be like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MasterTarget {
    /// Integrated loudness in LUFS, such as −14.
    pub loudness: f64,
    /// The highest true peak in dBTP, such as −1.
    pub ceiling: f64,
}

/// What is done to a mix to master it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mastering {
    /// Linear gain over the whole mix, in dB.
    pub gain: f64,
    /// Where the limiter holds the true peak, in dBTP; nothing where no limiter is needed.
    pub ceiling: Option<f64>,
}

/// How a mix is mastered and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MasterPlan {
    /// What is done.
    pub mastering: Mastering,
    /// The mix as it was.
    pub before: Loudness,
    /// The master.
    pub after: Loudness,
    /// The limiter's largest reduction in dB, not above 0.
    pub reduction: f64,
    /// There was nothing to hear, so nothing was done.
    pub silent: bool,
    /// The loudness wanted was not reached to 0.1 LU: the mix is too quiet or its peaks too high.
    pub missed: bool,
}

/// Plays a sound of one or two channels from its beginning, as stereo.
pub fn play(sound: &mut dyn Sound, sink: &mut Sink<'_>) -> Result<(), SoundError> {
    let channels = sound.channels();
    if !(1..=2).contains(&channels) {
        return Err(SoundError::Channels { channels });
    }
    sound.seek(workprint_model::Samples(0))?;
    let mut block = vec![0.0; 9600];
    let mut stereo = Vec::new();
    loop {
        let frames = sound.read(&mut block)?;
        if frames == 0 {
            return Ok(());
        }
        let heard = &block[..frames * usize::from(channels)];
        if channels == 2 {
            sink(heard)?;
        } else {
            stereo.clear();
            stereo.extend(heard.iter().flat_map(|sample| [*sample; 2]));
            sink(&stereo)?;
        }
    }
}

impl Mastering {
    /// Masters a mix into `sink`: as long as the mix and aligned with it. Returns the limiter's
    /// largest reduction in dB, not above 0.
    pub fn apply(&self, source: &mut Source<'_>, sink: &mut Sink<'_>) -> Result<f64, SoundError> {
        if let Some(ceiling) = self.ceiling {
            let mut limiter = Limiter::new(self.gain, ceiling);
            source(&mut |block| limiter.process(block, sink))?;
            return limiter.finish(sink);
        }
        let gain = crate::elementary::amplitude(self.gain) as f32;
        let mut out = Vec::new();
        source(&mut |block| {
            out.clear();
            out.extend(block.iter().map(|sample| sample * gain));
            sink(&out)
        })?;
        Ok(0.0)
    }

    fn try_out(&self, source: &mut Source<'_>) -> Result<(Loudness, f64), SoundError> {
        let mut meter = Meter::new()?;
        let reduction = self.apply(source, &mut |block| meter.add(block))?;
        Ok((meter.loudness()?, reduction))
    }
}

/// Finds the gain that brings a mix to the loudness wanted, limiter included.
///
/// The mix is played once to measure it and, where the limiter has to work, a few times more, since
/// what the limiter takes away must be given back. Give a source that reads a finished mix, such as
/// [`play`] of a WAV of floats, rather than one that mixes anew.
pub fn plan_gain(source: &mut Source<'_>, target: MasterTarget) -> Result<MasterPlan, SoundError> {
    let before = measure(source)?;
    let silent = before.integrated.is_none();
    let gain = before
        .integrated
        .map_or(0.0, |loudness| (target.loudness - loudness).min(MOST_GAIN));
    let mut plan = MasterPlan {
        mastering: Mastering {
            gain,
            ceiling: None,
        },
        before,
        after: lifted(before, gain),
        reduction: 0.0,
        silent,
        missed: false,
    };
    if plan.after.true_peak > target.ceiling - MARGIN {
        limit(source, target, &mut plan)?;
    }
    plan.missed = plan
        .after
        .integrated
        .is_some_and(|loudness| (loudness - target.loudness).abs() > 0.1);
    Ok(plan)
}

/// Tries gain and limiter until loudness and true peak are as wanted.
fn limit(
    source: &mut Source<'_>,
    target: MasterTarget,
    plan: &mut MasterPlan,
) -> Result<(), SoundError> {
    let mut ceiling = target.ceiling - MARGIN;
    // Loudness gained for each dB of gain: less than 1 where the limiter takes some away.
    let mut slope = 0.8;
    let mut before: Option<(f64, f64)> = None;
    for _ in 0..TRIES {
        plan.mastering.ceiling = Some(ceiling);
        (plan.after, plan.reduction) = plan.mastering.try_out(source)?;
        let gain = plan.mastering.gain;
        let over = plan.after.true_peak - target.ceiling;
        let reached = plan.after.integrated.unwrap_or(target.loudness);
        let short = target.loudness - reached;
        let at_most = gain >= MOST_GAIN && short > 0.0;
        if over <= 0.0 && (at_most || short.abs() <= NEAR) {
            break;
        }
        if let Some((gain_before, reached_before)) = before
            && (gain - gain_before).abs() > 1e-3
        {
            slope = ((reached - reached_before) / (gain - gain_before)).clamp(0.2, 1.0);
        }
        before = Some((gain, reached));
        if over > 0.0 {
            ceiling -= over + 0.02;
        }
        plan.mastering.gain = (gain + short / slope).min(MOST_GAIN);
    }
    Ok(())
}

/// Masters a mix into `sink` and says what was done. See [`plan_gain`].
pub fn finish(
    source: &mut Source<'_>,
    target: MasterTarget,
    sink: &mut Sink<'_>,
) -> Result<MasterPlan, SoundError> {
    let plan = plan_gain(source, target)?;
    plan.mastering.apply(source, sink)?;
    Ok(plan)
}

/// What a gain without limiter makes of a sound.
fn lifted(loudness: Loudness, gain: f64) -> Loudness {
    Loudness {
        integrated: loudness.integrated.map(|lufs| lufs + gain),
        true_peak: loudness.true_peak + gain,
    }
}
