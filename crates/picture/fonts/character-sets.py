"""Writes one file of characters per subset font into the current folder."""


def rows(codec, first, last):
    """The characters in rows (ku) of a 94 x 94 character set."""
    for row in range(first, last + 1):
        for cell in range(1, 95):
            try:
                yield bytes([0xA0 + row, 0xA0 + cell]).decode(codec)
            except UnicodeDecodeError:
                pass


def block(first, last):
    return map(chr, range(first, last + 1))


punctuation = set(block(0x3000, 0x303F)) | set(block(0xFF01, 0xFFEF)) | set(
    "·—‘’“”…–※←↑→↓○●△▲▽▼☆★◇◆□■①②③④⑤⑥⑦⑧⑨⑩々〆ヶ〇"
)
# Pictures that text is written with most, and everything that combines with them: skin tones,
# the joiner, genders, professions, hair, hearts and regional indicators.
emoji = "".join(
    [
        *block(0x1F600, 0x1F64F),
        *block(0x1F90C, 0x1F932),
        *block(0x1F970, 0x1F97A),
        *block(0x1F440, 0x1F450),
        *block(0x1F466, 0x1F469),
        *block(0x1F493, 0x1F49F),
        *block(0x1F3FB, 0x1F3FF),
        *block(0x1F1E6, 0x1F1FF),
        *block(0x1FAF0, 0x1FAF8),
        *block(0x1F9D0, 0x1F9D5),
        "\u200d\ufe0f\u20e3♀♂⚕⚖✈❤0123456789#*",
        "☀☁☂☃☎☑☕☘☝☠☢☣☮☯☹☺♻♾⚓⚔⚙⚠⚡⚽⚾⛄⛅⛈⛔⛰⛵✂✅✉✊✋✌✍✏✔✖✨❄❌❓❗➕➖➡⬅⬆⬇⬛⬜⭐⭕⌚⌛⏰⏳▶⏸⏹⏺⏩⏪",
        "🌀🌂🌈🌊🌍🌎🌏🌐🌑🌕🌙🌚🌝🌞🌟🌠🌧🌨🌩🌪🌫🌬🌱🌲🌳🌴🌵🌷🌸🌹🌺🌻🌼🌾🌿🍀🍁🍂🍃🍄",
        "🍅🍇🍉🍊🍋🍌🍍🍎🍐🍑🍒🍓🍔🍕🍖🍗🍚🍜🍝🍞🍟🍣🍦🍩🍪🍫🍬🍭🍯🍰🍳🍴🍷🍸🍺🍻🍽🍿🎁🎂🎃🎄🎆🎇🎈🎉🎊",
        "🎓🎖🎙🎞🎟🎡🎢🎣🎤🎥🎧🎨🎩🎪🎬🎭🎮🎯🎲🎵🎶🎷🎸🎹🎺🎻🎼🏀🏁🏃🏅🏆🏈🏔🏕🏖🏗🏙🏚🏛🏜🏝🏠🏡🏢🏥🏫🏭🏰🏳🏴",
        "🐀🐁🐂🐄🐅🐇🐈🐉🐍🐎🐐🐑🐒🐓🐔🐕🐘🐙🐚🐛🐜🐝🐞🐟🐠🐡🐢🐣🐦🐧🐨🐬🐭🐮🐯🐰🐱🐳🐴🐵🐶🐷🐸🐺🐻🐼🐾",
        "👀👁👋👌👍👎👏👐👑👓👕👗👟👢👣👨👩👪👮👶👸👻👽👾👿💀💃💄💉💊💋💌💍💎💐💔💕💖💗💘💙💚💛💜💝💞💟💡💢💣💤💥💦💧💨💩💪💫💬💭💯",
        "💰💳💵💸💻💼💾💿📀📁📅📈📉📊📌📍📎📏📓📕📖📚📜📝📞📡📢📣📦📧📩📰📱📷📸📹📺📻🔀🔁🔄🔇🔈🔊🔋🔌🔍🔑🔒🔓🔔🔗🔥🔦🔧🔨🔩🔪🔫🔬🔭🔮",
        "🔴🔵🕊🕒🕯🕰🕵🕶🕷🕹🖊🖌🖐🖤🖥🖼🗂🗑🗓🗝🗡🗣🗺🗿🚀🚁🚂🚄🚆🚌🚑🚒🚓🚕🚗🚚🚜🚢🚦🚧🚨🚩🚪🚫🚲🚶🛌🛏🛑🛒🛠🛡🛰🛸",
        "🟠🟡🟢🟣🟤🤍🤎🤔🤖🥁🥂🥇🥈🥉🥊🥐🥑🥕🥖🥗🥚🥛🥞🥳🥵🥶🥺🦀🦁🦄🦅🦆🦉🦊🦋🦎🦒🦔🦕🦖🦘🦜🦠🦴🤷🦷🦾🧀🧁",
        "🧊🧐🧠🧡🧩🧪🧬🧭🧱🧲🧸🩸🩹🩺🪐🪓🪙🪞🪟🪦🪴🫀🫁🫐🫠🫡🫢🫣🫤🫥🫶",
    ]
)
sets = {
    "sc": set(rows("gb2312", 16, 55)) | punctuation,
    "jp": set(rows("euc_jp", 16, 47)) | punctuation | set(block(0x3041, 0x30FF)),
    "kr": set(rows("euc_kr", 16, 40)) | punctuation | set(block(0x3131, 0x318E)),
    "emoji": set(emoji),
    "latin": set(block(0x20, 0x7E))
    | set(block(0xA0, 0x24F))
    | set(block(0x2B0, 0x36F))
    | set(block(0x370, 0x52F))
    | set(block(0x1E00, 0x1FFF))
    | set(block(0x2000, 0x206F))
    | set(block(0x2070, 0x21FF))
    | set("−×÷≈≠≤≥∞√∑∂∆∏∫◊●○■□▲△▼▽★☆✓✗♪♫©®™"),
}
for name, characters in sets.items():
    with open(f"{name}.txt", "w", encoding="utf-8") as file:
        file.write("".join(sorted(characters)))
