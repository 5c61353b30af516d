#!/usr/bin/env python3
"""Writes the set of this example, a bus stop at night: stop.svg, and moonrise.svg where the moon is up."""

import random
from pathlib import Path

INK = "#2a2140"
LEFT, RIGHT, TOP, BOTTOM = -220, 2140, -140, 1220


def rect(x, y, w, h, fill, more=""):
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{fill}"{more}/>'


def layer(name, depth, content):
    return f'<g id="{name}" data-depth="{depth}">\n{content}\n</g>'


def stars(chance):
    out = []
    for _ in range(110):
        x, y = chance.uniform(LEFT, RIGHT), chance.uniform(TOP, 560)
        r = chance.choice((1.6, 2.0, 2.6, 3.4))
        out.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r}" fill="#fff3d4" opacity="{chance.uniform(0.25, 0.9):.2f}"/>')
    return "".join(out)


def roofs(chance, base, low, high, fill, lit, width):
    """A row of houses with pointed roofs and some lit windows."""
    out, x = [], LEFT
    while x < RIGHT:
        w, h = chance.uniform(*width), chance.uniform(low, high)
        top = base - h
        gable = chance.uniform(0.25, 0.45) * w
        out.append(f'<path d="M{x:.0f},{BOTTOM}V{top:.0f}L{x + w / 2:.0f},{top - gable:.0f}L{x + w:.0f},{top:.0f}V{BOTTOM}Z" fill="{fill}"/>')
        if chance.random() < 0.6:
            cx = x + w * chance.choice((0.22, 0.7))
            out.append(rect(cx, top - gable * 0.75, w * 0.1, gable * 0.75, fill))
        if lit:
            columns, size = max(1, int(w // 74)), 30
            gap = w / (columns + 1)
            for row in range(int(h // 84)):
                for column in range(columns):
                    wx, wy = x + gap * (column + 1) - size / 2, top + 30 + row * 84
                    glow = chance.random() < 0.4
                    out.append(rect(wx, wy, size, 42, "#ffd27a" if glow else "#2f2a5c", ' rx="3"' + (' opacity="0.9"' if glow else "")))
                    if glow:
                        out.append(f'<path d="M{wx + size / 2:.0f},{wy:.0f}V{wy + 42:.0f}M{wx:.0f},{wy + 20:.0f}H{wx + size:.0f}" stroke="#b9793f" stroke-width="3" fill="none"/>')
        x += w - chance.uniform(4, 18)
    return "".join(out)


def moon(x, y, r):
    craters = "".join(
        f'<circle cx="{x + dx * r:.0f}" cy="{y + dy * r:.0f}" r="{s * r:.0f}" fill="#f1d99a"/>'
        for dx, dy, s in ((-0.35, -0.25, 0.18), (0.3, -0.42, 0.11), (0.1, 0.3, 0.24), (-0.48, 0.36, 0.1), (0.55, 0.12, 0.09))
    )
    return f'<circle cx="{x}" cy="{y}" r="{r * 3.4:.0f}" fill="url(#glow)"/><circle cx="{x}" cy="{y}" r="{r}" fill="#fff0c4"/>{craters}'


def sign():
    """The stop: a pole, a round sign with a seven, a timetable."""
    return (
        '<ellipse cx="1452" cy="968" rx="60" ry="9" fill="#120d28" opacity="0.4"/>'
        f'<rect x="1443" y="420" width="18" height="548" rx="5" fill="#6f78a8" stroke="{INK}" stroke-width="5"/>'
        f'<circle cx="1452" cy="382" r="82" fill="#e5563f" stroke="{INK}" stroke-width="6"/>'
        f'<circle cx="1452" cy="382" r="64" fill="#fff3d8" stroke="{INK}" stroke-width="5"/>'
        f'<path d="M1424,348H1482C1464,372 1450,398 1446,424" fill="none" stroke="{INK}" stroke-width="16" stroke-linecap="round" stroke-linejoin="round"/>'
        f'<rect x="1404" y="540" width="96" height="128" rx="7" fill="#fff3d8" stroke="{INK}" stroke-width="5"/>'
        + "".join(f'<path d="M1420,{y}H{1484 if y % 40 else 1462}" stroke="#a89fc4" stroke-width="6" stroke-linecap="round"/>' for y in range(566, 660, 20))
    )


def lamp():
    return (
        '<path d="M330,330L40,985H640Z" fill="url(#cone)"/>'
        '<ellipse cx="340" cy="970" rx="330" ry="42" fill="#ffdf94" opacity="0.28"/>'
        f'<rect x="150" y="300" width="20" height="672" rx="6" fill="#4a4573" stroke="{INK}" stroke-width="5"/>'
        f'<rect x="134" y="930" width="52" height="46" rx="8" fill="#4a4573" stroke="{INK}" stroke-width="5"/>'
        f'<path d="M160,304C164,226 250,206 322,250" fill="none" stroke="{INK}" stroke-width="26" stroke-linecap="round"/>'
        '<path d="M160,304C164,226 250,206 322,250" fill="none" stroke="#4a4573" stroke-width="16" stroke-linecap="round"/>'
        f'<path d="M278,312C282,262 378,262 382,312Z" fill="#4a4573" stroke="{INK}" stroke-width="5"/>'
        f'<path d="M292,314C296,350 364,350 368,314Z" fill="#fff0bd" stroke="{INK}" stroke-width="5"/>'
        '<circle cx="330" cy="326" r="130" fill="url(#glow)"/>'
    )


def bench():
    legs = "".join(f'<path d="M{x},880V962" stroke="{INK}" stroke-width="22" stroke-linecap="round"/><path d="M{x},880V960" stroke="#4a4573" stroke-width="12" stroke-linecap="round"/>' for x in (1640, 1990))
    slats = "".join(f'<rect x="1590" y="{y}" width="450" height="26" rx="10" fill="{fill}" stroke="{INK}" stroke-width="5"/>' for y, fill in ((742, "#b9653f"), (784, "#a9573a"), (862, "#c9744a")))
    backs = "".join(f'<path d="M{x},740V870" stroke="{INK}" stroke-width="16"/>' for x in (1660, 1970))
    return backs + slats + legs


def ground(chance):
    """A pavement of slabs, the kerb and the street with a puddle."""
    out = [rect(LEFT, 872, RIGHT - LEFT, 400, "#5a5388"), rect(LEFT, 872, RIGHT - LEFT, 10, "#716aa3")]
    for x in range(LEFT, RIGHT, 230):
        out.append(f'<path d="M{x},882L{960 + (x - 960) * 1.22:.0f},1040" stroke="#4b4477" stroke-width="5"/>')
    out.append(f'<path d="M{LEFT},946H{RIGHT}" stroke="#4b4477" stroke-width="5"/>')
    for _ in range(26):
        x, y = chance.uniform(LEFT, RIGHT), chance.uniform(890, 1030)
        out.append(f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{chance.uniform(5, 16):.0f}" ry="3" fill="#514a7d"/>')
    return "".join(out)


def street(up):
    out = [rect(LEFT, 1036, RIGHT - LEFT, 30, "#8a83b8"), rect(LEFT, 1062, RIGHT - LEFT, 12, "#3b3566"), rect(LEFT, 1072, RIGHT - LEFT, 240, "#2b2654")]
    shine = "#ffe9b0" if up else "#7f78b4"
    out.append(f'<ellipse cx="1050" cy="1140" rx="330" ry="26" fill="#3d3870"/><ellipse cx="1080" cy="1138" rx="170" ry="9" fill="{shine}" opacity="0.55"/>')
    return "".join(out)


def scene(up):
    chance = random.Random(7)
    where = (962, 250, 122) if up else (962, 700, 118)
    sky = '<rect x="-220" y="-140" width="2360" height="1360" fill="url(#dusk)"/>' + stars(chance)
    layers = [
        layer("sky", 0, sky),
        layer("moon", 4, moon(*where)),
        layer("far", 16, roofs(chance, 860, 130, 250, "#443c7c", False, (150, 260))),
        layer("houses", 30, roofs(chance, 880, 190, 330, "#37306a", True, (210, 330))),
        layer("pavement", 50, ground(chance) + bench() + sign() + lamp()),
        layer("street", 78, street(up)),
    ]
    name = "The stop, and the moon" if up else "The stop"
    tint = ("#1b1a4a", "#3a3480", "#7b5ba6", "#e79a9a") if up else ("#17163f", "#2d2a6b", "#5a4a92", "#b06f92")
    stops = "".join(f'<stop offset="{at}" stop-color="{colour}"/>' for at, colour in zip((0, 0.38, 0.68, 1), tint))
    halo = "".join(f'<stop offset="{at}" stop-color="#ffe6ae" stop-opacity="{o}"/>' for at, o in ((0, 0.55), (0.3, 0.3), (0.55, 0.12), (0.8, 0.03), (1, 0)))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1920 1080" width="1920" height="1080">
<title>{name}</title>
<!-- Workprint contributors, CC-BY-4.0. Made by src/make-set.py -->
<defs>
<linearGradient id="dusk" x1="0" y1="-140" x2="0" y2="900" gradientUnits="userSpaceOnUse">{stops}</linearGradient>
<radialGradient id="glow" cx="0.5" cy="0.5" r="0.5">{halo}</radialGradient>
<linearGradient id="cone" x1="0" y1="320" x2="0" y2="985" gradientUnits="userSpaceOnUse"><stop offset="0" stop-color="#ffe6a8" stop-opacity="0.34"/><stop offset="1" stop-color="#ffe6a8" stop-opacity="0.05"/></linearGradient>
</defs>
{chr(10).join(layers)}
</svg>
"""


def main():
    out = Path(__file__).resolve().parent.parent
    (out / "stop.svg").write_text(scene(False))
    (out / "moonrise.svg").write_text(scene(True))


if __name__ == "__main__":
    main()
