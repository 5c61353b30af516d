#!/usr/bin/env python3
"""Speak a text with the program espeak-ng: one second of silence, then sentence by sentence with 0.9 s between.

usage: narrate.py TEXT WAV WORDS_A_MINUTE
"""
import io
import re
import subprocess
import sys
import wave

text, out, wpm = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2], sys.argv[3]
track, rate = b"", 0
for sentence in re.findall(r"[^.]+\.", " ".join(text.split())):
    spoken = subprocess.run(["espeak-ng", "-v", "en", "-s", wpm, "--stdout", sentence.strip()], check=True, stdout=subprocess.PIPE).stdout
    with wave.open(io.BytesIO(spoken)) as w:
        rate = w.getframerate()
        # A stream's header promises more than there is.
        samples = w.readframes(w.getnframes())
    track += samples[: len(samples) // 2 * 2] + bytes(2 * int(0.9 * rate))
with wave.open(out, "wb") as w:
    w.setnchannels(1)
    w.setsampwidth(2)
    w.setframerate(rate)
    w.writeframes(bytes(2 * rate) + track)
