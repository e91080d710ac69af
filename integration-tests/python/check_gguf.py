#!/usr/bin/env python3
"""Compares vectors of a GGUF model made by llm2vec4j with Python's: check_gguf.py --gguf FILE --embeddings DIR

The model is of the architecture llama with a tokenizer of the kind smollm, such as SmolLM2. DIR holds texts.txt (a text
a line) and, encoded from FILE in fp32 with causal attention, mean.npy and last_token.npy with that pooling each.

Python takes the weights by the package gguf, puts them into transformers' LlamaForCausalLM, and tokenises by a byte-level
BPE that is built here. Exit code: 0 all agree, 1 a difference above the tolerance.
"""

import argparse
import sys
from pathlib import Path

import reference  # noqa: F401  first: it sets up the environment

import gguf
import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

PARTS = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def contents(reader, key):
    return reader.fields[key].contents()


def load_model(reader):
    def of(key):
        return contents(reader, f"llama.{key}")

    config = LlamaConfig(
        vocab_size=of("vocab_size"),
        hidden_size=of("embedding_length"),
        intermediate_size=of("feed_forward_length"),
        num_hidden_layers=of("block_count"),
        num_attention_heads=of("attention.head_count"),
        num_key_value_heads=of("attention.head_count_kv"),
        rms_norm_eps=of("attention.layer_norm_rms_epsilon"),
        rope_theta=of("rope.freq_base"),
        max_position_embeddings=of("context_length"),
        tie_word_embeddings=True,
    )
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    state = {}
    for tensor in reader.tensors:
        values = torch.tensor(gguf.dequantize(tensor.data, tensor.tensor_type))
        if tensor.name == "token_embd.weight":
            state["model.embed_tokens.weight"] = state["lm_head.weight"] = values
        elif tensor.name == "output_norm.weight":
            state["model.norm.weight"] = values
        else:
            _, layer, part, _ = tensor.name.split(".")
            if part in heads:  # rotated pairs are neighbours in the file, halves of a head apart in transformers
                pairs = values.view(heads[part], -1, 2, values.shape[1])
                values = torch.cat([pairs[:, :, 0], pairs[:, :, 1]], dim=1).reshape(values.shape)
            state[f"model.layers.{layer}.{PARTS[part]}.weight"] = values
    model = LlamaForCausalLM(config)
    model.load_state_dict(state, strict=True)
    return model.eval()


def load_tokenizer(reader):
    assert contents(reader, "tokenizer.ggml.pre") == "smollm", "only the tokenizer of SmolLM is known here"
    tokens = contents(reader, "tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in contents(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    kinds = contents(reader, "tokenizer.ggml.token_type")
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t, kind in zip(tokens, kinds) if kind == 3])
    return tokenizer


@torch.no_grad()
def encode(model, tokenizer, texts):
    mean, last = [], []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        states = model.model(input_ids=ids).last_hidden_state[0]
        mean.append(states.mean(dim=0).numpy())
        last.append(states[-1].numpy())
    return {"mean": np.stack(mean), "last_token": np.stack(last)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", required=True, type=Path, help="the model")
    parser.add_argument("--embeddings", required=True, type=Path, help="folder with texts.txt and the .npy files")
    parser.add_argument(
        "--tolerance", type=float, default=1e-4, help="largest difference, in parts of the largest value (%(default)s)"
    )
    arguments = parser.parse_args()
    reader = gguf.GGUFReader(arguments.gguf)
    texts = (arguments.embeddings / "texts.txt").read_text(encoding="utf-8").splitlines()
    failed = False
    for pooling, theirs in encode(load_model(reader), load_tokenizer(reader), texts).items():
        ours = np.load(arguments.embeddings / f"{pooling}.npy", allow_pickle=False)
        assert ours.shape == theirs.shape, f"{pooling}.npy has the shape {ours.shape}, expected {theirs.shape}"
        difference = float(np.nan_to_num(np.abs(ours - theirs), nan=np.inf).max() / np.abs(theirs).max())
        print(f"{pooling:<12}{len(texts)} texts, largest value {np.abs(theirs).max():.3f}, difference {difference:.2e} of it")
        failed |= not difference <= arguments.tolerance
    print("FAILED" if failed else "OK: GGUF weights give the vectors of Python")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
