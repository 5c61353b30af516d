#!/usr/bin/env python3
"""Writes the two puppets of this example: bea.svg and otto.svg, beside this folder.

Both are drawn from the same few shapes, so that lines, mouths and eyes are of one hand.
Coordinates: about 640 across and 1000 down, feet on the line 958. See docs/guide/puppets.md for the names.
"""

from pathlib import Path

INK = "#2a2140"
MOUTH = "#5b1f33"
TONGUE = "#ea6f7d"
TEETH = "#fff8ee"
MOODS = ["neutral", "happy", "sad", "angry", "surprised", "worried"]


class Look:
    """How one puppet is drawn: the width of its lines, and where its face sits."""

    def __init__(self, line, mouth_at, mouth_scale):
        self.line = line
        self.mouth_at = mouth_at
        self.mouth_scale = mouth_scale


def path(d, fill="none", stroke=INK, width=0.0, more=""):
    line = f' stroke="{stroke}" stroke-width="{width:g}"' if width else ""
    return f'<path d="{d}" fill="{fill}"{line}{more}/>'


def ellipse(x, y, rx, ry, fill, width=0.0, stroke=INK, more=""):
    line = f' stroke="{stroke}" stroke-width="{width:g}"' if width else ""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{line}{more}/>'


def group(name, content, **attributes):
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f'<g id="{name}"{extra}>\n{content}\n</g>'


def part(identity, name, content, **attributes):
    return group(identity, content, data_part=name, **attributes)


# Mouths are drawn about 0,0 and 100 across at their widest.
def open_mouth(name, d, line, inside):
    clip = f"in-{name}"
    return (
        f'<clipPath id="{clip}"><path d="{d}"/></clipPath>'
        + path(d, fill=MOUTH)
        + f'<g clip-path="url(#{clip})">{inside}</g>'
        + path(d, width=line)
    )


def rounded(w, top, bottom):
    """A mouth with a flat upper and a round lower lip."""
    return (
        f"M{-w},{-top * 0.35:g}C{-w * 0.9:g},{-top:g} {-w * 0.45:g},{-top:g} 0,{-top:g}"
        f"C{w * 0.45:g},{-top:g} {w * 0.9:g},{-top:g} {w},{-top * 0.35:g}"
        f"C{w * 0.98:g},{bottom * 0.62:g} {w * 0.55:g},{bottom:g} 0,{bottom:g}"
        f"C{-w * 0.55:g},{bottom:g} {-w * 0.98:g},{bottom * 0.62:g} {-w},{-top * 0.35:g}Z"
    )


def oval(rx, ry):
    k = 0.5523
    return (
        f"M{-rx},0C{-rx},{-ry * k:g} {-rx * k:g},{-ry} 0,{-ry}C{rx * k:g},{-ry} {rx},{-ry * k:g} {rx},0"
        f"C{rx},{ry * k:g} {rx * k:g},{ry} 0,{ry}C{-rx * k:g},{ry} {-rx},{ry * k:g} {-rx},0Z"
    )


def teeth(y, height, w=60):
    return f'<rect x="{-w}" y="{y - 20}" width="{2 * w}" height="{height + 20}" fill="{TEETH}"/>'


def tongue(y, rx, ry):
    return ellipse(0, y, rx, ry, TONGUE)


def mouth_shapes(line):
    thin = line * 0.75
    clench = path("M-60,1H60", width=thin * 0.75, stroke="#c9b8b4")
    biting = "M-40,-13C-22,-17 22,-17 40,-13C40,4 26,13 0,13C-26,13 -40,4 -40,-13Z"
    shapes = {
        "A": path("M-34,0C-16,-5 16,-5 34,0", width=line) + path("M-15,15C-6,19 6,19 15,15", width=thin * 0.8),
        "B": open_mouth("B", rounded(40, 13, 15), thin, teeth(-13, 40) + clench),
        "C": open_mouth("C", rounded(43, 17, 31), thin, teeth(-17, 13) + tongue(33, 27, 17)),
        "D": open_mouth("D", rounded(45, 22, 56), thin, teeth(-22, 15) + tongue(58, 33, 27)),
        "E": open_mouth("E", oval(33, 30), thin, tongue(32, 24, 15)),
        "F": open_mouth("F", oval(18, 17), line * 1.15, "") + path("M-11,33C-4,36 4,36 11,33", width=thin * 0.8),
        "G": open_mouth("G", biting, thin, teeth(-15, 18)) + path("M-27,20C-12,26 12,26 27,20", width=thin * 0.8),
        "H": open_mouth("H", rounded(42, 17, 33), thin, teeth(-17, 11) + path("M-19,40C-19,4 -8,-8 0,-8C8,-8 19,4 19,40Z", fill=TONGUE)),
        "X": path("M-34,-4C-18,12 18,12 34,-4", width=line),
    }
    rests = {
        "X-happy": path("M-46,-12C-26,24 26,24 46,-12", width=line) + path("M-53,-6C-51,-14 -47,-18 -40,-19M53,-6C51,-14 47,-18 40,-19", width=thin * 0.8),
        "X-sad": path("M-32,11C-16,-7 16,-7 32,11", width=line),
        "X-angry": path("M-35,6C-20,-4 -6,-4 4,2C14,7 24,5 35,-3", width=line),
        "X-surprised": open_mouth("X-surprised", oval(17, 22), thin, ""),
        "X-worried": path("M-34,4C-24,-6 -16,-6 -8,2C0,10 10,8 16,1C22,-5 28,-4 34,2", width=line),
    }
    return {**shapes, **rests}


def mouths(look):
    x, y = look.mouth_at
    shapes = mouth_shapes(look.line / look.mouth_scale)
    return "\n".join(
        group(f"mouth-{name}", f'<g transform="translate({x} {y}) scale({look.mouth_scale:g})">{shape}</g>')
        for name, shape in shapes.items()
    )


def brows(at, spread, width, length=34, much=1.0):
    """Both brows in every mood. Left is the mirror of right; numbers are inner y, arch, outer y."""
    shapes = {
        "neutral": (0, -10, 2),
        "happy": (-6, -20, 0),
        "sad": (-16, -10, 8),
        "angry": (14, -4, -10),
        "surprised": (-26, -42, -20),
        "worried": (-20, -16, 4),
    }
    out = []
    for mood in MOODS:
        inner, arch, outer = (much * y for y in shapes[mood])
        lines = []
        for side in (-1, 1):
            lift = -6 if mood == "worried" and side == 1 else 0
            x0, x1 = at[0] + side * (spread - length), at[0] + side * (spread + length)
            mid = at[0] + side * spread
            lines.append(
                path(
                    f"M{x0:g},{at[1] + inner + lift:g}Q{mid:g},{at[1] + arch + lift:g} {x1:g},{at[1] + outer + lift:g}",
                    width=width,
                )
            )
        out.append(group(f"brow-{mood}", "".join(lines)))
    return "\n".join(out)


def arm(line, sleeve, cuff, hand, thickness, points, fingers="mitten"):
    """A sleeve along a bent line from the shoulder, and a hand at its end."""
    (sx, sy), (ex, ey), (hx, hy) = points
    d = f"M{sx:g},{sy:g}Q{ex:g},{ey:g} {hx:g},{hy:g}"
    # The direction of the forearm.
    dx, dy = hx - ex, hy - ey
    length = (dx * dx + dy * dy) ** 0.5 or 1
    dx, dy = dx / length, dy / length
    r = thickness * 0.6
    cx, cy = hx + dx * r * 1.25, hy + dy * r * 1.25
    out = []
    if fingers == "point":
        tip = (cx + dx * r * 1.7, cy + dy * r * 1.7)
        out.append(path(f"M{cx:g},{cy:g}L{tip[0]:g},{tip[1]:g}", width=r * 0.95 + 2 * line, more=' stroke-linecap="round"'))
    thumb = (cx - dx * r * 0.2 - dy * r * 1.05, cy - dy * r * 0.2 + dx * r * 1.05)
    if fingers != "point":
        out.append(ellipse(thumb[0], thumb[1], r * 0.5, r * 0.5, hand, line))
    out.append(ellipse(cx, cy, r, r, hand, line))
    if fingers == "point":
        out.append(path(f"M{cx:g},{cy:g}L{tip[0]:g},{tip[1]:g}", width=r * 0.95, stroke=hand, more=' stroke-linecap="round"'))
    else:
        out.append(ellipse(thumb[0] + dy * r * 0.35, thumb[1] - dx * r * 0.35, r * 0.46, r * 0.46, hand))
    out.append(path(d, width=thickness + 2 * line, more=' stroke-linecap="round"'))
    out.append(path(d, width=thickness, stroke=sleeve, more=' stroke-linecap="round"'))
    # The cuff lies across the end of the sleeve.
    ax, ay = hx - dx * thickness * 0.12, hy - dy * thickness * 0.12
    px, py = -dy * thickness * 0.42, dx * thickness * 0.42
    out.append(path(f"M{ax + px:g},{ay + py:g}L{ax - px:g},{ay - py:g}", width=thickness * 0.26, stroke=cuff, more=' stroke-linecap="round"'))
    return "".join(out)


def arms(look, colours, thickness, shoulder, poses):
    """Both arms in every pose. Poses are drawn for the right and mirrored for the left."""
    out = []
    for name, (elbow, hand, fingers) in poses.items():
        for side, word in ((-1, "left"), (1, "right")):
            at = lambda point: (320 + side * point[0], point[1])
            shape = arm(look.line, *colours, thickness, [at(shoulder), at(elbow), at(hand)], fingers)
            pivot = at(shoulder)
            out.append(group(f"arm-{word}-{name}", shape, data_pivot=f"{pivot[0]} {pivot[1]}"))
    return "\n".join(out)


def eye_set(look, at, spread, rx, ry, skin, pupil, lid=0.0):
    """Eyes open, half open and closed; `lid` is how far the upper lid hangs when they are open."""
    x, y = at

    def eye(side, name, cover):
        cx = x + side * spread
        clip = f"eye-{name}-{'l' if side < 0 else 'r'}"
        edge = y - ry + 2 * ry * cover
        white = ellipse(cx, y, rx, ry, "#fffdf7", look.line * 0.8)
        lidded = (
            f'<clipPath id="{clip}"><ellipse cx="{cx:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}"/></clipPath>'
            f'<g clip-path="url(#{clip})"><rect x="{cx - rx - 4:g}" y="{y - ry - 4:g}" width="{2 * rx + 8:g}" height="{edge - y + ry + 4:g}" fill="{skin}"/>'
            f'<path d="M{cx - rx - 4:g},{edge:g}H{cx + rx + 4:g}" fill="none" stroke="{INK}" stroke-width="{look.line * 0.8:g}"/></g>'
            + ellipse(cx, y, rx, ry, "none", look.line * 0.8)
        )
        return white, lidded if cover else ""

    def pupils(name, low):
        shape = ""
        for side in (-1, 1):
            cx = x + side * spread - side * 3
            shape += ellipse(cx, y + low, pupil, pupil * 1.08, INK) + ellipse(cx + pupil * 0.34, y + low - pupil * 0.4, pupil * 0.34, pupil * 0.34, "#ffffff")
        return part(f"pupils-{name}", "pupils", shape, data_reach=f"{rx - pupil * 0.96:.1f} {(ry - pupil) * 0.5:.1f}")

    def pair(name, cover, low):
        whites, lids = zip(*(eye(side, name, cover) for side in (-1, 1)))
        return "".join(whites) + "\n" + pupils(name, low) + "\n" + "".join(lids)

    closed = "".join(
        path(
            f"M{x + side * spread - rx:g},{y + ry * 0.1:g}Q{x + side * spread:g},{y + ry * 0.75:g} {x + side * spread + rx:g},{y + ry * 0.1:g}",
            width=look.line,
        )
        for side in (-1, 1)
    )
    return "\n".join(
        [
            group("eyes-open", pair("open", lid, ry * 0.12 if lid else 2)),
            group("eyes-half", pair("half", 0.58, ry * 0.3)),
            group("eyes-closed", closed),
        ]
    )


def svg(title, feet, content):
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="-60 -20 760 1020" width="760" height="1020" data-feet="{feet}" stroke-linecap="round" stroke-linejoin="round">
<title>{title}</title>
<!-- Workprint contributors, CC-BY-4.0. Made by src/make-puppets.py -->
{content}
</svg>
"""


def bea():
    look = Look(line=10.5, mouth_at=(320, 382), mouth_scale=1.12)
    yellow, shade, deep = "#f7bd3d", "#e39a2a", "#c97b1f"
    skin, blush = "#ffdfc6", "#f7a58f"
    boots, sole = "#e5563f", "#b93a32"
    line = look.line

    shadow = group("shadow", ellipse(320, 960, 190, 20, "#120d28", more=' opacity="0.35"'))
    legs = ""
    for side in (-1, 1):
        x = 320 + side * 68
        legs += path(f"M{x - 40},850H{x + 40}V905C{x + 40},905 {x + 42 + side * 18},915 {x + 44 + side * 18},955H{x - 44 + side * 18}C{x - 42 + side * 18},915 {x - 40},905 {x - 40},905Z", fill=boots, width=line)
        legs += path(f"M{x - 38},872H{x + 38}", width=line * 0.7, stroke=sole)
    coat = path("M250,470C205,560 160,700 128,832C126,850 132,862 150,866C260,884 380,884 490,866C508,862 514,850 512,832C480,700 435,560 390,470Z", fill=yellow, width=line)
    fold = path("M136,820C250,842 390,842 504,820C510,846 508,860 490,864C380,880 260,880 150,864C132,860 130,846 136,820Z", fill=shade)
    side = path("M392,476C436,566 480,704 510,834C512,850 506,862 488,865C470,868 452,871 434,872C440,740 424,590 372,486Z", fill=shade, more=' opacity="0.75"')
    seam = path("M320,480V868", width=line * 0.6, stroke=deep)
    buttons = "".join(ellipse(346, y, 13, 13, boots, line * 0.6) for y in (570, 660, 750))
    pocket = "".join(path(f"M{x - 36},716C{x - 14},722 {x + 14},722 {x + 36},716", width=line * 0.7, stroke=deep) for x in (226, 432))
    torso = coat + side + fold + path("M250,470C205,560 160,700 128,832C126,850 132,862 150,866C260,884 380,884 490,866C508,862 514,850 512,832C480,700 435,560 390,470Z", width=line) + seam + buttons + pocket

    def hood(lean):
        """The hood, its opening moved to the side that she looks to."""
        dx = 26 * lean
        peak = f"M320,66C{432 + dx * 0.2:g},66 520,160 520,286C520,404 452,500 320,500C188,500 120,404 120,286C120,160 {208 + dx * 0.2:g},66 320,66Z"
        tip = path(f"M{296 - dx * 1.3:g},72C{300 - dx * 1.5:g},40 {322 - dx * 1.7:g},26 {344 - dx * 1.7:g},30C{336 - dx * 1.4:g},44 {338 - dx * 1.2:g},60 {346 - dx:g},74Z", fill=shade, width=line)
        shadow_side = path(f"M{430 - dx:g},110C496,170 516,240 514,300C510,400 452,486 350,498C440,450 480,360 470,270C464,200 452,150 {430 - dx:g},110Z", fill=shade, more=' opacity="0.75"')
        rim = ellipse(320 + dx, 308, 163 - abs(dx) * 0.25, 172, deep, line * 0.8)
        skin_face = ellipse(320 + dx, 314, 148 - abs(dx) * 0.25, 156, skin)
        hair = path(f"M{196 + dx:g},240C{214 + dx:g},176 {268 + dx:g},150 {324 + dx * 1.2:g},154C{388 + dx:g},150 {430 + dx:g},184 {446 + dx:g},246C{424 + dx:g},212 {396 + dx:g},194 {366 + dx * 1.2:g},190C{370 + dx * 1.2:g},202 {364 + dx * 1.2:g},214 {354 + dx * 1.2:g},220C{338 + dx * 1.2:g},196 {300 + dx:g},188 {268 + dx:g},192C{238 + dx:g},196 {212 + dx:g},214 {196 + dx:g},240Z", fill="#7a3b2e", width=line * 0.7)
        return tip + path(peak, fill=yellow) + shadow_side + path(peak, width=line) + rim + skin_face + hair

    heads = "\n".join(
        group(f"head-{name}", hood(lean)) for name, lean in (("front", 0), ("left", -1), ("right", 1))
    )
    cheeks = "".join(ellipse(320 + s * 94, 362, 27, 19, blush, more=' opacity="0.8"') for s in (-1, 1))
    freckles = "".join(ellipse(320 + s * x, y, 3.6, 3.6, "#d98f73") for s in (-1, 1) for x, y in ((78, 350), (93, 344), (107, 352)))
    nose = path("M306,334C312,346 328,346 334,334", width=line * 0.85, stroke="#c9795f")
    face = "\n".join(
        [
            cheeks + freckles,
            eye_set(look, (320, 300), 62, 31, 37, skin, 20.5),
            nose,
            brows((320, 243), 62, line * 1.05, 27, 0.8),
            mouths(look),
        ]
    )
    head = group("head", heads + "\n" + group("face", face, data_reach="26 12"), data_pivot="320 478")
    poses = {
        "rest": ((214, 640), (196, 742), "mitten"),
        "wave": ((262, 540), (276, 398), "mitten"),
        "cheer": ((250, 500), (238, 330), "mitten"),
        "up": ((250, 500), (238, 330), "mitten"),
        "point": ((200, 610), (284, 566), "point"),
        "shrug": ((178, 668), (284, 610), "mitten"),
        "think": ((196, 640), (84, 492), "mitten"),
    }
    colours = (yellow, deep, "#4aa3a2")
    limbs = arms(look, colours, 62, (96, 540), poses)
    body = group("body", torso + "\n" + head + "\n" + limbs, data_pivot="320 900")
    return svg("Bea", "320 958", "\n".join([shadow, legs, body]))


def otto():
    look = Look(line=6.6, mouth_at=(320, 331), mouth_scale=0.86)
    coat, coat_shade, coat_deep = "#3b8a93", "#2c6d78", "#205662"
    fur, fur_shade, muzzle = "#c99c72", "#a97c55", "#f3dfc6"
    ear, ear_in = "#8b5a41", "#6f4433"
    scarf, scarf_shade = "#e5563f", "#b93a32"
    hat, hat_band = "#453a63", "#e5563f"
    line = look.line

    shadow = group("shadow", ellipse(320, 960, 150, 14, "#120d28", more=' opacity="0.35"'))
    legs = ""
    for side in (-1, 1):
        x = 320 + side * 40
        legs += path(f"M{x - 27},800H{x + 27}L{x + 23},938H{x - 23}Z", fill="#4a4266", width=line)
        legs += path(f"M{x - 26},926H{x + 26}C{x + 30},926 {x + 34 + side * 16},936 {x + 36 + side * 20},957H{x - 36 + side * 20}C{x - 34 + side * 16},936 {x - 30},926 {x - 26},926Z", fill="#2f2748", width=line)
    outline = "M256,396C222,420 206,500 196,600C186,700 182,780 184,838C240,856 400,856 456,838C458,780 454,700 444,600C434,500 418,420 384,396Z"
    torso = (
        path(outline, fill=coat)
        + path("M384,396C418,420 434,500 444,600C454,700 458,780 456,838C434,846 410,849 386,850C398,720 392,540 352,410Z", fill=coat_shade)
        + path(outline, width=line)
        + path("M320,470V850", width=line * 0.8, stroke=coat_deep)
        + "".join(ellipse(302, y, 8.5, 8.5, "#f7bd3d", line * 0.7) for y in (540, 610, 680, 750))
        + "".join(path(f"M{x - 30},700L{x + 30},{700 - 6 * s}", width=line, stroke=coat_deep) for x, s in ((240, -1), (402, 1)))
        + path("M268,404L320,500L292,520L236,440Z", fill=coat_shade, width=line)
        + path("M372,404L320,500L348,520L404,440Z", fill=coat_shade, width=line)
    )
    knot = (
        path("M350,432C366,470 372,530 362,590L404,582C410,520 402,468 384,424Z", fill=scarf, width=line)
        + path("M361,556L406,548M363,574L405,567", width=line * 0.8, stroke=scarf_shade)
        + path("M242,404C258,380 382,380 398,404C404,430 386,450 320,452C254,450 236,430 242,404Z", fill=scarf, width=line)
        + path("M258,426C284,440 350,442 384,426", width=line * 0.8, stroke=scarf_shade)
    )

    def skull(lean):
        """Ears, head and hat, turned to a side."""
        dx = 20 * lean
        out = ""
        for s in (-1, 1):
            near = 1 + 0.18 * lean * -s
            x = 320 + s * 104 - dx * 0.35
            w = 62 * near
            out += path(
                f"M{x - s * 14:g},150C{x + s * w * 0.7:g},150 {x + s * w:g},220 {x + s * w:g},290C{x + s * w:g},340 {x + s * w * 0.55:g},368 {x + s * w * 0.2:g},356C{x - s * 14:g},340 {x - s * 20:g},250 {x - s * 14:g},150Z",
                fill=ear,
                width=line,
            )
            out += path(f"M{x + s * w * 0.3:g},200C{x + s * w * 0.66:g},240 {x + s * w * 0.66:g},300 {x + s * w * 0.4:g},330", width=line * 0.8, stroke=ear_in)
        face = "M320,96C398,96 436,160 436,240C436,330 396,394 320,394C244,394 204,330 204,240C204,160 242,96 320,96Z"
        out += path(face, fill=fur)
        out += path(f"M400,128C424,158 434,198 434,240C434,326 396,390 326,393C386,360 410,300 408,230C407,190 406,156 400,128Z", fill=fur_shade, more=' opacity="0.7"')
        out += path(face, width=line)
        mx = 320 + dx * 1.05
        out += path(f"M{mx:g},238C{mx + 60:g},238 {mx + 92:g},282 {mx + 86:g},326C{mx + 80:g},366 {mx + 42:g},384 {mx:g},384C{mx - 42:g},384 {mx - 80:g},366 {mx - 86:g},326C{mx - 92:g},282 {mx - 60:g},238 {mx:g},238Z", fill=muzzle)
        bx = dx * 0.5
        crown = f"M{222 + bx:g},116C{214 + bx:g},28 {250 + bx:g},-6 {320 + bx:g},-6C{390 + bx:g},-6 {426 + bx:g},28 {418 + bx:g},116Z"
        out += path(crown, fill=hat, width=line)
        out += path(f"M{219 + bx:g},86C{270 + bx:g},100 {370 + bx:g},100 {421 + bx:g},86L{419 + bx:g},118C{370 + bx:g},130 {270 + bx:g},130 {221 + bx:g},118Z", fill=hat_band, width=line)
        out += path(f"M{180 + bx:g},120C{188 + bx:g},106 {216 + bx:g},108 {240 + bx:g},115C{290 + bx:g},126 {350 + bx:g},126 {400 + bx:g},115C{424 + bx:g},108 {452 + bx:g},106 {460 + bx:g},120C{462 + bx:g},138 {400 + bx:g},152 {320 + bx:g},152C{240 + bx:g},152 {178 + bx:g},138 {180 + bx:g},120Z", fill=hat, width=line)
        return out

    heads = "\n".join(
        group(f"head-{name}", skull(lean)) for name, lean in (("front", 0), ("left", -1), ("right", 1))
    )
    nose = (
        path("M284,262C284,246 300,240 320,240C340,240 356,246 356,262C356,280 336,292 320,292C304,292 284,280 284,262Z", fill=INK)
        + ellipse(308, 253, 10, 5.5, "#8f84a8")
        + path("M320,290V302", width=line)
    )
    whiskers = "".join(ellipse(320 + s * x, y, 2.6, 2.6, "#b79a7b") for s in (-1, 1) for x, y in ((48, 300), (60, 312), (46, 318)))
    face = "\n".join(
        [
            nose + whiskers,
            eye_set(look, (320, 220), 46, 26, 29, fur, 14, lid=0.28),
            brows((320, 184), 46, line * 1.5, 21, 0.62),
            mouths(look),
        ]
    )
    head = group("head", heads + "\n" + group("face", face, data_reach="22 9"), data_pivot="320 392")
    poses = {
        "rest": ((146, 610), (138, 716), "mitten"),
        "wave": ((224, 500), (236, 330), "mitten"),
        "cheer": ((214, 420), (190, 226), "mitten"),
        "up": ((214, 420), (190, 226), "mitten"),
        "point": ((180, 520), (292, 470), "point"),
        "shrug": ((150, 640), (262, 566), "mitten"),
        "think": ((196, 620), (56, 418), "mitten"),
    }
    colours = (coat, coat_deep, fur)
    limbs = arms(look, colours, 46, (92, 462), poses)
    body = group("body", torso + "\n" + head + "\n" + knot + "\n" + limbs, data_pivot="320 900")
    return svg("Otto", "320 958", "\n".join([shadow, legs, body]))


def main():
    out = Path(__file__).resolve().parent.parent
    (out / "bea.svg").write_text(bea())
    (out / "otto.svg").write_text(otto())


if __name__ == "__main__":
    main()
