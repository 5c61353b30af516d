#!/bin/sh
# Makes the font files of this folder from their upstream packages. README.md lists what each is.
#
# Needs a Debian 12 with apt-get, dpkg-deb, npm and python3. The same packages and the same fonttools
# give the same bytes. After running it, set `fonts::REVISION` to what its test prints.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
./venv/bin/pip install -q fonttools==4.68.0 brotli==1.2.1
apt-get download \
    fonts-noto-core=20201225-1 \
    fonts-noto-cjk=1:20220127+repack1-1
for package in ./*.deb; do dpkg-deb -x "$package" debian; done
for package in inter-ui@4.1.1 @fontsource/noto-color-emoji@5.3.2 @fontsource/eb-garamond@5.3.0; do
    tar -xzf "$(npm pack --silent "$package")" --one-top-level="$(echo "$package" | tr -d '@/')"
done
python3 "$here/character-sets.py"

export SOURCE_DATE_EPOCH=0
noto=debian/usr/share/fonts/truetype/noto
cjk=debian/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc
subset() {
    ./venv/bin/pyftsubset "$@" --no-hinting --notdef-outline --name-IDs=0,1,2,3,4,5,6,13,14,16,17
}

unpack() {
    ./venv/bin/fonttools ttLib.woff2 decompress -o "$2" "$1"
}

for weight in Regular Bold; do
    unpack inter-ui4.1.1/package/web/Inter-$weight.woff2 inter.ttf
    subset inter.ttf --text-file=latin.txt \
        --layout-features='ccmp,locl,kern,mark,mkmk,calt,liga,case,tnum' \
        --output-file="$here/Inter-$weight.ttf"
    for script in Arabic Devanagari Hebrew Thai; do
        subset $noto/NotoSans$script-$weight.ttf --unicodes='*' --layout-features='*' \
            --output-file="$here/NotoSans$script-$weight.ttf"
    done
done

# The web files of EB Garamond are split by script: join them before cutting to our characters.
for weight in 500 600; do
    parts=
    for script in latin latin-ext greek greek-ext cyrillic cyrillic-ext vietnamese; do
        part=garamond-$script.ttf
        unpack fontsourceeb-garamond5.3.0/package/files/eb-garamond-$script-$weight-normal.woff2 $part
        parts="$parts $part"
    done
    ./venv/bin/fonttools merge --output-file=garamond.ttf $parts
    subset garamond.ttf --text-file=latin.txt --layout-features='ccmp,locl,kern,mark,mkmk,liga' \
        --output-file="$here/EBGaramond-$weight.ttf"
done

for part in jp:0 kr:1 sc:2; do
    name=${part%:*}
    subset $cjk --font-number=${part#*:} --text-file=$name.txt --drop-tables+=vhea,vmtx,VORG \
        --layout-features='ccmp,kern,palt,mark,mkmk,ljmo,vjmo,tjmo' \
        --output-file="$here/NotoSansCJK-$name-Bold.otf"
done

unpack fontsourcenoto-color-emoji5.3.2/package/files/noto-color-emoji-emoji-400-normal.woff2 all.ttf
./venv/bin/python "$here/trim-emoji.py" all.ttf emoji.ttf
subset emoji.ttf --text-file=emoji.txt --layout-features='ccmp' --drop-tables+='SVG ,vhea,vmtx' \
    --output-file="$here/NotoColorEmoji.ttf"
ls -l "$here"
