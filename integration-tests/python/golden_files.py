"""How the golden files are written, and the constants they share."""

import json
from pathlib import Path

from safetensors.torch import save_file

import torch

VOCAB_SIZE = 600
SMALL = {"max_length": 48, "doc_max_length": 32}  # the settings "small" of the encodings


def write_json(path, value):
    """Indented JSON with lists of numbers kept on one line."""

    def dump(v, pad):
        flat = not isinstance(v, (dict, list)) or not v
        if flat or isinstance(v, list) and not any(isinstance(x, (dict, list, str)) for x in v):
            return json.dumps(v, ensure_ascii=False)
        if isinstance(v, list):
            inner = [dump(x, pad + " ") for x in v]
            return "[\n" + ",\n".join(f"{pad} {x}" for x in inner) + f"\n{pad}]"
        inner = [f"{json.dumps(k, ensure_ascii=False)}: {dump(x, pad + ' ')}" for k, x in v.items()]
        return "{\n" + ",\n".join(f"{pad} {x}" for x in inner) + f"\n{pad}}}"

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(value, "") + "\n", encoding="utf-8")


def write_arrays(path, arrays):
    """Integers as int64, everything else as float32."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    arrays = {k: v.detach().to(torch.float32 if v.is_floating_point() else torch.int64) for k, v in arrays.items()}
    save_file({k: v.contiguous().clone() for k, v in arrays.items()}, path)


def max_difference(a, b):
    return (a - b).abs().max().item()
