#!/usr/bin/env python3
"""Writes a config.json of every model family as the installed version of transformers spells it: make_configs.py --out DIR

Needs transformers alone, of any version that knows the families; torch is not used.
"""

import argparse
import json
from pathlib import Path

import transformers

SHAPE = dict(
    vocab_size=600, hidden_size=32, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512,
)  # fmt: skip
LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}  # fmt: skip
FAMILIES = {
    "mistral": ("Mistral", dict(sliding_window=8)),
    "llama": ("Llama", dict(rope_theta=500000.0)),
    "llama-linear": ("Llama", dict(rope_scaling={"rope_type": "linear", "factor": 4.0})),
    "llama-llama3": ("Llama", dict(rope_theta=500000.0, rope_scaling=LLAMA3)),
    "qwen2": ("Qwen2", dict(rope_theta=1e6, use_sliding_window=True, sliding_window=8, max_window_layers=3)),
    "qwen3": ("Qwen3", dict(rope_theta=1e6, head_dim=16)),
    "gemma": ("Gemma", dict(head_dim=16)),
    "gemma2": ("Gemma2", dict(head_dim=16, sliding_window=8, query_pre_attn_scalar=24)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path)
    out = parser.parse_args().out / f"transformers-{transformers.__version__}"
    out.mkdir(parents=True, exist_ok=True)
    for name, (family, options) in FAMILIES.items():
        config = getattr(transformers, family + "Config")(**SHAPE, **options)
        (out / f"{name}.json").write_text(json.dumps(config.to_diff_dict(), indent=1) + "\n")


if __name__ == "__main__":
    main()
