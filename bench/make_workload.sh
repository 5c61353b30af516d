#!/bin/bash
# Build the race's material into $RACE_DIR/workload, from Debian packages and this folder alone:
# (script/bench installs them) and Pillow in $RACE_DIR/venv (setup.sh makes it).
set -euo pipefail
: "${RACE_DIR:?a scratch folder}"
here=$(cd "$(dirname "$0")" && pwd)
py=$RACE_DIR/venv/bin/python
W=$RACE_DIR/workload
bg=${BACKGROUNDS_DIR:-/usr/share/backgrounds}
mkdir -p "$W/stills" "$W/clips" "$W/swap"
ff() { ffmpeg -nostdin -v error -y "$@"; }
still() { # SOURCE OUT: cover-crop to 2560x1440, RGB
  ff -i "$bg/$1" -frames:v 1 -vf "scale=2560:1440:force_original_aspect_ratio=increase:flags=lanczos+accurate_rnd+full_chroma_int,crop=2560:1440,format=rgb24" "$W/$2"
}
still mate/nature/RainDrops.jpg stills/01.png
still mate/nature/Blinds.jpg stills/02.png
still mate/nature/Dune.jpg stills/03.png
still mate/nature/TwoWings.jpg stills/05.png
still mate/nature/Storm.jpg stills/06.png
still mate/nature/Wood.jpg stills/07.png
still mate/nature/LadyBird.jpg stills/08.png
still mate/nature/YellowFlower.jpg stills/10.png
still mate/abstract/Elephants_3840x2160.jpg stills/11.png
still gnome/wood-l.webp stills/12.png
still mate/nature/Garden.jpg swap/a.png
still mate/nature/Aqua.jpg swap/b.png
# two clips of 5.5 s (5 s and the half second under the next fade), 1920x1080, 30 fps, BT.709: a drifting crop
clip() { # STILL OUT X-EXPRESSION Y-EXPRESSION
  ff -loop 1 -framerate 30 -i "$W/$1" -frames:v 165 -vf "scale=in_range=full:out_range=tv:out_color_matrix=bt709,format=yuv444p,crop=1920:1080:x='$3':y='$4',format=yuv420p" \
    -c:v libx264 -preset medium -crf 14 -g 60 -threads 2 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -movflags +faststart "$W/$2"
}
clip swap/a.png clips/04.mp4 "640*n/164" "180+120*sin(n/40)"
clip swap/b.png clips/09.mp4 "640-640*n/164" "360*n/164"
# voice: espeak-ng; when its words are heard is fixed in workload/words.json
python3 "$here/tools/narrate.py" "$here/workload/narration.txt" "$W/voice-raw.wav" 136
cp "$here/workload/words.json" "$W/words.json"
ff -i "$W/voice-raw.wav" -af "aresample=48000,volume=-3dB,apad=whole_len=2880000,atrim=end_sample=2880000" -c:a pcm_s16le "$W/voice.wav"
# music: four slow chords, stereo
sox -q -R -n -r 48000 -c 2 -b 16 "$W/music.wav" synth 60 sine 110 sine 164.81 synth 60 sine mix 220 sine mix 277.18 \
  synth 60 tri mix 329.63 tri mix 415.3 tremolo 0.25 60 reverb 40 gain -n -6 trim 0 60 2>/dev/null
ff -i "$W/music.wav" -af "apad=whole_len=2880000,atrim=end_sample=2880000" -c:a pcm_s16le "$W/music2.wav" && mv "$W/music2.wav" "$W/music.wav"
"$py" "$here/tools/plate.py" "$W/plate.png"
python3 "$here/tools/captions.py" "$W"
python3 "$here/tools/episode.py" "$W/episode.json"
cp "$W/swap/a.png" "$W/swap-06.png"
rm -f "$W/voice-raw.wav"
(cd "$W" && find . -type f | sort | xargs md5sum) > "$RACE_DIR/workload.md5"
du -sh "$W" | cut -f1
