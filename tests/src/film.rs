//! A finished file as ffprobe and ffmpeg see it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Said;

/// A finished film.
#[derive(Debug, Clone)]
pub struct Film {
    path: PathBuf,
    probed: Value,
}

impl Film {
    /// Looks into a file that must be a readable film.
    pub fn at(path: &Path) -> Self {
        match Self::find(path) {
            Ok(film) => film,
            Err(why) => panic!("{} is not a whole film: {why}", path.display()),
        }
    }

    /// Looks into a file.
    pub fn find(path: &Path) -> Result<Self, String> {
        let args = [
            "-v",
            "error",
            "-count_packets",
            "-show_streams",
            "-show_format",
        ];
        let mut probe = Command::new("ffprobe");
        let said = run(probe.args(args).args(["-of", "json"]).arg(path));
        if said.code != 0 || !said.err.is_empty() {
            return Err(said.err);
        }
        let probed = said.json();
        Ok(Self {
            path: path.to_owned(),
            probed,
        })
    }

    /// What ffprobe says of a stream: `video` or `audio`.
    pub fn stream(&self, kind: &str) -> &Value {
        let mut streams = self.probed["streams"].as_array().into_iter().flatten();
        match streams.find(|stream| stream["codec_type"] == kind) {
            Some(stream) => stream,
            None => panic!("no {kind} in {}", self.path.display()),
        }
    }

    /// How long a stream is, in seconds.
    pub fn seconds(&self, kind: &str) -> f64 {
        number(&self.stream(kind)["duration"])
    }

    /// How many pictures the file holds.
    pub fn frames(&self) -> u64 {
        number(&self.stream("video")["nb_read_packets"]) as u64
    }

    /// The digests and times of all decoded frames.
    pub fn frames_md5(&self) -> String {
        self.ffmpeg(&["-map", "0:v", "-f", "framemd5", "-"]).out
    }

    /// The digest of all decoded samples.
    pub fn samples_md5(&self) -> String {
        let said = self.ffmpeg(&["-map", "0:a", "-c:a", "pcm_s16le", "-f", "md5", "-"]);
        assert!(said.out.starts_with("MD5="), "{}", said.err);
        said.out
    }

    /// Loudness in LUFS and true peak in dBTP, by EBU R128.
    pub fn loudness(&self) -> (f64, f64) {
        let said = self.ffmpeg(&["-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"]);
        let summary = said.err.rsplit("Summary:").next().unwrap_or_default();
        let value = |name: &str| {
            let line = summary
                .lines()
                .find_map(|line| line.trim().strip_prefix(name));
            let word = line.and_then(|line| line.split_whitespace().next());
            word.and_then(|word| word.parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {}", said.err))
        };
        (value("I:"), value("Peak:"))
    }

    /// The mean luma of the 8 by 8 pixels from a place on, in every frame.
    pub fn luma_at(&self, (x, y): (u32, u32)) -> Vec<u8> {
        let filter = format!(
            "crop=8:8:{x}:{y},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
        );
        let said = self.ffmpeg(&["-map", "0:v", "-vf", &filter, "-f", "null", "-"]);
        let values = said.out.lines().filter_map(|line| line.split_once("YAVG="));
        values
            .map(|(_, value)| value.trim().parse::<f64>().unwrap_or_default() as u8)
            .collect()
    }

    /// Black and frozen stretches of two seconds and more, as ffmpeg tells them.
    pub fn dead_stretches(&self) -> Vec<String> {
        let filter = "blackdetect=d=2:pix_th=0.1,freezedetect=n=-60dB:d=2";
        let said = self.ffmpeg(&["-map", "0:v", "-vf", filter, "-f", "null", "-"]);
        let told = |line: &&str| line.contains("black_start") || line.contains("freeze_");
        said.err.lines().filter(told).map(str::to_owned).collect()
    }

    /// The four letters of the file's top boxes, in order.
    pub fn boxes(&self) -> Vec<String> {
        let read = || -> std::io::Result<Vec<String>> {
            let mut file = File::open(&self.path)?;
            let mut names = Vec::new();
            let mut head = [0; 16];
            while file.read_exact(&mut head[..8]).is_ok() {
                let short = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
                names.push(String::from_utf8_lossy(&head[4..8]).into_owned());
                let rest = match short {
                    0 => break,
                    1 => {
                        file.read_exact(&mut head[8..])?;
                        let mut long = [0; 8];
                        long.copy_from_slice(&head[8..]);
                        u64::from_be_bytes(long).saturating_sub(16)
                    }
                    short => short.saturating_sub(8),
                };
                file.seek(SeekFrom::Current(rest.cast_signed()))?;
            }
            Ok(names)
        };
        read().unwrap_or_else(|error| panic!("{}: {error}", self.path.display()))
    }

    fn ffmpeg(&self, args: &[&str]) -> Said {
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-hide_banner", "-i"]);
        let said = run(command.arg(&self.path).args(args));
        assert_eq!(said.code, 0, "{}: {}", self.path.display(), said.err);
        said
    }
}

fn run(command: &mut Command) -> Said {
    match command.output() {
        Ok(output) => Said::of(&output),
        Err(error) => panic!("cannot run {command:?}: {error}"),
    }
}

fn number(value: &Value) -> f64 {
    let text = value.as_str().unwrap_or_default();
    text.parse()
        .unwrap_or_else(|_| panic!("not a number: {value}"))
}
