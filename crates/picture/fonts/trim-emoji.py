"""Drops sequences of people with two skin tones (hundreds, rarely written): `trim-emoji.py IN OUT`."""

import sys

from fontTools.ttLib import TTFont

font = TTFont(sys.argv[1], recalcTimestamp=False)
tones = {font.getBestCmap()[tone] for tone in range(0x1F3FB, 0x1F400)}
for lookup in font["GSUB"].table.LookupList.Lookup:
    for table in lookup.SubTable:
        table = getattr(table, "ExtSubTable", table)
        for first, ligatures in getattr(table, "ligatures", {}).items():
            table.ligatures[first] = [
                ligature
                for ligature in ligatures
                if sum(part in tones for part in [first, *ligature.Component]) < 2
            ]
font.save(sys.argv[2])
