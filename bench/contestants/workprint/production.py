#!/usr/bin/env python3
"""The race's episode as a Workprint production. usage: production.py PROJECT PLATE.svg

The material is linked, not copied. A cue holds a minute of the narration: its voice is the race's recording, its words
the race's words. Every shot begins on its frame, with the race's dissolve; a still's zoom runs on under the next fade.
"""
import json
import os
import shutil
import sys

P, plate = sys.argv[1:3]
E = json.load(open(os.path.join(P, "episode.json")))
words = json.load(open(os.path.join(P, "words.json")))["words"]
out = os.path.join(P, "production")
media = os.path.join(out, "media")
os.makedirs(os.path.join(media, "graphics"), exist_ok=True)
os.makedirs(os.path.join(out, "episodes/race"), exist_ok=True)


def put(path, text):
    with open(os.path.join(out, path), "w", encoding="utf-8") as f:
        f.write(text)


for folder in ("stills", "clips", ""):
    os.makedirs(os.path.join(media, folder), exist_ok=True)
    for name in os.listdir(os.path.join(P, folder)):
        link = os.path.join(media, folder, name)
        if (folder or name.endswith(".wav")) and not os.path.exists(link):
            os.link(os.path.join(P, folder, name), link)
shutil.copyfile(plate, os.path.join(media, "graphics/plate.svg"))
put("media/words.json", json.dumps({"words": [{"word": w["w"], "start": w["s"], "end": w["e"]} for w in words]}))
put("show.toml", f"""format = "workprint.show/1"
title = "The race"
[outputs.main]
width = {E["width"]}
height = {E["height"]}
rate = "{E["fps"]}"
crf = {E["crf"]}
preset = "{E["preset"]}"
audio_kbps = {E["audio_kbps"]}
[timing]
lead_ms = 0
tail_ms = 0
[caption_styles.race]
size = 5.55
outline = 6.67
bottom = 6.5
""")
fade_ms = E["fade"] * 1000 // E["fps"]
z0, z1 = E["zoom"]
shots = []
for k, s in enumerate(E["shots"]):
    seen = s["frames"] - 1
    zoom = z0 + (z1 - z0) * seen / (E["zoom_frames"] - 1)
    shot = {"id": f"shot-{k + 1}", "starts": {"ms": s["start"] * 1000 // E["fps"]}}
    if s["kind"] == "clip":
        shot["picture"] = {"clip": {"file": "media/" + s["file"]}}
    else:
        shot["picture"] = {"image": {"file": "media/" + s["file"]}}
        shot["move"] = {"from": {"zoom": 100 * z0}, "to": {"zoom": round(100 * zoom, 2)}, "ease": "linear"}
    if k:
        shot["transition"] = {"dissolve": {"ms": fade_ms}}
    shots.append(shot)


def cue(minute):
    """A minute of narration: its part of the recording, its words, its twelve shots."""
    first = 60 * minute
    mine = [w["w"] for w in words if first <= w["s"] < first + 60]
    own = [dict(s, starts={"ms": s["starts"]["ms"] - first * 1000}) for s in shots[12 * minute:12 * minute + 12]]
    return {"id": f"narration-{minute + 1}", "speaker": "narrator", "text": " ".join(mine), "shots": own,
            "recording": {"file": "media/voice.wav", "words": "media/words.json", "from_ms": first * 1000, "to_ms": (first + 60) * 1000}}


minutes = E["frames"] // E["fps"] // 60
pl = E["plate"]
put("episodes/race/manifest.json", json.dumps({
    "format": "workprint.manifest/1", "title": "The race", "language": "en",
    "cast": [{"id": "narrator", "voice": {"name": "espeak:en"}}],
    "captions": {"burn": True, "style": "race", "line_length": 80, "lines": 1, "words": 6},
    "scenes": [{"id": "all", "cues": [cue(minute) for minute in range(minutes)]}],
    "overlays": [{"id": "plate", "graphic": "plate", "fade_ms": round(pl["fade"] * 1000),
                  "from": {"cue": "narration-1", "offset_ms": round(pl["start"] * 1000)},
                  "to": {"cue": "narration-1", "offset_ms": round(pl["end"] * 1000)}}],
    "music": [{"id": "music", "source": {"file": "media/music.wav"}, "gain_db": E["music_gain_db"], "duck_db": E["duck_db"],
               "fade_in_ms": 0, "fade_out_ms": 0}],
    # The race fixes its words for all contestants; the recording says them at a pace of its own.
    "waive": {"sync": "the race's words are not those of its recording"},
}, indent=1))
for name in ("words", "episode"):
    shutil.copyfile(os.path.join(P, name + ".json"), os.path.join(out, name + "-seen.json"))
