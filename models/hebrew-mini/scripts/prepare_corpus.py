#!/usr/bin/env python3
"""Builds the training text of hebrew-mini from the raw Hebrew files.

What: reads the *.txt.gz files of one folder (one document, paragraph or sentence a line) and writes two UTF-8 files,
`train.txt` and `heldout.txt`, one line of text a line.

Why these sources: only those whose licence lets the trained weights be shipped are read. press-19c is left out because
it is non-commercial. The licence of each source is in the model card.

Why this mix: most of the modern text is statutes and parliament, which repeat formulas. Prose is therefore shown
several times (`copies`), and law text and bare titles are thinned (`keep`). See SOURCES.

How: every choice (held out or not, kept or not, place in the file) comes from a hash of the line, so a run is
repeatable, and does not depend on the order of the input or on a random seed. A held-out line is never in train.txt;
but its neighbours from the same document may be, so the held-out loss is a check of training, not a benchmark.

Only the standard library is used. Needs about 1 GB of memory for 100 MB of text.
"""
import argparse
import gzip
import hashlib
import os
import re
import sys
import unicodedata
from collections import namedtuple

# copies:  how often a line is written to train.txt
# keep:    share of the lines kept, chosen by hash
# long:    lines of more characters than this are kept whatever `keep` says (0: no such rule)
# heldout: share of the lines held out; small prose sources give a larger share, or they would hardly count
Source = namedtuple("Source", "name copies keep long heldout")

# Prose first: a line found in two sources counts for the earlier one.
SOURCES = [
    Source("hewiki-sample", 3, 1.0, 0, 0.05),
    Source("hewiki-svlm", 2, 1.0, 0, 0.015),
    Source("python-course", 2, 1.0, 0, 0.03),
    Source("knesset-committees", 2, 1.0, 0, 0.008),
    Source("pd-authors", 1, 1.0, 0, 0.008),
    Source("israeli-laws", 1, 0.4, 0, 0.0012),
    Source("knesset-open-data", 1, 0.4, 200, 0.0015),
]

SPACES = re.compile(r"\s+")


def clean(line):
    """NFC, control and invisible formatting characters out, runs of white space to one space."""
    line = SPACES.sub(" ", unicodedata.normalize("NFC", line))
    if not line.isprintable():
        line = "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
        line = SPACES.sub(" ", line)
    return line.strip()


def digest(line, salt):
    return int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8, salt=salt).digest(), "big")


def chance(line, salt):
    """A number in [0, 1) that depends on the line and the salt only."""
    return digest(line, salt) / 2.0 ** 64


def row(cells):
    print("%-20s" % cells[0] + "".join("%13s" % (c if isinstance(c, str) else format(c, ",")) for c in cells[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raw", required=True, help="folder with <source>.txt.gz; the names are in SOURCES")
    parser.add_argument("--out", required=True, help="folder for train.txt and heldout.txt; made if absent")
    parser.add_argument("--max-heldout", type=int, default=3000, help="at most so many held-out lines (default 3000)")
    args = parser.parse_args()

    seen = set()       # 64-bit hashes of all lines so far
    train = []         # (place, line)
    heldout = []       # (place, line, source)
    table = {}
    for source in SOURCES:
        path = os.path.join(args.raw, source.name + ".txt.gz")
        if not os.path.exists(path):
            sys.exit("missing: " + path)
        counts = dict(read=0, duplicate=0, kept=0, lines=0, words=0, chars=0)
        table[source.name] = counts
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                counts["read"] += 1
                line = clean(line)
                if not line:
                    continue
                key = digest(line, b"line")
                if key in seen:
                    counts["duplicate"] += 1
                    continue
                seen.add(key)
                if chance(line, b"heldout") < source.heldout:
                    heldout.append((key, line, source.name))
                    continue
                if chance(line, b"keep") >= source.keep and not (source.long and len(line) > source.long):
                    continue
                counts["kept"] += 1
                words = len(line.split())
                for copy in range(source.copies):
                    train.append((digest(line, b"copy%d" % copy), line))
                    counts["lines"] += 1
                    counts["words"] += words
                    counts["chars"] += len(line)

    # Sorting by hash is the shuffle: it mixes the sources and spreads the copies of a line.
    train.sort()
    heldout.sort()
    del heldout[args.max_heldout:]

    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "train.txt"), "w", encoding="utf-8", newline="\n") as out:
        out.writelines(line + "\n" for _, line in train)
    with open(os.path.join(args.out, "heldout.txt"), "w", encoding="utf-8", newline="\n") as out:
        out.writelines(line + "\n" for _, line, _ in heldout)

    columns = ["read", "duplicate", "kept", "lines", "words", "chars"]
    row(["train.txt"] + columns + ["% of chars"])
    chars = sum(c["chars"] for c in table.values())
    for name, counts in table.items():
        row([name] + [counts[c] for c in columns] + ["%.1f" % (100.0 * counts["chars"] / chars)])
    row(["all"] + [sum(c[k] for c in table.values()) for k in columns] + ["100.0"])
    print()
    row(["heldout.txt", "lines", "words", "chars", "% of chars"])
    chars = sum(len(line) for _, line, _ in heldout)
    for source in SOURCES:
        lines = [line for _, line, name in heldout if name == source.name]
        part = sum(map(len, lines))
        row([source.name, len(lines), sum(len(x.split()) for x in lines), part, "%.1f" % (100.0 * part / chars)])
    row(["all", len(heldout), sum(len(x.split()) for _, x, _ in heldout), chars, "100.0"])


if __name__ == "__main__":
    main()
