#!/usr/bin/env python3
"""Compares embeddings made by llm2vec4j with Python's: check_models.py --dir MODELS --embeddings DIR

MODELS holds base (a Hugging Face folder) and the PEFT adapters mntp (on base), mntp-unsup-simcse and mntp-supervised
(each on base with mntp merged). DIR holds texts.txt (a text a line), instruction.txt if there is one, and for each of
the three models MODEL.npy: float32 [texts, hidden], encoded in fp32.

Every model is encoded in two ways that share little code:
  llm2vec   the reference package: its bidirectional model, adapters merged, texts in batches, pooling by its own mask
  peft      transformers' ordinary model under an explicit mask of zeros, the last adapter not merged, one text at a
            time without padding, pooling by character offsets
Exit code: 0 all agree, 1 a difference above the tolerance, 2 wrong or missing input.
"""

import argparse
import json
import sys
from pathlib import Path

import reference  # noqa: F401  first: it sets up the environment

import numpy as np
import torch
from llm2vec import LLM2Vec
from peft import PeftModel, get_peft_model_state_dict
from safetensors import safe_open
from transformers import AutoModel, AutoTokenizer

CHAINS = {
    "mntp": ["mntp"],
    "mntp-unsup-simcse": ["mntp", "mntp-unsup-simcse"],
    "mntp-supervised": ["mntp", "mntp-supervised"],
}
SETTINGS = {"pooling_mode": "mean", "max_length": 512, "doc_max_length": 400, "skip_instruction": True}


class BadInput(Exception):
    """Something to compare is missing or cannot be compared; the message is for the user."""


def read_lines(path):
    # not splitlines(): it also cuts at characters that may stand inside a text
    lines = path.read_text(encoding="utf-8").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def read_settings(folder):
    file = folder / "llm2vec_config.json"
    settings = SETTINGS | (json.loads(file.read_text(encoding="utf-8")) if file.exists() else {})
    for key in ("pooling_mode", "skip_instruction"):
        if settings[key] != SETTINGS[key]:
            raise BadInput(f"{file}: {key} is {settings[key]!r}, this check knows only {SETTINGS[key]!r}")
    return settings


def check_texts(texts, instruction, base, last, settings, file):
    """Refuses texts on which the reference itself is wrong, so that a difference always means a fault."""
    instruction_length = len(base(instruction).input_ids)
    for number, text in enumerate(texts, start=1):
        ids = base(text, add_special_tokens=False).input_ids
        problem = None
        if not text.strip():
            problem = "is empty (the reference then pools the padding)"
        elif "!@#$%^&*()" in text:
            problem = "contains the reference's separator"
        elif len(ids) > settings["doc_max_length"] or len(ids) + instruction_length > settings["max_length"]:
            problem = (
                f"has {len(ids)} tokens, over the model's limits (the reference cuts at words, llm2vec4j at tokens)"
            )
        elif ids != last(text, add_special_tokens=False).input_ids:
            problem = "has other tokens in base than in the adapter's folder (the mask token in a text?)"
        if problem:
            raise BadInput(f"{file} line {number} {problem}")


def prompt(instruction):
    return instruction + " " if instruction else ""


def tokenize(tokenizer, prefix, text):
    """The tokens of prefix + text, and which of them cover a character of the text."""
    tokens = tokenizer(prefix + text, return_offsets_mapping=True, return_tensors="pt")
    start, end = tokens.offset_mapping[0].unbind(-1)
    return tokens.input_ids, (end > len(prefix)) & (end > start)


def rows_with_equal_masks(texts, instruction, tokenizer):
    """After an instruction the reference pools the last n positions, n being the tokens of the text alone. That can be
    one too many or too few (a text that begins with an emoji: the space before it is a token of its own)."""
    rows = []
    for row, text in enumerate(texts):
        alone = len(tokenizer(text, add_special_tokens=False).input_ids)
        covering = int(tokenize(tokenizer, prompt(instruction), text)[1].sum())
        if alone == covering:
            rows.append(row)
        else:
            print(
                f"note: text {row + 1} is not compared with llm2vec: it pools {alone} tokens, the text has {covering}"
            )
    return rows


def add_adapter(model, folder):
    """peft ignores keys it does not know, so what it took is compared with the file."""
    peft_model = PeftModel.from_pretrained(model, str(folder))
    taken = get_peft_model_state_dict(peft_model)
    with safe_open(folder / "adapter_model.safetensors", "pt") as file:
        keys = set(file.keys())
        if keys != set(taken):
            missing, unknown = sorted(set(taken) - keys), sorted(keys - set(taken))
            raise BadInput(
                f"{folder}: peft misses {missing[:3] or 'nothing'} and does not know {unknown[:3] or 'nothing'}"
            )
        for key in keys:
            if not torch.equal(file.get_tensor(key).float(), taken[key].float()):
                raise BadInput(f"{folder}: peft did not take over {key}")
    return peft_model


def encode_with_llm2vec(models, chain, texts, instruction, settings):
    encoder = LLM2Vec.from_pretrained(
        str(models / "base"),
        str(models / chain[0]),
        merge_peft=True,
        torch_dtype=torch.float32,  # the base may be bf16: widen it before merging
        attn_implementation="sdpa",
        **settings,
    )
    for adapter in chain[1:]:
        encoder.model = add_adapter(encoder.model, models / adapter).merge_and_unload()
    assert all(p.dtype == torch.float32 for p in encoder.parameters())
    pairs = [[instruction, text] for text in texts]
    return encoder.encode(pairs, show_progress_bar=False, convert_to_numpy=True)


@torch.no_grad()
def encode_with_peft(models, chain, texts, instruction, settings):
    tokenizer = AutoTokenizer.from_pretrained(models / "base")
    model = AutoModel.from_pretrained(models / "base", torch_dtype=torch.float32, attn_implementation="eager")
    for adapter in chain[:-1]:
        model = add_adapter(model, models / adapter).merge_and_unload()
    model = add_adapter(model, models / chain[-1]).eval()
    embeddings = []
    for text in texts:
        ids, of_text = tokenize(tokenizer, prompt(instruction), text)
        length = ids.shape[1]
        states = model(
            input_ids=ids,
            attention_mask=torch.zeros(1, 1, length, length),  # every token sees every token
            use_cache=False,
        ).last_hidden_state[0]
        embeddings.append(states[of_text].mean(dim=0))
    return torch.stack(embeddings).numpy()


def read_embeddings(path, rows):
    if not path.exists():
        raise BadInput(f"{path} is missing")
    array = np.load(path, allow_pickle=False)
    if array.dtype != np.float32 or array.ndim != 2 or len(array) != rows:
        raise BadInput(f"{path} is {array.dtype} {list(array.shape)}, expected float32 [{rows}, hidden]")
    return array


def compare(ours, theirs):
    """Max abs difference with its row, and the smallest cosine."""
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    difference = np.nan_to_num(np.abs(ours - theirs), nan=np.inf).max(axis=1)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosine = (ours * theirs).sum(axis=1) / np.maximum(norms, 1e-30)
    return difference.max(), int(difference.argmax()), cosine.min()


def run(models, folder, tolerance):
    adapter_files = ("adapter_config.json", "adapter_model.safetensors", "tokenizer.json")
    needed = [models / "base" / "config.json", folder / "texts.txt"]
    for file in needed + [models / name / file for name in CHAINS for file in adapter_files]:
        if not file.exists():
            raise BadInput(f"{file} is missing")
    texts = read_lines(folder / "texts.txt")
    if not texts:
        raise BadInput(f"{folder / 'texts.txt'} is empty")
    instruction_file = folder / "instruction.txt"
    instruction = instruction_file.read_text(encoding="utf-8").strip() if instruction_file.exists() else ""
    tokenizer = AutoTokenizer.from_pretrained(models / "base")
    comparable = rows_with_equal_masks(texts, instruction, tokenizer)

    print(f"{len(texts)} texts{', with an instruction' if instruction else ''}; tolerance {tolerance:g}")
    print(f"{'model':<20}{'compared with':<16}{'max abs diff':>14}{'min cosine':>14}{'largest value':>16}")
    failures = []
    for name, chain in CHAINS.items():
        ours = read_embeddings(folder / f"{name}.npy", len(texts))
        settings = read_settings(models / name)
        last = AutoTokenizer.from_pretrained(models / name)
        check_texts(texts, instruction, tokenizer, last, settings, folder / "texts.txt")
        ways = [("llm2vec", encode_with_llm2vec, comparable), ("peft", encode_with_peft, list(range(len(texts))))]
        for way, encode, rows in ways:
            if not rows:
                continue
            theirs = encode(models, chain, texts, instruction, settings)
            if theirs.shape != ours.shape:
                raise BadInput(f"{name}.npy has {ours.shape[1]} columns, the model's hidden size is {theirs.shape[1]}")
            difference, row, cosine = compare(ours[rows], theirs[rows])
            print(f"{name:<20}{way:<16}{difference:>14.2e}{cosine:>14.8f}{np.abs(theirs).max():>16.3f}", flush=True)
            if not difference <= tolerance:
                failures.append(f"{name} differs from {way} by {difference:.2e} (worst: text {rows[row] + 1})")
    for failure in failures:
        print(f"FAILED: {failure}, more than {tolerance:g}")
    if not failures:
        print(f"OK: all {len(CHAINS)} models agree with Python")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True, type=Path, help="folder with base and the adapters")
    parser.add_argument("--embeddings", required=True, type=Path, help="folder with texts.txt and the .npy files")
    parser.add_argument(
        "--tolerance", type=float, default=1e-4, help="largest allowed absolute difference (%(default)s)"
    )
    arguments = parser.parse_args()
    try:
        return run(arguments.dir, arguments.embeddings, arguments.tolerance)
    except BadInput as problem:
        print(f"check_models.py: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
