#!/usr/bin/env python3
"""The results as Markdown. usage: table.py RESULTS_FOLDER"""
import json
import os
import statistics as st
import sys

order = ["limit", "workprint", "ffmpeg-graph", "moviepy"]
R = {}
for f in os.listdir(sys.argv[1]):
    if f.endswith(".json"):
        r = json.load(open(os.path.join(sys.argv[1], f)))
        R[r["name"]] = r
names = [k for k in order if k in R] + sorted(set(R) - set(order))
base = st.median(x["cpu_s"] for x in R["limit"]["rows"] if x["phase"] == "cold") if "limit" in R else None


def med(rows, k):
    return st.median(x[k] for x in rows)


def n(x, d=0):
    return "–" if x is None else f"{x:.{d}f}"


print("| contestant | runs | CPU s | × limit | wall s | other load, CPU s | peak MiB, tree (largest process) | MB |")
print("| --- | --: | --: | --: | --: | --: | --: | --: |")
for k in names:
    r = R[k]
    c = [x for x in r["rows"] if x["phase"] == "cold"]
    if not c:
        continue
    # A longer episode has another floor.
    b = None if k.endswith("-ten") else st.median(x["cpu_s"] for x in r["pairs"]) if r.get("pairs") else base
    spread = f" ({min(x['cpu_s'] for x in c):.1f}–{max(x['cpu_s'] for x in c):.1f})" if len(c) > 1 else ""
    print(f"| {k} | {len(c)} | {med(c, 'cpu_s'):.1f}{spread} | {n(b and med(c, 'cpu_s') / b, 2)} | {med(c, 'wall_s'):.1f} | {med(c, 'foreign_cpu_s'):.0f} | "
          f"{med(c, 'peak_tree_mib'):.0f} ({med(c, 'peak_one_mib'):.0f}) | {n(r.get('check', {}).get('bytes', 0) / 1e6, 1)} |")
print("\n| contestant | VMAF mean / min | PSNR-Y dB | SSIM | zoom shake px | frames | A/V gap, frames | colour tag / true matrix | music dB: pauses / under speech |")
print("| --- | --: | --: | --: | --: | --: | --: | --- | --: |")
for k in names:
    q = R[k].get("check")
    if q and "vmaf" in q:
        print(f"| {k} | {q['vmaf']:.1f} / {q['vmaf_min']:.0f} | {q['psnr_y']:.1f} | {q['ssim']:.4f} | {q['shake_px']:.2f} | {q['frames']} | {n(q.get('av_gap_frames'), 2)} | "
              f"{q['matrix_tag'] or 'none'} / {q['matrix']} | {n(q.get('music_db_in_pauses'), 1)} / {n(q.get('music_db_under_speech'), 1)} |")
print("\n| contestant | cold CPU s (wall) | no change | one caption word | one still |")
print("| --- | --: | --: | --: | --: |")
for k in names:
    r = R[k]
    if not any(x["phase"] == "noop" for x in r["rows"]):
        continue
    cell = []
    for p in ("cold", "noop", "caption", "still"):
        c = [x for x in r["rows"] if x["phase"] == p and x["rc"] == 0]
        cell.append(f"{med(c, 'cpu_s'):.1f} ({med(c, 'wall_s'):.1f})" if c else "–")
    print(f"| {k} | " + " | ".join(cell) + " |")
