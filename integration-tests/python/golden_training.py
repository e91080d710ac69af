"""The training part of the golden set: collators, MNTP, SimCSE and supervised contrastive learning."""

import itertools
import json
import random
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
from transformers import DataCollatorForLanguageModeling

import golden_texts as texts
from golden_files import max_difference, write_arrays, write_json

BLOCK = 24
STEPS = 10


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
