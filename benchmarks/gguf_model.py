"""Writes a model folder of the architecture Llama as a GGUF file, the way llama.cpp wants encoders."""
import json

import gguf
import numpy as np
from gguf import GGMLQuantizationType, LlamaFileType
from safetensors.torch import load_file

KINDS = {
    "F32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "BF16": (GGMLQuantizationType.BF16, LlamaFileType.MOSTLY_BF16),
    "Q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
}
IN_BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm"}


def gguf_name(module):
    if module in OUTER:
        return OUTER[module]
    _, _, block, part = module.split(".", 3)
    return f"blk.{block}.{IN_BLOCK[part]}"


def interleaved(weight, heads):
    """Rows of queries or keys in llama.cpp's order: the two halves of a head's rotated pairs side by side."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def write(folder, file, kind):
    """
    The file has the architecture "llama-embed": Llama that attends in both directions, keeps no keys and values and has
    no output head, which is llama.cpp's fastest for encoding. It holds no tokenizer.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config["model_type"] != "llama":
        raise SystemExit(f"{folder}: model_type is {config['model_type']}, expected llama")
    weight_type, file_type = KINDS[kind]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    writer = gguf.GGUFWriter(file, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.LLAMA_EMBED])
    writer.add_file_type(file_type)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(config["hidden_size"] // heads)
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_tokenizer_model("none")
    for name, tensor in load_file(folder / "model.safetensors").items():
        module = name.removesuffix(".weight")
        if module == "lm_head":
            continue
        weight = tensor.float().numpy()
        if module.endswith(("q_proj", "k_proj")):
            weight = interleaved(weight, heads if module.endswith("q_proj") else kv_heads)
        if weight.ndim == 1 or kind == "F32":
            writer.add_tensor(f"{gguf_name(module)}.weight", weight.astype(np.float32))
        else:
            writer.add_tensor(
                f"{gguf_name(module)}.weight", gguf.quants.quantize(weight, weight_type), raw_dtype=weight_type
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
