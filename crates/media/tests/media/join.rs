use std::path::{Path, PathBuf};

use workprint_media::{Container, FrameHash, JoinSpec, Media, MediaErrorKind};
use workprint_model::{Frames, Rate};

use crate::fixtures::{ask, chunk, hashes, make, media, rate};

pub(crate) fn film(out: PathBuf, rate: Rate, frames: u64) -> JoinSpec {
    JoinSpec {
        out,
        container: Container::Mp4,
        rate,
        frames: Frames(frames),
        title: None,
        language: None,
        chapters: Vec::new(),
    }
}

/// A tone that lasts as long as so many frames.
pub(crate) fn sound(media: &Media, dir: &Path, rate: Rate, frames: u64) -> PathBuf {
    let (wav, out) = (dir.join("mix.wav"), dir.join("sound.m4a"));
    let samples = rate.sample_of(Frames(frames)).0;
    make(
        &format!("-f lavfi -i sine=f=440:r=48000 -af atrim=end_sample={samples} -ac 2"),
        &wav,
    );
    media.encode_sound(&wav, 128, &out).unwrap();
    out
}

/// Chunks of these lengths of one picture.
fn chunks(media: &Media, dir: &Path, rate: Rate, lengths: &[u64]) -> Vec<PathBuf> {
    let mut from = 0;
    let mut files = Vec::new();
    for (number, length) in lengths.iter().enumerate() {
        let out = dir.join(format!("chunk-{number}.mp4"));
        files.push(chunk(media, out, rate, from, *length));
        from += length;
    }
    files
}

/// Frames, count and times of the joined film are those of the chunks in order.
fn joins_exactly(rate_text: &str, lengths: &[u64], extra: &[u64]) {
    let (media, rate) = (media(), rate(rate_text));
    let dir = tempfile::tempdir().unwrap();
    let lengths: Vec<u64> = lengths.iter().chain(extra).copied().collect();
    let total: u64 = lengths.iter().sum();
    let files = chunks(&media, dir.path(), rate, &lengths);
    let sound = sound(&media, dir.path(), rate, total);
    let spec = film(dir.path().join("film.mp4"), rate, total);
    media.join(&files, Some(&sound), &spec).unwrap();

    let wanted = hashes(&files).concat();
    assert_eq!(wanted.len() as u64, total, "{rate_text} {lengths:?}");
    let found = media.frame_md5(&spec.out).unwrap();
    let wanted: Vec<FrameHash> = (0..)
        .zip(wanted)
        .map(|(pts, md5)| FrameHash { pts, md5 })
        .collect();
    assert_eq!(found, wanted, "{rate_text} {lengths:?}");
    steady_packets(&spec.out, rate);
    same_length(&spec.out, rate, total);
}

pub(crate) fn steady_packets(film: &Path, rate: Rate) {
    let text = ask("-select_streams v -show_entries packet=dts,pts", film);
    let packets: Vec<(i64, i64)> = text
        .lines()
        .map(|line| {
            let mut fields = line.trim_end_matches(',').split(',');
            let mut next = || fields.next().unwrap().parse().unwrap();
            (next(), next())
        })
        .collect();
    let base = ask("-select_streams v -show_entries stream=time_base", film);
    let (one, scale) = base.trim().split_once('/').unwrap();
    assert_eq!(one, "1");
    let step = scale.parse::<i64>().unwrap() * i64::from(rate.den()) / i64::from(rate.num());
    let mut shown: Vec<i64> = packets.iter().map(|packet| packet.0).collect();
    shown.sort_unstable();
    let expected: Vec<i64> = (0..).map(|n| n * step).take(shown.len()).collect();
    assert_eq!(shown, expected);
    assert!(packets.windows(2).all(|pair| pair[1].1 - pair[0].1 == step));
    assert!(packets.iter().all(|(pts, dts)| dts <= pts));
}

pub(crate) fn same_length(film: &Path, rate: Rate, frames: u64) {
    let exact = frames as f64 / rate.per_second();
    for stream in ["v", "a"] {
        let text = ask(
            &format!("-select_streams {stream} -show_entries stream=duration"),
            film,
        );
        let seconds: f64 = text.trim().parse().unwrap();
        assert!(
            (seconds - exact).abs() < 1.0 / rate.per_second(),
            "{stream} {seconds} {exact}"
        );
    }
}

const LENGTHS: [u64; 6] = [1, 2, 3, 7, 30, 100];

#[test]
fn chunks_join_exactly_at_23_976() {
    joins_exactly("24000/1001", &LENGTHS, &[1, 1, 2, 3]);
}

#[test]
fn chunks_join_exactly_at_25() {
    joins_exactly("25", &LENGTHS, &[3, 1, 1, 2]);
}

#[test]
fn chunks_join_exactly_at_30() {
    joins_exactly("30", &LENGTHS, &[2, 7, 1]);
}

#[test]
fn chunks_join_exactly_at_60() {
    joins_exactly("60", &LENGTHS, &[1, 30, 2]);
}

/// The film's coded frames can be told apart without the container's help too.
#[test]
fn a_bare_stream_of_single_frames_keeps_them_all() {
    let (media, rate) = (media(), rate("25"));
    let dir = tempfile::tempdir().unwrap();
    let files = chunks(&media, dir.path(), rate, &[1; 9]);
    let spec = film(dir.path().join("film.mp4"), rate, 9);
    media.join(&files, None, &spec).unwrap();
    let bare = dir.path().join("bare.h264");
    make(&format!("-i {} -c copy", spec.out.display()), &bare);
    assert_eq!(media.frame_md5(&bare).unwrap().len(), 9);
}

#[test]
fn chunks_all_of_one_frame_or_two() {
    joins_exactly("30000/1001", &[1; 12], &[]);
    joins_exactly("25", &[2; 8], &[]);
}

#[test]
fn two_hundred_chunks_under_hostile_names_twice_the_same() {
    let (media, rate) = (media(), rate("30"));
    let top = tempfile::tempdir().unwrap();
    let dir = top
        .path()
        .join("-i 'a\" %d\n\u{fc}\u{1f600} #;[x] concat:b|c");
    std::fs::create_dir(&dir).unwrap();
    let lengths = [3, 1, 4, 2];
    let few = chunks(&media, &dir, rate, &lengths);
    let files: Vec<PathBuf> = few.iter().cycle().take(200).cloned().collect();
    let mix = sound(&media, &dir, rate, 500);
    let mut films = Vec::new();
    for name in ["-one.mp4", "two %d.mp4"] {
        let mut spec = film(dir.join(name), rate, 500);
        spec.title = Some("A title; with = and \\ and #\n[CHAPTER]".to_owned());
        spec.language = Some("en-GB".to_owned());
        spec.chapters = vec![
            (Frames(0), "One".to_owned()),
            (Frames(100), "[Two]=;".to_owned()),
        ];
        media.join(&files, Some(&mix), &spec).unwrap();
        films.push(std::fs::read(&spec.out).unwrap());
        unsigned(&films[0]);
        assert_eq!(
            ask(
                "-select_streams a -show_entries stream_tags=language",
                &spec.out
            )
            .trim(),
            "eng"
        );
        assert_eq!(
            ask("-show_entries format_tags=title", &spec.out).trim_end(),
            "\"A title; with = and \\ and # [CHAPTER]\"".trim_matches('"')
        );
        let chapters = ask(
            "-show_chapters -show_entries chapter=start_time:chapter_tags=title",
            &spec.out,
        );
        assert_eq!(chapters, "0.000000,One\n3.333333,[Two]=;\n");
    }
    assert!(films[0] == films[1], "the same chunks gave different bytes");
    let left = std::fs::read_dir(&dir).unwrap().count();
    assert_eq!(left, 4 + 2 + 2, "nothing of the work is left behind");
}

/// No version of a program is written: it would change the bytes.
pub(crate) fn unsigned(bytes: &[u8]) {
    for sign in ["x264 - core", "Lavf", "Lavc5", "Lavc6"] {
        assert!(!String::from_utf8_lossy(bytes).contains(sign), "{sign}");
    }
}

#[test]
fn a_chunk_is_the_same_bytes_again_and_says_nothing_about_its_maker() {
    let media = media();
    let dir = tempfile::tempdir().unwrap();
    let one = chunk(&media, dir.path().join("1.mp4"), rate("25"), 0, 60);
    let two = std::thread::scope(|scope| {
        let make = |name: &'static str| chunk(&media, dir.path().join(name), rate("25"), 0, 60);
        let threads: Vec<_> = ["2.mp4", "3.mp4", "4.mp4"]
            .map(|name| scope.spawn(move || make(name)))
            .into();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .next()
            .unwrap()
    });
    let bytes = std::fs::read(one).unwrap();
    assert!(bytes == std::fs::read(&two).unwrap());
    unsigned(&bytes);
    let tags = "-select_streams v -show_entries stream=profile,sample_aspect_ratio,pix_fmt,color_range,color_space,color_transfer,color_primaries,has_b_frames";
    assert_eq!(
        ask(tags, &two).trim(),
        "High,2,1:1,yuv420p,tv,bt709,bt709,bt709"
    );
}

#[test]
fn colours_stay_tagged_and_sound_can_be_left_out() {
    let (media, rate) = (media(), rate("25"));
    let dir = tempfile::tempdir().unwrap();
    let files = chunks(&media, dir.path(), rate, &[5, 5]);
    let spec = film(dir.path().join("film.mp4"), rate, 10);
    media.join(&files, None, &spec).unwrap();
    let tags =
        "-show_entries stream=codec_name,color_range,color_space,color_transfer,color_primaries";
    assert_eq!(ask(tags, &spec.out).trim(), "h264,tv,bt709,bt709,bt709");
    let bytes = std::fs::read(&spec.out).unwrap();
    let at = |name: &[u8]| bytes.windows(4).position(|four| four == name).unwrap();
    assert!(at(b"moov") < at(b"mdat"), "it plays while it loads");
    at(b"colr");
}

/// What ffprobe tells of a film that ffmpeg wrote, it tells of ours: every packet with its times, every
/// stream, and the chapters.
#[test]
fn a_film_is_what_ffmpeg_makes_of_the_same() {
    let (media, rate) = (media(), rate("24000/1001"));
    let dir = tempfile::tempdir().unwrap();
    let files = chunks(&media, dir.path(), rate, &[40, 1, 59]);
    let sound = sound(&media, dir.path(), rate, 100);
    let silent = film(dir.path().join("silent.mp4"), rate, 100);
    media.join(&files, None, &silent).unwrap();
    let mut spec = film(dir.path().join("film.mp4"), rate, 100);
    spec.title = Some("Ein Titel — 題".to_owned());
    spec.language = Some("de".to_owned());
    spec.chapters = vec![
        (Frames(0), "Eins".to_owned()),
        (Frames(24), "Zwei é".to_owned()),
    ];
    media.join(&files, Some(&sound), &spec).unwrap();
    let notes = dir.path().join("notes.txt");
    let chapter = |from: u32, to: u32, name: &str| {
        format!("[CHAPTER]\nTIMEBASE=1001/24000\nSTART={from}\nEND={to}\ntitle={name}\n")
    };
    let (one, two) = (chapter(0, 24, "Eins"), chapter(24, 100, "Zwei é"));
    std::fs::write(
        &notes,
        format!(";FFMETADATA1\ntitle=Ein Titel — 題\n{one}{two}"),
    )
    .unwrap();
    let theirs = dir.path().join("theirs.mp4");
    make(
        &format!(
            "-i {} -i {} -f ffmetadata -i {} -map 0:v -map 1:a -c copy -map_metadata 2 \
             -map_chapters 2 -metadata:s:v language=deu -metadata:s:a language=deu \
             -fflags +bitexact -movie_timescale 24000 -video_track_timescale 24000",
            silent.out.display(),
            sound.display(),
            notes.display()
        ),
        &theirs,
    );
    for question in [
        "-select_streams v -show_entries packet=pts,dts,duration,size,flags",
        "-select_streams a -show_entries packet=pts,dts,duration,size,flags:packet_side_data",
        "-select_streams v -show_entries stream=codec_tag_string,time_base,duration,nb_frames,start_time,extradata_size,disposition:stream_tags",
        "-select_streams a -show_entries stream=codec_tag_string,time_base,duration,nb_frames,start_time,extradata_size,disposition:stream_tags",
        "-select_streams d -show_entries stream=codec_tag_string,time_base,duration,nb_frames,start_time,disposition",
        "-show_entries format=start_time,duration:format_tags",
        "-show_chapters",
    ] {
        let (ours, theirs) = (ask(question, &spec.out), ask(question, &theirs));
        assert!(!ours.trim().is_empty(), "{question}");
        assert_eq!(ours, theirs, "{question}");
    }
}

#[test]
fn a_chapter_may_begin_late_and_quicktime_has_no_sound() {
    let (media, rate) = (media(), rate("25"));
    let dir = tempfile::tempdir().unwrap();
    let files = chunks(&media, dir.path(), rate, &[50]);
    let mut spec = film(dir.path().join("film.mp4"), rate, 50);
    // Longer than a byte can count, and cut within a letter.
    spec.chapters = vec![(Frames(10), "é".repeat(200)), (Frames(40), "b".to_owned())];
    media.join(&files, None, &spec).unwrap();
    let chapters = ask("-show_chapters -show_entries chapter=start_time", &spec.out);
    let starts: Vec<&str> = chapters.lines().map(|line| &line[..8]).collect();
    assert_eq!(starts, ["0.400000", "1.600000"]);
    assert_eq!(media.frame_md5(&spec.out).unwrap().len(), 50);
    spec.container = Container::Mov;
    let sound = sound(&media, dir.path(), rate, 50);
    let refusal = media.join(&files, Some(&sound), &spec).unwrap_err();
    assert_eq!(refusal.kind(), MediaErrorKind::BadRequest);
    // A picture is no sound, and half a sound is none.
    spec.container = Container::Mp4;
    let whole = std::fs::read(&sound).unwrap();
    std::fs::write(&sound, &whole[..whole.len() / 2]).unwrap();
    for wrong in [&files[0], &sound] {
        let refusal = media.join(&files, Some(wrong), &spec).unwrap_err();
        assert_eq!(refusal.kind(), MediaErrorKind::BadMedia);
    }
}

#[test]
fn what_cannot_be_joined_is_refused() {
    let (media, rate) = (media(), rate("25"));
    let dir = tempfile::tempdir().unwrap();
    let mut files = chunks(&media, dir.path(), rate, &[5, 5]);
    let spec = film(dir.path().join("film.mp4"), rate, 11);
    let refusal = media.join(&files, None, &spec).unwrap_err();
    assert_eq!(refusal.kind(), MediaErrorKind::BadRequest);
    let foreign = dir.path().join("foreign.mp4");
    make(
        "-f lavfi -i testsrc2=s=128x64:r=25:d=0.2 -c:v libx264 -pix_fmt yuv420p",
        &foreign,
    );
    files.push(foreign);
    let spec = film(dir.path().join("film.mp4"), rate, 15);
    let refusal = media.join(&files, None, &spec).unwrap_err();
    assert_eq!(refusal.kind(), MediaErrorKind::BadMedia);
    let bytes = std::fs::read(&files[0]).unwrap();
    std::fs::write(&files[0], &bytes[..bytes.len() / 2]).unwrap();
    let refusal = media.join(&files[..2], None, &spec).unwrap_err();
    assert_eq!(refusal.kind(), MediaErrorKind::BadMedia);
    assert!(!spec.out.exists());
}
