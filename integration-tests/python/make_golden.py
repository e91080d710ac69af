#!/usr/bin/env python3
"""Makes the project's small golden set with the reference implementation: make_golden.py --out DIR

Everything is seeded: two runs in the same environment write the same bytes. The README.md beside the set says
what the files hold.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import tempfile
from pathlib import Path

from reference import (  # first: it sets up the environment
    ContrastiveCollator,
    FullMaskingCollator,
    add_lora,
    contrastive_loss,
    lora_tensors,
    train_by_hand,
    train_with_trainer,
)

import torch
from llm2vec import LLM2Vec
from llm2vec.dataset import E5Data, Wiki1M
from llm2vec.loss.HardNegativeNLLLoss import HardNegativeNLLLoss
from llm2vec.loss.loss_utils import cos_sim
from llm2vec.models import MistralBiForMNTP
from peft import PeftModel
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

import golden_texts as texts

VOCAB_SIZE = 600
BLOCK = 24
STEPS = 10
SMALL = {"max_length": 48, "doc_max_length": 32}


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


# ---- tokenizer -------------------------------------------------------------------------------------------------


def train_tokenizer(folder):
    """A byte-fallback BPE in the shape of Llama's and Mistral's."""
    special = ["<unk>", "<s>", "</s>"]
    # trained on words that carry their ▁; at run time nothing splits the text
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.pre_tokenizer = pre_tokenizers.Split(Regex("▁[^▁]*"), "isolated")
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE - len(byte_tokens), special_tokens=special, show_progress=False
    )
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
            "mntp unmerged vs merged": max_difference(*(arrays[f"emb/mistral/mntp_{m}"] for m in ("unmerged", "merged"))),
            "chain vs chain_merged": max_difference(*(arrays[f"emb/mistral/chain{m}"] for m in ("", "_merged"))),
        }
    )
    merged = loaded["mntp_merged"][0].model.state_dict()
    for weight in ("layers.0.self_attn.q_proj.weight", "layers.1.mlp.down_proj.weight"):
        arrays[f"merged/mistral/{weight}"] = merged[weight]
    write_arrays("adapters/encode.safetensors", arrays)
    write_json("adapters/manifest.json", {"items": texts.ADAPTER_ITEMS, **SMALL, "runs": runs})


# ---- collators -------------------------------------------------------------------------------------------------


class RecordedDraws:
    """Records what a collator draws."""

    def __enter__(self):
        self.draws, self.words = [], None
        self.bernoulli, self.randint = torch.bernoulli, torch.randint

        def bernoulli(probability):
            result = self.bernoulli(probability)
            self.draws.append((probability.clone(), result.long()))
            return result

        def randint(*args, **kwargs):
            self.words = self.randint(*args, **kwargs)
            return self.words

        torch.bernoulli, torch.randint = bernoulli, randint
        return self

    def __exit__(self, *_):
        torch.bernoulli, torch.randint = self.bernoulli, self.randint

    def arrays(self, key):
        for i, (probability, result) in enumerate(self.draws):
            yield f"{key}/draw{i}_probability", probability
            yield f"{key}/draw{i}_result", result
        if self.words is not None:
            yield f"{key}/random_words", self.words


def group(tokenized):
    """Concatenates and cuts into blocks, as the MNTP script does with up to 1000 texts."""
    columns = {k: list(itertools.chain(*tokenized[k])) for k in tokenized}
    end = len(columns["input_ids"]) // BLOCK * BLOCK
    return {k: [column[i : i + BLOCK] for i in range(0, end, BLOCK)] for k, column in columns.items()}


def as_features(blocks, rows):
    return [{k: blocks[k][i] for k in ("input_ids", "special_tokens_mask", "attention_mask")} for i in rows]


def make_collators(tokenizer):
    tokenized = dict(tokenizer(texts.CORPUS, return_special_tokens_mask=True))
    blocks = group(tokenized)
    write_json(
        "training/collators/grouping.json",
        {
            "max_seq_length": BLOCK,
            "texts": texts.CORPUS,
            "tokenized_input_ids": tokenized["input_ids"],
            "blocks": blocks["input_ids"],
            "blocks_special_tokens_mask": blocks["special_tokens_mask"],
            "blocks_attention_mask": blocks["attention_mask"],
        },
    )
    underscore = "q_r _ s __"
    ids = tokenizer(underscore, return_special_tokens_mask=True)
    described = {
        "mask_token": tokenizer.mask_token,
        "mask_token_id": tokenizer.mask_token_id,
        "convert_tokens_to_ids(_)": tokenizer.convert_tokens_to_ids("_"),
        "tokenizer_len_after": len(tokenizer),
        "note_mask_type_blank": "tokenizer.mask_token='_' makes an ordinary vocabulary entry the mask: "
        "get_special_tokens_mask then counts it as special, the special_tokens_mask of a tokenizer call does not",
        "all_special_ids": tokenizer.all_special_ids,
        "underscore": {
            "text": underscore,
            "ids": ids["input_ids"],
            "special_tokens_mask_from_call": ids["special_tokens_mask"],
            "get_special_tokens_mask": tokenizer.get_special_tokens_mask(
                ids["input_ids"], already_has_special_tokens=True
            ),
        },
    }
    arrays = {}
    orders = {
        1: "draw0: masked",
        3: "draw0: which tokens are masked (p, 0 at special tokens); draw1: replaced by mask token (0.8) among masked; "
        "draw2: replaced by random word (0.5) among masked and not draw1",
    }
    kinds = {
        "all_mask": (FullMaskingCollator, 0.8),
        "all_mask_p20": (FullMaskingCollator, 0.2),
        "default": (DataCollatorForLanguageModeling, 0.2),
    }
    for seed, (kind, (collator, probability)) in enumerate(kinds.items()):
        collate = collator(tokenizer=tokenizer, mlm_probability=probability)
        torch.manual_seed(300 + seed)
        with RecordedDraws() as record:
            out = collate(as_features(blocks, range(8)))
        arrays.update(record.arrays(kind))
        for array in ("input_ids", "special_tokens_mask"):
            arrays[f"{kind}/in_{array}"] = torch.tensor(blocks[array][:8])
        for array in ("input_ids", "attention_mask", "labels"):
            arrays[f"{kind}/out_{array}"] = out[array]
        described[kind] = {
            "mlm_probability": probability,
            "bernoulli_calls": len(record.draws),
            "order": orders[len(record.draws)],
            "out_keys": sorted(out),
        }
    described["default"]["random_words"] = "uniform over len(tokenizer), special tokens included"

    torch.manual_seed(310)
    features = as_features(tokenized, range(3))
    with RecordedDraws() as record:
        out = FullMaskingCollator(tokenizer=tokenizer, mlm_probability=0.8)(features)
    arrays.update(record.arrays("unequal_lengths"))
    for array in ("input_ids", "attention_mask", "labels"):
        arrays[f"unequal_lengths/out_{array}"] = out[array]
    described["unequal_lengths"] = {
        "lengths": [len(feature["input_ids"]) for feature in features],
        "padding_side": tokenizer.padding_side,
        "note": "the first texts of grouping.json; pads with pad(=eos) on padding_side; special_tokens_mask is padded "
        "with 1 so pads are never masked; labels -100 there",
    }
    write_json("training/collators/collators.json", described)
    write_arrays("training/collators/collators.safetensors", arrays)
    return blocks


# ---- MNTP ------------------------------------------------------------------------------------------------------


def make_mntp(tokenizer, blocks):
    batch_size, lr = 4, 0.005
    torch.manual_seed(400)
    collate = FullMaskingCollator(tokenizer=tokenizer, mlm_probability=0.8)
    order = [i % len(blocks["input_ids"]) for i in range(STEPS * batch_size)]
    batches = [collate(as_features(blocks, order[i : i + batch_size])) for i in range(0, len(order), batch_size)]
    assert all(batch["attention_mask"].all() for batch in batches)
    rows = [{k: v[i] for k, v in batch.items()} for batch in batches for i in range(batch_size)]

    def stack(features):
        return {k: torch.stack([feature[k] for feature in features]) for k in features[0]}

    def new_model(head_frozen):
        outer = MistralBiForMNTP.from_pretrained("models/mistral", attn_implementation="sdpa")
        outer.set_model_for_peft(
            add_lora(outer.get_model_for_peft(), 4, 8, torch.Generator().manual_seed(401), 0.1, 0.05)
        )
        outer.lm_head.requires_grad_(not head_frozen)
        return outer

    model = new_model(head_frozen=False)
    arrays = {f"batches/{k}": torch.stack([batch[k] for batch in batches]) for k in ("input_ids", "labels")}
    arrays.update(lora_tensors(model, "lora_init"))

    # the first batch in detail, and the evaluation of the first four
    model.eval()
    out = model(**batches[0], output_hidden_states=True)
    out.loss.backward()
    arrays["batch0/hidden"] = out.hidden_states[-1]
    arrays["batch0/logits_first2rows_first64vocab"] = out.logits[:2, :, :64]
    arrays["batch0/logits_row0_full_last_position"] = out.logits[0, -1]
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            arrays[f"batch0/grad/{name.replace('.default', '')}"] = parameter.grad
    hits, losses = [], []
    with torch.no_grad():
        for batch in batches[:4]:
            evaluated = model(**batch)
            losses.append(evaluated.loss.item())
            predictions, labels = evaluated.logits.argmax(-1)[:, :-1], batch["labels"][:, 1:]
            hits.append((predictions == labels)[labels != -100])
    hits = torch.cat(hits)

    curves = {}
    for name, head_frozen in (("reference", False), ("head_frozen", True)):
        trained = new_model(head_frozen)
        trainable_not_lora = [n for n, p in trained.named_parameters() if p.requires_grad and "lora_" not in n]
        assert trainable_not_lora == ([] if head_frozen else ["lm_head.weight"])
        head_before = trained.lm_head.weight.detach().clone()
        curve = train_with_trainer(trained, rows, stack, batch_size, STEPS, lr)
        by_hand = new_model(head_frozen)
        hand_losses = train_by_hand(by_hand, batches, lambda m, b: m(**b).loss, lr)
        final = lora_tensors(trained, f"final_{name}")
        hand_final = lora_tensors(by_hand, f"final_{name}")
        curve["max_abs_diff_hand_loop_vs_Trainer"] = max(abs(a - b) for a, b in zip(curve["loss"], hand_losses))
        curve["max_abs_diff_final_lora_hand_vs_Trainer"] = max(max_difference(final[k], hand_final[k]) for k in final)
        curves[f"curve_{name}"] = curve
        arrays.update(final)
        if not head_frozen:
            head = trained.lm_head.weight.detach()
            arrays["final_reference/lm_head.weight_first200rows"] = head[:200]
            curves["lm_head_max_change"] = max_difference(head, head_before)
    write_arrays("training/mntp/mistral.safetensors", arrays)
    write_json(
        "training/mntp/mistral.json",
        {
            "model": "models/mistral",
            "class": type(model).__name__,
            "collator": "all_mask",
            "batch_size": batch_size,
            "seq": BLOCK,
            "steps": STEPS,
            "lr": lr,
            "lora": {"r": 4, "alpha": 8, "dropout": 0, "seed_tensors": "lora_init/*"},
            "optimizer": f"AdamW(0.9,0.999,eps 1e-8,wd 0), linear decay to 0 over {STEPS} steps, no warm-up, "
            "clip 1.0 over all trainable tensors",
            "trainable_tensors_not_lora": ["lm_head.weight"],
            "batch0_loss": out.loss.item(),
            "eval_batches0to3": {
                "accuracy": hits.double().mean().item(),
                "mean_of_batch_losses": sum(losses) / len(losses),
                "n_labels": len(hits),
            },
            **curves,
        },
    )


# ---- contrastive -----------------------------------------------------------------------------------------------


def make_contrastive(out, samples, scale, batch_size, lr, max_length, warmup_steps, seed):
    loss_function = HardNegativeNLLLoss(scale=scale)
    samples = samples[: STEPS * batch_size]
    assert len(samples) == STEPS * batch_size

    def new_model():
        model = LLM2Vec.from_pretrained(
            "models/mistral", "adapters/mistral-mntp", merge_peft=True, pooling_mode="mean", max_length=max_length,
            attn_implementation="sdpa", attention_dropout=0.0,
        )  # fmt: skip
        model.model = add_lora(model.model, 4, 8, torch.Generator().manual_seed(seed), 0.1, 0.05)
        return model

    model = new_model()
    collate = ContrastiveCollator(model)
    batches = [collate(samples[i : i + batch_size]) for i in range(0, len(samples), batch_size)]
    arrays = lora_tensors(model, "lora_init")
    for b in (0, 1):
        for t, features in enumerate(batches[b][0]):
            for array in ("input_ids", "attention_mask", "embed_mask"):
                arrays[f"batch{b}/text{t}/{array}"] = features[array]

    reps = [model(dict(features)) for features in batches[0][0]]
    loss = loss_function(*reps)
    loss.backward()
    for t, rep in enumerate(reps):
        arrays[f"batch0/reps{t}"] = rep
    arrays["batch0/scores"] = cos_sim(reps[0], torch.cat(reps[1:])) * scale
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            arrays[f"batch0/grad/{name.replace('.default', '')}"] = parameter.grad

    trained = new_model()
    curve = train_with_trainer(trained, samples, collate, batch_size, STEPS, lr, warmup_steps, loss_function)
    hand_losses = train_by_hand(
        new_model(), batches, lambda m, b: contrastive_loss(m, b[0], loss_function), lr, warmup_steps
    )
    curve["max_abs_diff_hand_loop_vs_Trainer"] = max(abs(a - b) for a, b in zip(curve["loss"], hand_losses))
    arrays.update(lora_tensors(trained, "final"))
    write_arrays(f"{out}.safetensors", arrays)
    write_json(
        f"{out}.json",
        {
            "model": "models/mistral + adapters/mistral-mntp merged + new LoRA r4 alpha8",
            "scale": scale,
            "batch_size": batch_size,
            "steps": STEPS,
            "lr": lr,
            "warmup_steps": warmup_steps,
            "max_length": max_length,
            "texts_per_sample": [sample.texts for sample in samples],
            "batch0_loss": loss.item(),
            "curve": curve,
        },
    )


def make_simcse():
    lines = Path("training/simcse/lines.txt")
    lines.parent.mkdir(parents=True, exist_ok=True)
    lines.write_text("".join(f"{line}\n" for line in texts.simcse_lines()), encoding="utf-8")
    plain = Wiki1M(split="train", file_path=str(lines))
    samples = [plain[i] for i in range(len(plain))]
    settings = dict(scale=20.0, batch_size=6, lr=0.005, max_length=64, warmup_steps=0, seed=500)
    make_contrastive("training/simcse/mistral", samples, **settings)
    for sample in samples:
        sample.texts = [texts.SEPARATOR + text for text in sample.texts]
    make_contrastive("training/simcse/mistral_with_separator", samples, **settings)


def make_supervised():
    folder = Path("training/supervised/e5")
    folder.mkdir(parents=True, exist_ok=True)
    for dataset, rows in texts.e5_rows().items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / f"{dataset}.jsonl").write_text("".join(lines), encoding="utf-8")
    random.seed(600)
    data = E5Data(split="train", file_path=str(folder), effective_batch_size=4)
    samples = [data[i] for i in range(len(data))]
    make_contrastive(
        "training/supervised/mistral", samples, scale=50.0, batch_size=4, lr=0.002, max_length=96, warmup_steps=3,
        seed=601,
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path, help="folder to write to; files of the same name are replaced")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
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
