#!/usr/bin/env python3
"""Measures a decoder on held-out text and lets it write: the figures and samples of the model card.

Needs: the environment of integration-tests/python (setup.sh VENV_DIR), since the model is read with transformers.

Bits per character: the sum of -log2 p of all tokens of the held-out lines, the end token of each line included, over
the number of characters of those lines. Lines are joined and cut into blocks as in training, so the figure can be
compared with the eval_loss of `llm2vec train clm`.
"""
import argparse
import math

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = ["ירושלים היא", "הכנסת אישרה", "בבוקר קמתי מוקדם", "התלמידים למדו", "המים חשובים"]


def bits_per_character(model, tokenizer, path, length):
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = [line.rstrip("\n") for line in file]
    ids = [token for line in lines for token in tokenizer(line).input_ids + [tokenizer.eos_token_id]]
    blocks = torch.tensor(ids[: len(ids) // length * length]).view(-1, length)
    nats = tokens = 0
    with torch.no_grad():
        for batch in blocks.split(16):
            loss = model(batch, labels=batch).loss.item()
            count = batch.shape[0] * (length - 1)
            nats += loss * count
            tokens += count
    characters = sum(map(len, lines)) * tokens / len(ids)
    return nats / tokens, nats / math.log(2) / characters, len(ids) / sum(map(len, lines)), tokens


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="folder with config.json, model.safetensors and the tokenizer")
    parser.add_argument("--heldout", required=True, help="heldout.txt of prepare_corpus.py")
    parser.add_argument("--max-length", type=int, default=256, help="tokens in a block (default 256)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the samples (default 1)")
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, torch_dtype=torch.float32).eval()
    print("parameters: %s" % format(sum(p.numel() for p in model.parameters()), ","))
    loss, bits, rate, tokens = bits_per_character(model, tokenizer, args.heldout, args.max_length)
    print("held-out: loss %.4f nats a token over %d tokens, perplexity %.1f, %.3f bits a character, %.2f characters a token"
          % (loss, tokens, math.exp(loss), bits, 1 / rate))
    torch.manual_seed(args.seed)
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=40, do_sample=True, top_p=0.9,
                             temperature=0.7, repetition_penalty=1.15, pad_token_id=tokenizer.eos_token_id)
        print("- " + tokenizer.decode(out[0], skip_special_tokens=True))


if __name__ == "__main__":
    main()
