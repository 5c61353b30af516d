"""Aligners beside each other on a corpus: errors of word starts in ms.

usage: compare.py OURS CORPUS.json...     OURS is the example `align`, built

Ours, PocketSphinx 5 and aeneas run here where they can be imported, echogarden where `echogarden` is on the path.
Each aligns one sentence at a time. A word that gets no time counts as found nowhere.
"""
import json, re, subprocess, sys, tempfile, time
from pathlib import Path

import numpy as np
import soundfile


def ours(program, corpus, _):
    return json.loads(subprocess.run([program, corpus], check=True, capture_output=True).stdout)


def tokens(text):
    return [(m.start(), m.end()) for m in re.finditer(r"\S+", text) if any(c.isalnum() for c in m.group())]


def pocketsphinx(_, __, lines):
    """Knows only words of its dictionary: lines with others, and numbers, are left out."""
    from pocketsphinx import Decoder
    decoder = Decoder(lm=None, loglevel="FATAL")
    out = []
    for text, sound, rate in lines:
        spans = tokens(text)
        words = [re.sub(r"[^a-z']", "", text[a:b].lower().replace("\u2019", "'")) for a, b in spans]
        if any(re.search(r"\d", text[a:b]) for a, b in spans) or any(not w or decoder.lookup_word(w) is None for w in words):
            out.append(None)
            continue
        decoder.set_align_text(" ".join(words))
        decoder.start_utt()
        decoder.process_raw((sound * 32767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        said = [s for s in decoder.seg() or [] if not s.word.startswith("<") and s.word != "(NULL)"]
        times = [(s.start_frame / 100, (s.end_frame + 1) / 100) for s in said]
        out.append([[*span, *t] for span, t in zip(spans, times)] if len(times) == len(spans) else [])
    return out


def aeneas(_, __, lines):
    from aeneas.executetask import ExecuteTask
    from aeneas.runtimeconfiguration import RuntimeConfiguration
    from aeneas.task import Task
    settings = RuntimeConfiguration("mfcc_window_length=0.020|mfcc_window_shift=0.005|mfcc_mask_nonspeech=True")
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for text, sound, rate in lines:
            wav, script = Path(folder) / "a.wav", Path(folder) / "a.txt"
            soundfile.write(wav, sound, rate)
            spans = tokens(text)
            script.write_text("\n".join(text[a:b] for a, b in spans))
            task = Task("task_language=eng|is_text_type=plain|os_task_file_format=json")
            task.audio_file_path_absolute, task.text_file_path_absolute = str(wav), str(script)
            ExecuteTask(task, rconf=settings).execute()
            leaves = [f for f in task.sync_map_leaves() if f.fragment_type == 0] if hasattr(task, "sync_map_leaves") else task.sync_map.fragments
            out.append([[*span, float(f.begin), float(f.end)] for span, f in zip(spans, leaves)])
    return out


def echogarden(_, __, lines):
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for text, sound, rate in lines:
            wav, script, result = (Path(folder) / name for name in ("a.wav", "a.txt", "a.json"))
            soundfile.write(wav, sound, rate)
            script.write_text(text)
            subprocess.run(["echogarden", "align", wav, script, result, "--engine=dtw", "--language=en", "--overwrite"],
                           check=True, capture_output=True, timeout=120)
            words, at = [], 0
            def walk(entries):
                for entry in entries:
                    if entry["type"] == "word":
                        yield entry
                    else:
                        yield from walk(entry.get("timeline", []))
            for entry in walk(json.loads(result.read_text())):
                start = text.find(entry["text"], at)
                if start >= 0:
                    at = start + len(entry["text"])
                    words.append([start, at, entry["startTime"], entry["endTime"]])
            out.append(words)
    return out


def errors(truth, times):
    for line, found in zip(truth["lines"], times):
        for start, end, first, _ in line["words"] if found is not None else []:
            own = [w[2] for w in found if w[0] < end and w[1] > start]
            yield abs(min(own) * 1000 - first / truth["rate"] * 1000) if own else 10_000.0


def main():
    program, *names = sys.argv[1:]
    rows = [("Workprint", ours), ("PocketSphinx 5", pocketsphinx), ("echogarden dtw", echogarden), ("aeneas", aeneas)]
    print(f"{'':16}{'words':>7}{'median':>8}{'p95':>8}{'<=50':>8}{'<=100':>8}{'s':>7}")
    for name, align in rows:
        found, began = [], time.monotonic()
        try:
            for corpus in names:
                truth = json.loads(Path(corpus).read_text())
                sound, rate = soundfile.read(Path(corpus).with_suffix(".flac"), dtype="float32")
                lines = [(l["text"], sound[l["from"]:l["from"] + l["samples"]], rate) for l in truth["lines"]]
                found += errors(truth, align(program, corpus, lines))
        except (ImportError, FileNotFoundError) as error:
            print(f"{name:16} not installed ({error})")
            continue
        except subprocess.CalledProcessError as error:
            print(f"{name:16} failed: {error.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
            continue
        e = np.array(found)
        print(f"{name:16}{len(e):7}{np.median(e):8.1f}{np.percentile(e, 95):8.1f}{(e <= 50).mean() * 100:8.1f}"
              f"{(e <= 100).mean() * 100:8.2f}{time.monotonic() - began:7.0f}")


main()
