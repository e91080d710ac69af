#!/usr/bin/env python3
"""Makes the golden files of PEFT's variants of LoRA: make_lora_variants.py --out DIR

DIR is the folder of make_golden.py. For each variant an adapter on models/llama as PEFT saves it, adapters/llama-NAME, and
in adapters/variants.safetensors under NAME/: the tokens, the last hidden states (causal), the gradients of their product
with "direction", and two weights after merging. Seeded: two runs in the same environment write the same bytes.
"""

import argparse
import json
import os
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""  # setup.sh may have put empty functions in place of the CUDA libraries
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaModel

from golden_files import write_arrays

MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
VARIANTS = {
    "rslora": dict(use_rslora=True),
    "dora": dict(use_dora=True),
    "dora-rslora": dict(use_dora=True, use_rslora=True),
}
MERGED = ["layers.0.self_attn.q_proj.weight", "layers.1.mlp.down_proj.weight"]
TOKENS = [[1, 20, 300, 41, 77, 502, 9, 118, 33], [1, 599, 3, 250, 251, 252, 60, 7, 8]]


def draw(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        if "magnitude" in name:
            parameter.data *= 1 + 0.2 * torch.randn(parameter.shape, generator=generator)
        elif "lora_" in name:
            parameter.data = 0.2 * torch.randn(parameter.shape, generator=generator)


def make(golden, name, options, arrays):
    base = LlamaModel.from_pretrained(golden / "models/llama", torch_dtype=torch.float32, attn_implementation="eager")
    base.name_or_path = "models/llama"
    config = LoraConfig(r=4, lora_alpha=6, lora_dropout=0.0, target_modules=MODULES, **options)
    model = get_peft_model(base, config)
    draw(model, 17)
    tokens = torch.tensor(TOKENS)
    states = model(input_ids=tokens).last_hidden_state
    direction = torch.randn(states.shape, generator=torch.Generator().manual_seed(18))
    (states * direction).sum().backward()
    arrays |= {f"{name}/tokens": tokens, f"{name}/states": states, f"{name}/direction": direction}
    for parameter_name, parameter in model.named_parameters():
        if parameter.requires_grad:
            key = parameter_name.replace(".default", "").replace("vector.weight", "vector")
            arrays[f"{name}/grad/{key}"] = parameter.grad.clone()

    folder = golden / f"adapters/llama-{name}"
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    written = json.loads((folder / "adapter_config.json").read_text())
    written["base_model_name_or_path"] = "models/llama"
    written["target_modules"] = MODULES  # a set there, in no order
    (folder / "adapter_config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")

    merged = dict(model.merge_and_unload().named_parameters())
    arrays |= {f"{name}/merged/model.{weight}": merged[weight] for weight in MERGED}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="the folder of make_golden.py")
    golden = parser.parse_args().out
    torch.set_num_threads(1)
    arrays = {}
    for name, options in VARIANTS.items():
        make(golden, name, options, arrays)
    write_arrays(golden / "adapters/variants.safetensors", arrays)


if __name__ == "__main__":
    main()
