#!/usr/bin/env python3
"""Makes what the benchmarks read: prepare.py --raw DIR --out DIR [--like MODEL] [--texts N]

From text files of the folder --raw (.txt or .txt.gz, a paragraph a line) come two files of N texts each:

  mixed.txt   from 8 to 384 tokens, as many short ones as long ones on a logarithmic scale
  128.txt     128 tokens each

and a model with random weights in the shape of MODEL (see ./llm2vec bench synth), in every form that a program reads:

  NAME                         for llm2vec4j, llm2vec and Jlama, bf16
  NAME-sentence-transformers   the same, exported
  NAME-F32.gguf, NAME-BF16.gguf, NAME-Q8_0.gguf   for llama.cpp

Its tokenizer is the Hebrew one of the embedded model, less the token that begins a text: so to every program the mean
over the tokens of a text is the same. Seeded: the same files give the same. What is there already is kept. Runs in the
environment of integration-tests/python/setup.sh.
"""
import argparse
import gzip
import itertools
import json
import math
import pathlib
import random
import subprocess

import gguf_model
import tokenizers

LLM2VEC = str(pathlib.Path(__file__).resolve().parent.parent / "llm2vec")
LINES_OF_A_FILE = 20_000
SHORTEST, LONGEST = 8, 384


def read_lines(folder):
    """Lines of each text file, none twice the weight of another for being longer."""
    files = sorted(path for path in folder.iterdir() if path.name.endswith((".txt", ".txt.gz")))
    if not files:
        raise SystemExit(f"{folder}: holds no .txt and no .txt.gz")
    for path in files:
        opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
        with opened as file:
            yield [" ".join(line.split()) for line in itertools.islice(file, LINES_OF_A_FILE)]


def cut(tokenizer, line, tokens):
    """The beginning of a line that has exactly so many tokens, or None."""
    offsets = tokenizer.encode(line).offsets
    if len(offsets) < tokens:
        return None
    text = line[: offsets[tokens - 1][1]]
    return text if text == text.strip() and len(tokenizer.encode(text).ids) == tokens else None


def draw(tokenizer, files, lengths, generator):
    """A text of each length, all different."""
    texts = {}
    for length in lengths:
        for _ in range(10_000):
            text = cut(tokenizer, generator.choice(generator.choice(files)), length)
            if text and text not in texts:
                texts[text] = length
                break
        else:
            raise SystemExit(f"no text of {length} tokens was found: give longer lines with --raw")
    return list(texts)


def write_texts(path, make):
    if not path.exists():
        path.write_text("".join(text + "\n" for text in make()), encoding="utf-8")
    print(path)


def make_model(folder, like):
    """The model without the token that begins a text, and its exported form."""
    if not folder.exists():
        subprocess.run([LLM2VEC, "bench", "synth", "--like", like, "--out", str(folder)], check=True)
        file = folder / "tokenizer.json"
        tokenizer = json.loads(file.read_text(encoding="utf-8"))
        tokenizer["post_processor"] = None
        file.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    print(folder)
    exported = folder.with_name(folder.name + "-sentence-transformers")
    if not exported.exists():
        command = [LLM2VEC, "export", "--model", str(folder), "--format", "sentence-transformers", "--to"]
        subprocess.run([*command, str(exported)], check=True, stdout=subprocess.DEVNULL)
    print(exported)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raw", type=pathlib.Path, required=True, help="a folder of text files")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder to write to")
    parser.add_argument("--like", default="HuggingFaceTB/SmolLM2-135M", help="the shape (default %(default)s)")
    parser.add_argument("--texts", type=int, default=2000, help="texts of a file (default %(default)s)")
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    model = arguments.out / arguments.like.rsplit("/", 1)[-1].lower()
    make_model(model, arguments.like)
    for kind in gguf_model.KINDS:
        file = model.with_name(f"{model.name}-{kind}.gguf")
        if not file.exists():
            gguf_model.write(model, file, kind)
        print(file)

    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    files = list(read_lines(arguments.raw))
    generator = random.Random(1)
    scale = math.log(LONGEST / SHORTEST)
    mixed = [round(SHORTEST * math.exp(scale * generator.random())) for _ in range(arguments.texts)]
    write_texts(arguments.out / "mixed.txt", lambda: draw(tokenizer, files, mixed, generator))
    write_texts(arguments.out / "128.txt", lambda: draw(tokenizer, files, [128] * arguments.texts, generator))


if __name__ == "__main__":
    main()
