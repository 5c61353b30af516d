//! A proof, as people read it.

use workprint_model::proof::{MeasuredSound, ProofReport};

use crate::show::{BAD, DIM, GOOD, WAIT, styled};

/// What a proof found, in a line or two.
pub(crate) fn lines(proof: &ProofReport) -> Vec<String> {
    let faults = proof.faults().count();
    let waived = proof.findings.len() - faults;
    let verdict = if faults > 0 {
        styled(BAD.bold(), "faults")
    } else {
        styled(GOOD, "good")
    };
    let mut parts: Vec<String> = proof.measured.sound.iter().flat_map(levels).collect();
    let measured = &proof.measured;
    if let Some(worst) = &measured.worst_sync {
        parts.push(format!(
            "{} captions within {} ms of their first words",
            measured.captions,
            worst.late_ms.abs()
        ));
    }
    if measured.lines > 0 {
        parts.push(format!(
            "{} lines heard, {} of them aligned",
            measured.lines, measured.aligned
        ));
    }
    let mut out = vec![format!(
        "proof: {verdict}  {}",
        styled(DIM, parts.join(", "))
    )];
    if waived > 0 {
        let checks: Vec<String> = proof
            .waived
            .iter()
            .map(|(check, why)| format!("{check} ({why})"))
            .collect();
        let text = format!("{waived} findings waived: {}", checks.join(", "));
        out.push(format!("  {}", styled(WAIT, text)));
    }
    let not_made = proof.not_made.iter().map(|check| {
        let text = format!("not checked ({}): {}", check.check, check.why);
        format!("  {}", styled(WAIT, text))
    });
    out.extend(not_made);
    out
}

fn levels(sound: &MeasuredSound) -> [String; 2] {
    let decimal = |hundredths: Option<i32>, unit: &str| {
        hundredths.map_or_else(
            || format!("no {unit}"),
            |value| format!("{:.1} {unit}", f64::from(value) / 100.0),
        )
    };
    [
        decimal(sound.loudness, "LUFS"),
        decimal(sound.true_peak, "dBTP"),
    ]
}
