#!/usr/bin/env python3
"""Makes the golden files of the model families, each with every block's states: make_families.py --out DIR

DIR is the folder of make_golden.py. The reference has no such models, or none that is bidirectional in truth, so these
are plain transformers models in fp32; bidirectional means an explicit mask that hides padded keys and nothing else.
Seeded: two runs in the same environment write the same bytes.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""  # setup.sh may have put empty functions in place of the CUDA libraries
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
sys.path.insert(0, str(Path(sys.prefix) / "families"))  # before the reference's older transformers

import torch
import transformers
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from golden_files import VOCAB_SIZE, write_arrays, write_json

LENGTH = 11
PADDING = [0, 4]  # of each row
SHAPE = dict(
    vocab_size=VOCAB_SIZE, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2, pad_token_id=None,
    tie_word_embeddings=True,
)  # fmt: skip
UNTIED = dict(intermediate_size=64, tie_word_embeddings=False)
LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}  # fmt: skip
FAMILIES = {
    # the weights of models/llama under another configuration
    "llama-linear": ("Llama", dict(**UNTIED, rope_scaling={"rope_type": "linear", "factor": 4.0})),
    "llama-llama3": ("Llama", dict(**UNTIED, rope_theta=500000.0, rope_scaling=LLAMA3)),
    "qwen2": ("Qwen2", dict(rope_theta=1e6, use_sliding_window=True, sliding_window=4, max_window_layers=1)),
    "qwen3": ("Qwen3", dict(rope_theta=1e6, head_dim=16)),
    "gemma": ("Gemma", dict(head_dim=8)),
    # caps so low that they bend most scores of so small a model
    "gemma2": (
        "Gemma2",
        dict(
            num_hidden_layers=4, head_dim=8, sliding_window=4, query_pre_attn_scalar=24, attn_logit_softcapping=2.0,
            final_logit_softcapping=3.0,
        ),
    ),
}  # fmt: skip
LORA_MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def draw_weights(model, plus_one, seed):
    """Rounded to bf16, in which they are stored."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, weight in sorted(model.named_parameters()):
            draw = torch.randn(weight.shape, generator=generator)
            norm = key.endswith("norm.weight")
            weight.copy_(((0 if plus_one else 1) + 0.1 * draw if norm else 0.2 * draw).bfloat16())


def additive_mask(real):
    """(batch, 1, queries, keys): every query sees every real key."""
    hidden = torch.zeros(real.shape).masked_fill(~real, torch.finfo(torch.float32).min)
    return hidden[:, None, None, :].expand(-1, 1, LENGTH, -1)


def states(model, ids, real, bidirectional):
    """What goes into the first block, what comes out of each, and what the head takes; and the last logits."""
    found = []
    inner = model.model
    hooks = [
        inner.layers[0].register_forward_pre_hook(
            lambda _, args, kwargs: found.append(args[0] if args else kwargs["hidden_states"]), with_kwargs=True
        )
    ]
    for layer in inner.layers:
        hooks.append(
            layer.register_forward_hook(lambda _, __, out: found.append(out[0] if isinstance(out, tuple) else out))
        )
    hooks.append(inner.norm.register_forward_hook(lambda _, __, out: found.append(out)))
    with torch.no_grad():
        logits = model(
            input_ids=ids,
            attention_mask=additive_mask(real) if bidirectional else real.long(),
            position_ids=(real.long().cumsum(-1) - 1).clamp(min=0),
            use_cache=False,
        ).logits
    for hook in hooks:
        hook.remove()
    assert len(found) == len(inner.layers) + 2
    return found, logits[:, -1]


def lora_shapes(model):
    """PEFT's names and shapes for an adapter of rank 2 on the model without its head, as LLM2Vec trains it."""
    peft_model = get_peft_model(model.model, LoraConfig(r=2, target_modules=LORA_MODULES))
    return {key: list(tensor.shape) for key, tensor in sorted(get_peft_model_state_dict(peft_model).items())}


def make_family(name, seed):
    family, options = FAMILIES[name]
    config = getattr(transformers, family + "Config")(**{**SHAPE, **options}, attn_implementation="eager")
    model = getattr(transformers, family + "ForCausalLM")(config).float().eval()
    folder = Path("families") / name
    if family == "Llama":
        model.load_state_dict(load_file("models/llama/model.safetensors"))
    else:
        draw_weights(model, family.startswith("Gemma"), seed)
        kept = {"model." + key: weight.bfloat16() for key, weight in model.model.state_dict().items()}
        folder.mkdir(parents=True, exist_ok=True)
        save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    config.architectures = [family + "ForCausalLM"]
    written = config.to_diff_dict()
    written["dtype"] = "float32" if family == "Llama" else "bfloat16"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")

    generator = torch.Generator().manual_seed(300)
    ids = torch.randint(3, VOCAB_SIZE, (len(PADDING), LENGTH), generator=generator)
    real = torch.arange(LENGTH)[None] >= torch.tensor(PADDING)[:, None]
    ids[~real] = 2
    arrays = {"input_ids": ids, "attention_mask": real.long()}
    for direction in ("bi", "uni"):
        found, logits = states(model, ids, real, direction == "bi")
        arrays.update({f"states/{direction}/{i}": value for i, value in enumerate(found)})
        arrays[f"logits/{direction}"] = logits
    write_arrays(folder / "states.safetensors", arrays)
    return lora_shapes(model)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path, help="folder that make_golden.py has written")
    os.chdir(parser.parse_args().out)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    shapes = {name: make_family(name, 310 + i) for i, name in enumerate(FAMILIES)}
    del shapes["llama-linear"]
    shapes["llama"] = shapes.pop("llama-llama3")
    write_json("families/lora_shapes.json", shapes)


if __name__ == "__main__":
    main()
