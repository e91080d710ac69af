#!/usr/bin/env python3
"""Reads exported models in Python and compares embeddings: check_exports.py --base DIR --exports DIR --embeddings DIR

EXPORTS holds what "llm2vec export" wrote of one model, in folders called merged, peft and sentence-transformers; base is
the folder of the model that peft is for. EMBEDDINGS holds texts.txt (a text a line) and embeddings.npy: float32 [texts,
hidden], encoded by llm2vec4j from the model that was exported, in fp32.

  merged                 the reference package, as a model of its own
  peft                   the reference package, as an adapter on base
  sentence-transformers  sentence-transformers with trust_remote_code, in batches and one by one

With --write DIR it makes a folder of sentence-transformers from base instead, and its vectors of the texts, DIR/expected.npy,
for the other way round.
Exit code: 0 all agree, 1 a difference above the tolerance.
"""

import argparse
import sys
from pathlib import Path

import reference  # noqa: F401  first: it sets up the environment

sys.path.append(str(Path(sys.prefix) / "sentence-transformers"))

import numpy as np
import sentence_transformers
import torch
import transformers
from llm2vec import LLM2Vec
from sentence_transformers import SentenceTransformer, models


def read_lines(path):
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def with_llm2vec(*folders):
    encoder = LLM2Vec.from_pretrained(
        *map(str, folders), merge_peft=True, torch_dtype=torch.float32, attn_implementation="sdpa"
    )
    return lambda texts: encoder.encode([["", text] for text in texts], show_progress_bar=False, convert_to_numpy=True)


def with_sentence_transformers(folder, batch_size):
    encoder = SentenceTransformer(
        str(folder), device="cpu", trust_remote_code=True, model_kwargs={"torch_dtype": torch.float32}
    )
    return lambda texts: encoder.encode(texts, batch_size=batch_size)


def compare(base, exports, folder, tolerance):
    texts = read_lines(folder / "texts.txt")
    ours = np.load(folder / "embeddings.npy", allow_pickle=False)
    st = exports / "sentence-transformers"
    ways = {
        "merged": with_llm2vec(exports / "merged"),
        "peft": with_llm2vec(base, exports / "peft"),
        "sentence-transformers": with_sentence_transformers(st, 32),
        "sentence-transformers, one by one": with_sentence_transformers(st, 1),
    }
    failed = False
    print(f"{len(texts)} texts; transformers {transformers.__version__}, "
          f"sentence-transformers {sentence_transformers.__version__}")  # fmt: skip
    for name, encode in ways.items():
        theirs = encode(texts)
        difference = float(np.nan_to_num(np.abs(ours - theirs), nan=np.inf).max())
        print(f"{name:<36}max abs diff {difference:.2e}, largest value {np.abs(theirs).max():.3f}")
        failed |= not difference <= tolerance
    print("FAILED" if failed else "OK: every export is read with the same vectors")
    return 1 if failed else 0


def write(base, texts, out):
    """An ordinary folder of sentence-transformers: causal attention, the mean of all tokens, normalised."""
    transformer = models.Transformer(str(base), max_seq_length=64)
    transformer.tokenizer.pad_token = transformer.tokenizer.eos_token
    pooling = models.Pooling(transformer.auto_model.config.hidden_size, pooling_mode="mean")
    encoder = SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu")
    encoder.save(str(out))
    np.save(out / "expected.npy", encoder.encode(texts))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, type=Path)
    parser.add_argument("--exports", type=Path)
    parser.add_argument("--embeddings", required=True, type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest absolute difference (%(default)s)")
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.base, read_lines(arguments.embeddings / "texts.txt"), arguments.write)
        return 0
    if not arguments.exports:
        parser.error("--exports or --write is needed")
    return compare(arguments.base, arguments.exports, arguments.embeddings, arguments.tolerance)


if __name__ == "__main__":
    sys.exit(main())
