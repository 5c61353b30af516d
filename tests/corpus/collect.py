"""Joins the lines that one voice spoke into VOICE.flac (16 kHz, mono) and VOICE.json.

usage: collect.py FOLDER TEXT OUT NAME LANGUAGE LICENCE ENCODING

Every line: its text, its samples, and every written token with its place in the text (characters) and
its samples in the line. A token that was said as several ("1,250") lasts from its first to its last.
"""
import array, glob, json, os, re, subprocess, sys

RATE = 16_000
LIPS = {"p", "b", "m", "em", "pp", "bb", "mm"}


def read_times(path, encoding):
    tokens = []
    for line in open(path, encoding=encoding, errors="replace"):
        kind, *rest = line.rstrip("\n").split("\t")
        if kind == "T":
            tokens.append((rest[0], []))
        else:
            tokens[-1][1].append((rest[0], float(rest[1]), float(rest[2])))
    return tokens


def place(text, tokens):
    """The written token that each spoken one lies in, with all of its segments."""
    written = [(m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    at, found, lower = 0, {}, text.lower()
    for name, segments in tokens:
        start = lower.find(name.lower(), at)
        if start < 0:
            sys.exit(f"`{name}` is not in `{text}`")
        at = start + len(name)
        word = next(n for n, (a, b) in enumerate(written) if a <= start < b)
        if segments:
            found.setdefault(word, []).extend(segments)
    return [(written[word], segments) for word, segments in sorted(found.items())]


def shorten(samples):
    """Rounds to 13 bits: a third of the size, and far under the voices' own noise."""
    values = array.array("h", samples)
    return array.array("h", (max(-32768, min(32760, (value + 4) // 8 * 8)) for value in values)).tobytes()


def main():
    folder, text, out, name, language, licence, encoding = sys.argv[1:]
    lines, audio = [], bytearray()
    for text_line, wav in zip(open(text, encoding="utf-8"), sorted(glob.glob(f"{folder}/*.wav"))):
        text_line = text_line.rstrip("\n")
        tokens = place(text_line, read_times(wav[:-4] + ".tsv", encoding))
        samples = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", wav, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"],
            check=True, capture_output=True).stdout
        sample = lambda seconds: round(seconds * RATE)
        words, lips = [], []
        for (start, end), segments in tokens:
            words.append([start, end, sample(segments[0][1]), sample(segments[-1][2])])
            lips += [[sample(a), sample(b)] for sound, a, b in segments if sound in LIPS]
        lines.append({"text": text_line, "from": len(audio) // 2, "samples": len(samples) // 2,
                      "words": words, "lips": lips})
        audio += shorten(samples)
    head = {"voice": name, "language": language, "licence": licence, "rate": RATE}
    with open(f"{out}/{name}.json", "w", encoding="utf-8") as file:
        rows = ",\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + f',"lines":[\n{rows}\n]}}\n')
    raw = f"{out}/{name}.raw"
    open(raw, "wb").write(audio)
    subprocess.run(["flac", "-sf8e", "--force-raw-format", "--endian=little", "--sign=signed", "--channels=1",
                    "--bps=16", f"--sample-rate={RATE}", "-o", f"{out}/{name}.flac", raw], check=True)
    os.remove(raw)


main()
