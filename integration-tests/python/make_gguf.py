#!/usr/bin/env python3
"""Makes the GGUF files that the unit tests of core read: make_gguf.py --golden GOLDEN --out DIR

GOLDEN is the folder of the golden files, from which the Llama model and its tokenizer come. Everything is seeded:
running it again writes the same bytes. Needs the packages of requirements-gguf.txt.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import TokenType
from safetensors.numpy import load_file

BLOCK_TYPES = [Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q4_K, Type.Q5_K, Type.Q6_K]
HALF_FLOATS_AT = {Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208]}

IN_BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def gguf_name(name):
    module, kind = name.rsplit(".", 1)
    if module in OUTER:
        return f"{OUTER[module]}.{kind}"
    _, _, layer, part = module.split(".", 3)
    return f"blk.{layer}.{IN_BLOCK[part]}.{kind}"


def add(writer, name, values, kind=Type.F32):
    if kind == Type.F32:
        writer.add_tensor(name, values.astype(np.float32))
    elif kind == Type.F16:
        writer.add_tensor(name, values.astype(np.float16))
    else:
        writer.add_tensor(name, gguf.quants.quantize(values.astype(np.float32), kind), raw_dtype=kind)


def close(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# ---- block formats


def packed(kind, random):
    """Two rows of two blocks: quantised numbers, or random bytes under scales that are finite."""
    block_size, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    if kind not in HALF_FLOATS_AT:
        return gguf.quants.quantize(random.normal(0, 0.5, (2, 2 * block_size)).astype(np.float32), kind)
    data = random.integers(0, 256, (4, block_bytes), dtype=np.uint8)
    for at in HALF_FLOATS_AT[kind]:
        data[:, at : at + 2] = random.normal(0, 0.05, (4, 1)).astype(np.float16).view(np.uint8)
    return data.reshape(2, 2 * block_bytes)


def write_blocks(path):
    writer = gguf.GGUFWriter(path, "blocks")
    random = np.random.default_rng(7)
    for kind in BLOCK_TYPES:
        data = packed(kind, random)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        writer.add_tensor(f"{kind.name}.expected", gguf.quants.dequantize(data, kind))
    values = random.normal(0, 0.5, (3, 5)).astype(np.float32)
    values[0, :4] = [0.0, -0.0, 6e-8, 65504.0]
    halves = values.astype(np.float16)
    writer.add_tensor("F16", halves)
    writer.add_tensor("F16.expected", halves.astype(np.float32))
    short = gguf.quants.quantize(values, Type.BF16)
    writer.add_tensor("BF16", short, raw_dtype=Type.BF16)
    writer.add_tensor("BF16.expected", gguf.quants.dequantize(short, Type.BF16))
    close(writer)


# ---- models


def neighbours_together(values, heads):
    """The order of rows of q and k in files of the architecture llama, as its converter makes it."""
    return values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def write_llama(path, golden):
    """The Llama model of the golden files, with the rotary frequencies of Llama 3.1."""
    config = json.loads((golden / "models/llama/config.json").read_text()) | {"rope_theta": 5e5}
    writer = gguf.GGUFWriter(path, "llama")
    metadata(writer, config)
    writer.add_tensor("rope_freqs.weight", llama3_factors(config["rope_theta"], 8, 8.0))
    sentence_piece(writer, json.loads((golden / "tokenizers/llama-bpe/tokenizer.json").read_text()))
    for name, values in sorted(load_file(golden / "models/llama/model.safetensors").items()):
        if ".q_proj." in name:
            values = neighbours_together(values, config["num_attention_heads"])
        if ".k_proj." in name:
            values = neighbours_together(values, config["num_key_value_heads"])
        kind = Type.F32 if values.ndim == 1 else Type.F16 if ".0." in name else Type.Q8_0
        add(writer, gguf_name(name), values, Type.Q4_0 if name.startswith("lm_head") else kind)
    close(writer)


def llama3_factors(theta, head_dim, factor):
    """By how much each rotary frequency is divided; the models differ in the factor alone."""
    wavelengths = 2 * np.pi * theta ** (np.arange(0, head_dim, 2) / head_dim)
    smooth = np.clip((8192 / wavelengths - 1.0) / (4.0 - 1.0), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def write_constant(path, architecture, own):
    """A model each tensor of which is a number of its own: the place of its name in the sorted list, in 64ths."""
    config = {
        "vocab_size": 32,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8 if "head_dim" in own else 4,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1e6,
        "max_position_embeddings": 128,
    }
    width, key_width = 4 * config["head_dim"], 2 * config["head_dim"]
    layer = "model.layers.0."
    shapes = {
        "model.embed_tokens.weight": (32, 16),
        "model.norm.weight": (16,),
        layer + "input_layernorm.weight": (16,),
        layer + "post_attention_layernorm.weight": (16,),
        layer + "self_attn.q_proj.weight": (width, 16),
        layer + "self_attn.k_proj.weight": (key_width, 16),
        layer + "self_attn.v_proj.weight": (key_width, 16),
        layer + "self_attn.o_proj.weight": (16, width),
        layer + "mlp.gate_proj.weight": (32, 16),
        layer + "mlp.up_proj.weight": (32, 16),
        layer + "mlp.down_proj.weight": (16, 32),
    }
    if "bias" in own:
        shapes |= {layer + f"self_attn.{p}_proj.bias": (width if p == "q" else key_width,) for p in "qkv"}
    if "head_norms" in own:
        shapes |= {layer + f"self_attn.{p}_norm.weight": (config["head_dim"],) for p in "qk"}
    writer = gguf.GGUFWriter(path, architecture)
    metadata(writer, config)
    for place, (name, shape) in enumerate(sorted(shapes.items())):
        value = place / 64 + (1 if architecture == "gemma" and name.endswith("norm.weight") else 0)
        add(writer, gguf_name(name), np.full(shape, value), Type.F32 if len(shape) == 1 else Type.F16)
    close(writer)


def metadata(writer, config):
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    if "head_dim" in config:
        writer.add_key_length(config["head_dim"])
        writer.add_value_length(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])


# ---- tokenizers


def sentence_piece(writer, tokenizer):
    """Tokens with scores: a token that the merges make has the negative rank of the first that makes it."""
    vocabulary = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    scores = dict.fromkeys(vocabulary, -1e4)
    for rank, merge in reversed(list(enumerate(tokenizer["model"]["merges"]))):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        scores["".join(pair)] = -float(rank)
    special = {token["content"] for token in tokenizer["added_tokens"]}
    kinds = [
        TokenType.UNKNOWN if token == "<unk>"
        else TokenType.CONTROL if token in special
        else TokenType.BYTE if token.startswith("<0x")
        else TokenType.NORMAL
        for token in vocabulary
    ]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(vocabulary)
    writer.add_token_scores([scores[token] for token in vocabulary])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(True)


def byte_letters():
    """The letter that stands for each byte in a byte-level BPE."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {byte: chr(256 + place) for place, byte in enumerate(hidden)}


def write_byte_level(path, pre):
    """No model, only a tokenizer: two merges of digits, one of letters, one of a space and a letter."""
    letters = byte_letters()
    merges = ["1 2", "12 3", "123 4", "a b", f"{letters[32]} a"]
    tokens = ["<|end|>", *letters.values(), *(merge.replace(" ", "") for merge in merges), "<|tool|>"]
    writer = gguf.GGUFWriter(path, "none")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL] + [TokenType.NORMAL] * (len(tokens) - 2) + [TokenType.USER_DEFINED])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    close(writer)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", required=True, type=Path, help="folder of the golden files")
    parser.add_argument("--out", required=True, type=Path, help="folder to write to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_blocks(arguments.out / "blocks.gguf")
    write_llama(arguments.out / "llama.gguf", arguments.golden)
    write_constant(arguments.out / "qwen2.gguf", "qwen2", {"bias"})
    write_constant(arguments.out / "qwen3.gguf", "qwen3", {"head_norms", "head_dim"})
    write_constant(arguments.out / "gemma.gguf", "gemma", {"head_dim"})
    for pre in ["llama-bpe", "qwen2", "gpt-2", "smollm"]:
        write_byte_level(arguments.out / f"tokenizer-{pre}.gguf", pre)


if __name__ == "__main__":
    main()
