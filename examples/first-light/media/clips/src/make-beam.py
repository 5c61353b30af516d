#!/usr/bin/env python3
# beam.mp4: a lighthouse beam sweeping across a night sea, 6 s, seamless loop.
# Workprint contributors, CC-BY-4.0. Needs python3, rsvg-convert and ffmpeg.
#
#   python3 make-beam.py [out.mp4]        (default: ../beam.mp4)
#
# One frame of SVG per film frame: the night is drawn once as a still picture,
# and only the beams, their flash and their light on the water are drawn anew.
import math, os, random, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

W, H, FPS, SECONDS = 1920, 1080, 30, 6
FRAMES = FPS * SECONDS
HERE = os.path.dirname(os.path.abspath(__file__))
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "beam.mp4")
LX, LY, HZ = 1240, 470, 700          # the lamp; the horizon


def stops(color, ops):
    return "".join(f'<stop offset="{o}" stop-color="{color}" stop-opacity="{a:.3f}"/>' for o, a in ops)


FALL = [(0, 1), (.15, .74), (.3, .48), (.5, .22), (.7, .08), (.85, .02), (1, 0)]


def glow(gid, x, y, rx, ry, color, op):
    g = f'<radialGradient id="{gid}">{stops(color, [(o, a * op) for o, a in FALL])}</radialGradient>'
    return g, f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{rx:.2f}" ry="{ry:.2f}" fill="url(#{gid})"/>'


def svg(defs, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{W}" height="{H}" viewBox="0 0 {W} {H}">'
            f"<defs>{''.join(defs)}</defs>{''.join(body)}</svg>")


def streaks(seed, n, color, op, column=None):
    r, out = random.Random(seed), []
    for _ in range(n):
        t = r.random() ** 1.4
        y = HZ + 6 + (H - HZ) * t
        w = (8 + 130 * t) * (.4 + r.random())
        h = 1 + 3.4 * t
        if column is None:
            x, a = r.uniform(-50, W + 50), op * (.3 + .7 * r.random())
        else:
            k = r.gauss(0, .42)
            x, a = column + k * (50 + 230 * t), op * max(.15, 1 - abs(k) * .6) * (.4 + .6 * r.random())
        out.append(f'<path d="M{x - w:.1f},{y:.1f}Q{x:.1f},{y - h:.1f} {x + w:.1f},{y:.1f}Q{x:.1f},{y + h:.1f} '
                   f'{x - w:.1f},{y:.1f}Z" fill="{color}" opacity="{a:.2f}"/>')
    return "".join(out)


def night():
    r = random.Random(4)
    defs = [
        '<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">' + "".join(
            f'<stop offset="{o}" stop-color="{c}"/>' for o, c in
            ((0, "#070a2b"), (.35, "#121b56"), (.62, "#2a3b8b"), (.85, "#4b5cab"), (1, "#6874bd"))) + "</linearGradient>",
        '<linearGradient id="sea" x1="0" y1="0" x2="0" y2="1">' + "".join(
            f'<stop offset="{o}" stop-color="{c}"/>' for o, c in
            ((0, "#5566b4"), (.1, "#34479a"), (.45, "#18246a"), (1, "#080d33"))) + "</linearGradient>",
    ]
    body = [f'<rect width="{W}" height="{HZ + 4}" fill="url(#sky)"/>']
    for _ in range(150):
        x, y = r.uniform(0, W), (HZ - 90) * r.random() ** 1.25
        a = (.35 + .6 * r.random()) * (1 - .8 * y / HZ)
        body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{.9 + 1.5 * r.random() ** 2:.2f}" fill="#eef1ff" opacity="{a:.2f}"/>')
    body.append(f'<path d="M0,{HZ + 2}L0,672L90,660L220,684L380,652L520,690L640,{HZ + 2}Z" fill="#3a4a98"/>')
    body.append(f'<rect y="{HZ}" width="{W}" height="{H - HZ}" fill="url(#sea)"/>')
    body.append(streaks(3, 110, "#93a6ef", .36))
    return svg(defs, body)


def tower():
    """the lighthouse and its rock, in front of the beams that point away"""
    wall = ("#474c93", "#8f95cf", "#c9cdf2")
    defs = ['<linearGradient id="w" x1="0" x2="1" y1="0" y2="0">' + "".join(
        f'<stop offset="{o}" stop-color="{c}"/>' for o, c in ((0, "#c9cdf2"), (.35, "#9ba1d8"), (.75, "#4a4f96"), (1, "#232560"))) + "</linearGradient>",
        '<linearGradient id="r" x1="0" x2="1" y1="0" y2="0">' + "".join(
            f'<stop offset="{o}" stop-color="{c}"/>' for o, c in ((0, "#c2527a"), (.35, "#963468"), (.75, "#521d52"), (1, "#2a1444"))) + "</linearGradient>",
        '<linearGradient id="k" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="#4a56a6"/><stop offset=".5" stop-color="#1c2563"/><stop offset="1" stop-color="#0a0f38"/></linearGradient>',
        '<clipPath id="t"><path d="M-64,0C-50,-125 -44,-250 -40,-364H40C44,-250 50,-125 64,0Z"/></clipPath>']
    b = [f'<g transform="translate({LX},{LY + 433})">',
         '<g clip-path="url(#t)"><rect x="-70" y="-370" width="140" height="380" fill="url(#w)"/>',
         '<path d="M-80,-78Q0,-64 80,-78V-156Q0,-144 -80,-156ZM-80,-229Q0,-215 80,-229V-302Q0,-290 -80,-302Z" fill="url(#r)"/>']
    for y, x in ((-328, 3), (-194, -4), (-116, 6)):
        b.append(f'<path d="M{x - 8},{y + 14}V{y - 7}A8,8 0 0 1 {x + 8},{y - 7}V{y + 14}Z" fill="#171a52"/>'
                 f'<path d="M{x - 5},{y + 12}V{y - 6}A5,5 0 0 1 {x + 5},{y - 6}V{y + 12}Z" fill="#ffc861"/>')
    b.append('<path d="M-17,2V-32A17,17 0 0 1 17,-32V2Z" fill="#151846"/></g>'
             '<path d="M-40,-360L-56,-384H56L40,-360Z" fill="#2b2f74"/><rect x="-64" y="-391" width="128" height="8" rx="3" fill="#3a4090"/>'
             '<rect x="-30" y="-462" width="60" height="60" fill="#ffd98a"/><rect x="-11" y="-452" width="22" height="40" rx="10" fill="#fffdf0"/>'
             '<path d="M-32,-404H32V-391H-32ZM-38,-468H38V-461H-38Z" fill="#2b2f74"/>'
             '<path d="M-30,-462V-402M-15,-462V-402M0,-462V-402M15,-462V-402M30,-462V-402M-30,-434H30" stroke="#151846" stroke-width="2"/>'
             '<path d="M-35,-467C-31,-492 -12,-501 0,-506C12,-501 31,-492 35,-467Z" fill="url(#r)"/><circle cy="-510" r="6" fill="#2b2f74"/>'
             '<path d="M-64,-416H64M-62,-404H62M-60,-416V-391M-45,-416V-391M-30,-416V-391M-15,-416V-391M0,-416V-391M15,-416V-391M30,-416V-391M45,-416V-391M60,-416V-391" stroke="#242a6e" stroke-width="2.4" fill="none"/></g>')
    b.append('<path d="M900,1000L960,960L1010,968L1060,918L1110,914L1160,884L1320,886L1372,916L1430,912L1490,962L1560,966L1640,1006L1700,1090H850Z" fill="url(#k)"/>'
             '<path d="M1060,918L1110,914L1090,990ZM1160,884L1240,885L1180,960ZM960,960L1010,968L990,1020ZM1320,886L1372,916L1330,980ZM1430,912L1490,962L1440,990Z" fill="#8a96dd" opacity=".3"/>'
             '<path d="M1110,914L1160,884L1140,980ZM1372,916L1430,912L1400,1000ZM1010,968L1060,918L1050,1010Z" fill="#060a2c" opacity=".35"/>'
             '<path d="M900,1000L960,960M1010,968L1060,918L1110,914L1160,884H1240" stroke="#a9b3ee" stroke-width="3" fill="none" opacity=".7"/>'
             '<path d="M-20,1036C160,1014 300,1050 480,1034S800,1016 980,1034S1400,1052 1560,1034S1800,1020 1940,1036V1100H-20Z" fill="#0d1344"/>'
             '<ellipse cx="1010" cy="1030" rx="130" ry="5" fill="#cdd7ff" opacity=".3"/><ellipse cx="1480" cy="1034" rx="170" ry="5" fill="#cdd7ff" opacity=".3"/>')
    return defs, "".join(b)


def frame(i):
    # Two beams back to back; half a turn in six seconds, so the clip loops.
    th0 = math.pi * i / FRAMES + .35
    defs, back, front, water = [], [], [], []
    for n in (0, 1):
        th = th0 + n * math.pi
        toward = math.sin(th)                       # +1 = straight at us
        persp = 1 / (1.12 - .72 * toward)           # nearer = larger
        length = 1700 * persp ** .35
        ex, ey = LX + length * math.cos(th), LY + 95 * toward * persp
        spread = 38 + 105 * persp
        vis = .34 + .30 * (toward + 1) / 2
        px, py = -(ey - LY), ex - LX
        d = math.hypot(px, py) or 1
        px, py = px / d, py / d
        # Near end-on the wedge degenerates; let it fade into the flash.
        vis *= min(1, abs(math.cos(th)) * 2.4) ** 1.2
        wedge = []
        for k, share in ((1, .30), (.72, .34), (.42, .36)):
            gid = f"b{n}{int(k * 100)}"
            defs.append(f'<linearGradient id="{gid}" gradientUnits="userSpaceOnUse" x1="{LX}" y1="{LY}" x2="{ex:.2f}" y2="{ey:.2f}">'
                        + stops("#ffe7a6", [(0, vis * share * 2), (.12, vis * share * 1.5), (.4, vis * share * .8), (.75, vis * share * .22), (1, 0)])
                        + "</linearGradient>")
            s, s0 = spread * k, 7 * k
            wedge.append(f'<path d="M{LX + px * s0:.2f},{LY + py * s0:.2f}L{ex + px * s:.2f},{ey + py * s:.2f}'
                         f'L{ex - px * s:.2f},{ey - py * s:.2f}L{LX - px * s0:.2f},{LY - py * s0:.2f}Z" fill="url(#{gid})"/>')
        (front if toward > 0 else back).append("".join(wedge))
        if toward > -.2:
            # the patch of light the beam draws over the water
            wx = LX + 1150 * math.cos(th) / (1.25 - .45 * toward)
            wy = HZ + 60 + 170 * max(0, toward)
            a = .55 * min(1, (toward + .2) / .6)
            g, e = glow(f"p{n}", wx, wy, 520, 46 + 60 * max(0, toward), "#ffe2a0", a)
            defs.append(g)
            water.append(e)
            water.append(f'<g opacity="{min(1, a * 1.6):.3f}">{streaks(11, 70, "#fff0c4", .8, wx)}</g>')
        if toward > 0:
            f = max(0, (toward - .80) / .20) ** 1.6
            for gid, r, op, c in (("f1", 190 + 620 * f, .9, "#ffdf96"), ("f2", 70 + 240 * f, 1, "#fffbe6")):
                g, e = glow(f"{gid}{n}", LX, LY, r, r, c, op * (.75 + .25 * f))
                defs.append(g)
                front.append(e)
    td, tb = tower()
    return svg(defs + td, ['<image href="night.png" width="1920" height="1080"/>'] + back + water + [tb] + front)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        def render(name, text):
            p = os.path.join(tmp, name)
            with open(p + ".svg", "w") as fh:
                fh.write(text)
            subprocess.run(["rsvg-convert", "-o", p + ".png", p + ".svg"], check=True)
        render("night", night())
        with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            list(pool.map(lambda i: render(f"f{i:04d}", frame(i)), range(FRAMES)))
        # Two passes to a size; aq-mode 3 spends the bits on the dark gradients,
        # and a little grain hides what banding is left.
        for n, out in ((1, ["-f", "null", os.devnull]), (2, [OUT])):
            subprocess.run([
                "ffmpeg", "-y", "-loglevel", "error", "-framerate", str(FPS), "-i", os.path.join(tmp, "f%04d.png"),
                "-vf", "scale=in_range=full:out_range=limited:out_color_matrix=bt709,format=yuv420p,"
                       "gradfun=1.6:22,noise=c0s=3:c0f=t+u:all_seed=7",
                "-c:v", "libx264", "-preset", "veryslow", "-b:v", "1120k", "-pass", str(n),
                "-passlogfile", os.path.join(tmp, "pass"), "-profile:v", "high",
                "-x264-params", "aq-mode=3:aq-strength=1.2:deblock=-1,-1:keyint=180:psy-rd=0.6,0.0",
                "-pix_fmt", "yuv420p", "-an", "-bsf:v",
                "h264_metadata=video_full_range_flag=0:colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
                "-movflags", "+faststart", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
            ] + out, check=True)


if __name__ == "__main__":
    main()
