"""The reference package llm2vec with the Hugging Face Trainer and PEFT, set up as its run_mntp.py and run_simcse.py do.

It says "ready", and then trains a step each time a line arrives. Rows come in order; for MNTP they
are masked as llm2vec4j masks them, so that both learn from the same tokens.
"""
import argparse
import itertools
import json
import os
import random
import sys
import tempfile
import time
import warnings

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
warnings.filterwarnings("ignore", category=FutureWarning)  # the fixed versions warn of later ones

import torch
from llm2vec import LLM2Vec
from llm2vec.loss.HardNegativeNLLLoss import HardNegativeNLLLoss
from llm2vec.models import LlamaBiForMNTP
from peft import LoraConfig, get_peft_model
from torch.utils.data import SequentialSampler
from transformers import AutoTokenizer, Trainer, TrainerCallback, TrainingArguments, default_data_collator

LORA_MODULES = ["q_proj", "v_proj", "k_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="the settings, as llm2vec4j's train reads them")
    parser.add_argument("--stage", choices=["mntp", "simcse"], required=True)
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "autocast"], default="float32")
    parser.add_argument("--micro", type=int, help="rows at once; the gradients of a step's rows are accumulated")
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    parser.add_argument("--checkpointing", action="store_true", help="compute each block again on the way back")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


# ---- the masks of llm2vec4j: MaskingPolicy, with java.util.SplittableRandom -------------------------------------

MASK_64 = (1 << 64) - 1


def mix(*parts):
    """RandomState.mix: a seed from its parts."""
    value = 0x9E3779B97F4A7C15
    for part in parts:
        value ^= part
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK_64
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK_64
        value ^= value >> 31
    return value & (MASK_64 >> 1)


def doubles(seed):
    """What nextDouble of a SplittableRandom draws."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK_64
        value = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK_64
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK_64
        yield ((value ^ (value >> 31)) >> 11) / (1 << 53)


def masked(block, probability, mask_id, special, seed):
    draws = doubles(seed)
    chosen = [next(draws) < probability and token not in special for token in block]
    return {
        "input_ids": [mask_id if hidden else token for token, hidden in zip(block, chosen)],
        "attention_mask": [1] * len(block),
        "labels": [token if hidden else -100 for token, hidden in zip(block, chosen)],
    }


def masked_blocks(texts, tokenizer, config):
    """The blocks of all steps, in order."""
    length, batch = config["max_seq_length"], config["per_device_train_batch_size"]
    ids = list(itertools.chain.from_iterable(tokenizer(texts)["input_ids"]))
    blocks = [ids[i : i + length] for i in range(0, len(ids) - length + 1, length)]
    steps_of_epoch = len(blocks) // batch
    special = {tokenizer.eos_token_id, tokenizer.bos_token_id}
    mask_id = tokenizer.convert_tokens_to_ids("_")
    return [
        masked(
            blocks[step % steps_of_epoch * batch + row],
            config["mlm_probability"],
            mask_id,
            special,
            mix(config["seed"], 1, step, row),
        )
        for step in range(config["max_steps"])
        for row in range(batch)
    ]


# ---- training ----------------------------------------------------------------------------------------------------


def add_lora(model, config):
    return get_peft_model(
        model,
        LoraConfig(
            r=config["lora_r"],
            lora_alpha=2 * config["lora_r"],
            target_modules=LORA_MODULES,
            lora_dropout=config["lora_dropout"],
            bias="none",
            task_type=None,
        ),
    )


class PacedTrainer(Trainer):
    """Takes rows in order, and adds up the losses of a step's parts."""

    loss_of_step = 0.0

    def _get_train_sampler(self):
        return SequentialSampler(self.train_dataset)

    def training_step(self, model, inputs):
        loss = super().training_step(model, inputs)
        self.loss_of_step += loss.item()
        return loss


class SimcseTrainer(PacedTrainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        features, _ = inputs
        return HardNegativeNLLLoss(scale=20)(self.model(features[0]), self.model(features[1]))


class Pace(TrainerCallback):
    """Waits for a line before each step, and tells of the step when it is done."""

    def __init__(self, dtype, tokens):
        self.trainer = None
        self.dtype = dtype
        self.tokens = tokens

    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == 0:
            print("ready", flush=True)
        if not sys.stdin.readline():
            os._exit(0)
        self.trainer.loss_of_step = 0.0
        self.start = time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        seconds = time.perf_counter() - self.start
        step = {
            "step": state.global_step,
            "loss": self.trainer.loss_of_step,
            "tokens": self.tokens(state.global_step - 1),
            "seconds": seconds,
            "dtype": self.dtype,
        }
        print(json.dumps(step), flush=True)


def mntp(options, config, texts, dtype):
    tokenizer = AutoTokenizer.from_pretrained(config["model_name_or_path"])
    model = LlamaBiForMNTP.from_pretrained(
        config["model_name_or_path"], torch_dtype=dtype, attn_implementation=options.attention
    )
    model.model = add_lora(model.model, config)
    rows = masked_blocks(texts, tokenizer, config)
    tokens = config["max_seq_length"] * config["per_device_train_batch_size"]
    return PacedTrainer, model, rows, default_data_collator, lambda step: tokens


def simcse(options, config, texts, dtype):
    model = LLM2Vec.from_pretrained(
        config["model_name_or_path"],
        pooling_mode="mean",
        max_length=config["max_seq_length"],
        torch_dtype=dtype,
        attn_implementation=options.attention,
        attention_dropout=config["simcse_dropout"],
    )
    model.model = add_lora(model.model, config)
    batch = config["per_device_train_batch_size"]
    steps_of_epoch = len(texts) // batch
    rows = [texts[step % steps_of_epoch * batch + row] for step in range(config["max_steps"]) for row in range(batch)]

    def tokens(step):
        ids = model.tokenizer(
            rows[step * batch : (step + 1) * batch], truncation=True, max_length=config["max_seq_length"]
        )
        return 2 * sum(map(len, ids["input_ids"]))

    def collate(batch_of_texts):
        return [model.tokenize(list(batch_of_texts)) for _ in range(2)], torch.zeros(len(batch_of_texts))

    return SimcseTrainer, model, rows, collate, tokens


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    with open(options.config, encoding="utf-8") as file:
        config = json.load(file)
    with open(config["train_file"], encoding="utf-8") as file:
        texts = [line.rstrip("\n") for line in file if line.strip()]
    torch.manual_seed(config["seed"])
    random.seed(config["seed"])
    make = {"mntp": mntp, "simcse": simcse}[options.stage]
    weights = torch.bfloat16 if options.dtype == "bfloat16" else torch.float32
    trainer_class, model, rows, collate, tokens = make(options, config, texts, weights)
    batch = config["per_device_train_batch_size"]
    micro = options.micro or batch
    pace = Pace(options.dtype, tokens)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = trainer_class(
            model=model,
            args=TrainingArguments(
                output_dir=scratch,
                per_device_train_batch_size=micro,
                gradient_accumulation_steps=batch // micro,
                max_steps=config["max_steps"],
                learning_rate=config["learning_rate"],
                lr_scheduler_type=config["lr_scheduler_type"],
                gradient_checkpointing=options.checkpointing,
                gradient_checkpointing_kwargs={"use_reentrant": False} if options.checkpointing else None,
                bf16=options.dtype == "autocast",
                use_cpu=True,
                remove_unused_columns=False,
                logging_strategy="no",
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                log_level="error",
                seed=config["seed"],
            ),
            train_dataset=rows,
            data_collator=collate,
            callbacks=[pace],
        )
        pace.trainer = trainer
        trainer.train()


if __name__ == "__main__":
    main()
