"""Where pyphen (pt_BR) breaks the words of texts, as a check of the places that
bench/dehyphenation.ts chooses itself.

    python3 -m venv v && v/bin/pip install pyphen
    v/bin/python bench/peers/pyphen_breaks.py FOLDER... > breaks.json
"""

import json
import pathlib
import re
import sys

import pyphen

dictionary = pyphen.Pyphen(lang="pt_BR")
breaks = {}
for folder in sys.argv[1:]:
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8").lower()
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text):
            if word not in breaks:
                breaks[word] = [
                    at
                    for at in dictionary.positions(word)
                    if word[at - 1] != "-" and word[at : at + 1] != "-"
                ]
json.dump(breaks, sys.stdout)
