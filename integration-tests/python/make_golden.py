#!/usr/bin/env python3
"""Makes the project's small golden set with the reference implementation: make_golden.py --out DIR

Everything is seeded: two runs in the same environment write the same bytes. The README.md beside the set says
what the files hold.
"""

import argparse
import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path

from reference import add_lora  # first: it sets up the environment

import torch
from llm2vec import LLM2Vec
from llm2vec.models import MistralBiForMNTP
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

import golden_texts as texts
from golden_files import SMALL, VOCAB_SIZE, max_difference, write_arrays, write_json
from golden_training import make_collators, make_mntp, make_simcse, make_supervised


# ---- tokenizer -------------------------------------------------------------------------------------------------


def train_tokenizer(folder):
    """A byte-fallback BPE in the shape of Llama's and Mistral's."""
    special = ["<unk>", "<s>", "</s>"]
    # trained on words that carry their ▁; at run time nothing splits the text
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.pre_tokenizer = pre_tokenizers.Split(Regex("▁[^▁]*"), "isolated")
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=VOCAB_SIZE - len(byte_tokens), special_tokens=special, show_progress=False)
    trained.train_from_iterator(texts.CORPUS, trainer)
    model = json.loads(trained.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].get)[len(special) :]
    vocab = {token: i for i, token in enumerate(special + byte_tokens + pieces)}
    assert len(vocab) == VOCAB_SIZE and "_" in vocab, len(vocab)

    def token(id_, content):
        return {"id": id_, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
                "normalized": False, "special": True}  # fmt: skip

    bos, first, second = [{"SpecialToken": {"id": "<s>", "type_id": 0}}], "A", "B"
    write_json(
        folder / "tokenizer.json",
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [token(i, content) for i, content in enumerate(special)],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [
                    {"type": "Prepend", "prepend": "▁"},
                    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
                ],
            },
            "pre_tokenizer": None,
            "post_processor": {
                "type": "TemplateProcessing",
                "single": bos + [{"Sequence": {"id": first, "type_id": 0}}],
                "pair": bos
                + [{"Sequence": {"id": first, "type_id": 0}}]
                + [{"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": second, "type_id": 1}}],
                "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
            },
            "decoder": {
                "type": "Sequence",
                "decoders": [
                    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
                ],
            },
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": "<unk>",
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": True,
                "byte_fallback": True,
                "ignore_merges": False,
                "vocab": vocab,
                "merges": model["merges"],
            },
        },
    )
    decoder = {str(i): {k: v for k, v in token(i, c).items() if k != "id"} for i, c in enumerate(special)}
    write_json(
        folder / "tokenizer_config.json",
        {
            "add_bos_token": True,
            "add_eos_token": False,
            "added_tokens_decoder": decoder,
            "bos_token": "<s>",
            "clean_up_tokenization_spaces": False,
            "eos_token": "</s>",
            "legacy": True,
            "model_max_length": 1000000000000000019884624838656,
            "pad_token": None,
            "sp_model_kwargs": {},
            "tokenizer_class": "LlamaTokenizerFast",
            "unk_token": "<unk>",
            "use_default_system_prompt": False,
        },
    )
    write_json(folder / "special_tokens_map.json", {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})


def tokenizer_cases(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert len(tokenizer) == VOCAB_SIZE
    cases = []
    for text in texts.TOKENIZER_CASES:
        encoded = tokenizer(text, return_offsets_mapping=True)
        cases.append(
            {
                "text": text,
                "ids": encoded["input_ids"],
                "offsets": [list(pair) for pair in encoded["offset_mapping"]],
                "tokens": tokenizer.convert_ids_to_tokens(encoded["input_ids"]),
                "ids_no_special": tokenizer(text, add_special_tokens=False)["input_ids"],
                "decoded_skip_special": tokenizer.decode(encoded["input_ids"], skip_special_tokens=True),
            }
        )
    split = []
    for words in texts.SPLIT_INTO_WORDS:
        encoded = tokenizer(words, is_split_into_words=True)
        split.append({"words": words, "ids": encoded["input_ids"], "word_ids": encoded.word_ids()})
    write_json(
        f"{folder}-cases.json",
        {
            "class": type(tokenizer).__name__,
            "len": len(tokenizer),
            "bos_id": tokenizer.bos_token_id,
            "eos_id": tokenizer.eos_token_id,
            "pad_id_before": tokenizer.pad_token_id,
            "unk_id": tokenizer.unk_token_id,
            "add_bos": True,
            "cases": cases,
            "split_into_words": split,
        },
    )


# ---- models ----------------------------------------------------------------------------------------------------


def make_models():
    shape = dict(
        vocab_size=VOCAB_SIZE, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2, torch_dtype="float32",
    )  # fmt: skip
    mistral = MistralForCausalLM(MistralConfig(**shape, head_dim=8, sliding_window=8, rms_norm_eps=1e-5))
    llama = LlamaForCausalLM(LlamaConfig(**shape, rms_norm_eps=1e-6))
    for seed, (name, model) in enumerate({"mistral": mistral, "llama": llama}.items()):
        generator = torch.Generator().manual_seed(100 + seed)
        with torch.no_grad():
            for key, weight in sorted(model.named_parameters()):
                draw = torch.randn(weight.shape, generator=generator)
                weight.copy_(1 + 0.1 * draw if key.endswith("norm.weight") else 0.2 * draw)
        folder = Path("models") / name
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink()
        for file in Path("tokenizers/llama-bpe").iterdir():
            shutil.copy(file, folder)


# ---- encoding --------------------------------------------------------------------------------------------------


def hidden_states(model, features):
    with torch.no_grad():
        features = {k: v for k, v in features.items() if k != "embed_mask"}
        return model.model.eval()(**features).last_hidden_state


def encode_fixture(name):
    base = f"models/{name}"
    arrays, runs, tokenized = {}, [], {}
    for setting, kwargs in {"small": SMALL, "default": {}}.items():
        for bidirectional, skip in itertools.product([True, False], [True, False]):

            def load(attention):
                return LLM2Vec.from_pretrained(
                    base, enable_bidirectional=bidirectional, pooling_mode="mean", skip_instruction=skip,
                    attn_implementation=attention, **kwargs,
                )  # fmt: skip

            sdpa, eager = load("sdpa"), load("eager")
            key = f"{setting}/{'bi' if bidirectional else 'uni'}/mean/{'skip' if skip else 'noskip'}"
            embeddings = sdpa.encode(texts.ENCODE_ITEMS, show_progress_bar=False)
            arrays[f"emb/{key}"] = embeddings
            run = {
                "key": key,
                "settings": setting,
                "bidirectional": bidirectional,
                "pooling_mode": "mean",
                "skip_instruction": skip,
                "batch_size": 32,
                "attn": "sdpa",
                "shape": list(embeddings.shape),
                "max_abs_diff_eager_vs_sdpa": max_difference(
                    embeddings, eager.encode(texts.ENCODE_ITEMS, show_progress_bar=False)
                ),
            }
            if skip:
                strings = [sdpa.prepare_for_tokenization(sdpa._convert_to_str(*i)) for i in texts.ENCODE_ITEMS]
                features = sdpa.tokenize(strings)
                if bidirectional:
                    tokenized[f"{setting}/plain"] = {"strings": strings}
                    for array in ("input_ids", "attention_mask", "embed_mask"):
                        arrays[f"tok/{setting}/plain/{array}"] = features[array]
                if setting == "small":
                    hidden = hidden_states(sdpa, features)
                    difference = (hidden - hidden_states(eager, features)).abs().amax(dim=-1)
                    real = features["attention_mask"].bool()
                    arrays[f"hidden/small/{'bi' if bidirectional else 'uni'}"] = hidden
                    run["hidden_max_abs_diff_eager_vs_sdpa_real_tokens"] = difference[real].max().item()
                    run["hidden_max_abs_diff_eager_vs_sdpa_pad_rows"] = difference[~real].max().item()
            runs.append(run)
    write_arrays(f"encode/{name}/arrays.safetensors", arrays)
    write_json(
        f"encode/{name}/manifest.json",
        {
            "model": base,
            "items": texts.ENCODE_ITEMS,
            "separator": texts.SEPARATOR,
            "settings": {"small": SMALL, "default": {}},
            "kwargs": {},
            "runs": runs,
            "tokenized": tokenized,
        },
    )


# ---- adapters --------------------------------------------------------------------------------------------------


def tidy_adapter(folder):
    """peft writes a model card, and its set of module names in no fixed order."""
    (Path(folder) / "README.md").unlink()
    config = Path(folder) / "adapter_config.json"
    value = json.loads(config.read_text())
    value["target_modules"].sort()
    config.write_text(json.dumps(value, indent=2))


def mntp_tokenizer(base):
    """The tokenizer as the MNTP script sets it up for a model without a mask token."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.mask_token = "_"
    tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def make_adapters():
    base, mntp, simcse = "models/mistral", "adapters/mistral-mntp", "adapters/mistral-mntp-simcse"
    outer = MistralBiForMNTP.from_pretrained(base)
    outer.model = add_lora(outer.model, 4, 8, torch.Generator().manual_seed(200), 0.1, 0.1)
    outer.save_peft_model(mntp)
    mntp_tokenizer(base).save_pretrained(mntp)
    tidy_adapter(mntp)

    encoder = LLM2Vec.from_pretrained(base, mntp, merge_peft=True, pooling_mode="mean", max_length=128)
    encoder.model = add_lora(encoder.model, 4, 8, torch.Generator().manual_seed(201), 0.1, 0.1)
    encoder.save(simcse)
    tidy_adapter(simcse)

    def load(*args, **kwargs):
        return LLM2Vec.from_pretrained(*args, attn_implementation="sdpa", **SMALL, **kwargs)

    with tempfile.TemporaryDirectory() as mntp_with_config:
        shutil.copytree(mntp, mntp_with_config, dirs_exist_ok=True)
        shutil.copy(f"{base}/config.json", mntp_with_config)
        chain = "from_pretrained(the mntp adapter's folder with the base's config.json added, peft=mntp-simcse"
        loaded = {
            "mntp_unmerged": (load(base, mntp), "LLM2Vec.from_pretrained(base, peft=mntp, merge_peft=False)"),
            "mntp_merged": (load(base, mntp, merge_peft=True), "merge_peft=True"),
            "chain": (load(mntp_with_config, simcse), f"{chain}): mntp merged, simcse unmerged"),
            "chain_merged": (load(mntp_with_config, simcse, merge_peft=True), "same with merge_peft=True"),
        }
    arrays, runs = {}, []
    for run, (model, note) in loaded.items():
        arrays[f"emb/mistral/{run}"] = model.encode(texts.ADAPTER_ITEMS, show_progress_bar=False)
        runs.append({"key": f"mistral/{run}", "note": note})
    runs.append(
        {
            "key": "mistral/diffs",
            "mntp unmerged vs merged": max_difference(
                *(arrays[f"emb/mistral/mntp_{m}"] for m in ("unmerged", "merged"))
            ),
            "chain vs chain_merged": max_difference(*(arrays[f"emb/mistral/chain{m}"] for m in ("", "_merged"))),
        }
    )
    merged = loaded["mntp_merged"][0].model.state_dict()
    for weight in ("layers.0.self_attn.q_proj.weight", "layers.1.mlp.down_proj.weight"):
        arrays[f"merged/mistral/{weight}"] = merged[weight]
    write_arrays("adapters/encode.safetensors", arrays)
    write_json("adapters/manifest.json", {"items": texts.ADAPTER_ITEMS, **SMALL, "runs": runs})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", required=True, type=Path, help="folder to write to; files of the same name are replaced"
    )
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    os.chdir(out)  # so that every path in the written files is relative to the set

    tokenizer_folder = Path("tokenizers/llama-bpe")
    tokenizer_folder.mkdir(parents=True, exist_ok=True)
    train_tokenizer(tokenizer_folder)
    tokenizer_cases(tokenizer_folder)
    make_models()
    for name in ("mistral", "llama"):
        encode_fixture(name)
    make_adapters()
    tokenizer = mntp_tokenizer("models/mistral")
    make_mntp(tokenizer, make_collators(tokenizer))
    make_simcse()
    make_supervised()
    files = [file for file in Path(".").rglob("*") if file.is_file()]
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.2f} MB in {out}")


if __name__ == "__main__":
    main()
