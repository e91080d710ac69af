"""What the pip package llm2vec leaves to the training scripts of its repository: collators, trainers, LoRA set-up.

Import this before torch: it keeps the reference on the CPU, off the network and quiet.
"""

import os
import tempfile
import warnings

os.environ["CUDA_VISIBLE_DEVICES"] = ""  # setup.sh may have put empty functions in place of the CUDA libraries
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
warnings.filterwarnings("ignore", category=FutureWarning)  # the fixed versions warn of later ones

import torch
from peft import LoraConfig, get_peft_model
from torch.utils.data import SequentialSampler
from transformers import DataCollatorForLanguageModeling, Trainer, TrainingArguments, get_linear_schedule_with_warmup

LORA_MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def add_lora(backbone, r, alpha, generator, std_a, std_b):
    """A new LoRA without dropout, its A and B drawn from normal distributions (B not zero, or A had no gradient)."""
    config = LoraConfig(r=r, lora_alpha=alpha, lora_dropout=0.0, target_modules=LORA_MODULES, bias="none")
    peft_model = get_peft_model(backbone, config)
    with torch.no_grad():
        for name, weight in sorted(peft_model.named_parameters()):
            if "lora_" in name:
                std = std_a if "lora_A" in name else std_b
                weight.copy_(torch.randn(weight.shape, generator=generator) * std)
    return peft_model


def lora_tensors(model, prefix):
    """The LoRA weights under their full names, less peft's adapter name."""
    return {
        f"{prefix}/{name.replace('.default', '')}": parameter.detach().clone()
        for name, parameter in model.named_parameters()
        if "lora_" in name
    }


class FullMaskingCollator(DataCollatorForLanguageModeling):
    """The "all_mask" collator of the MNTP script: every chosen token becomes the mask token, none is random or kept."""

    def torch_mask_tokens(self, inputs, special_tokens_mask=None):
        labels = inputs.clone()
        probability = torch.full(labels.shape, self.mlm_probability)
        probability.masked_fill_(special_tokens_mask.bool(), value=0.0)
        chosen = torch.bernoulli(probability).bool()
        labels[~chosen] = -100
        inputs[chosen] = self.tokenizer.convert_tokens_to_ids(self.tokenizer.mask_token)
        return inputs, labels


class ContrastiveCollator:
    """Train samples of llm2vec to (token arrays of each text column, labels)."""

    def __init__(self, model):
        self.model = model

    def __call__(self, samples):
        columns = zip(*(sample.texts for sample in samples))
        prepared = [[self.model.prepare_for_tokenization(text) for text in column] for column in columns]
        return [self.model.tokenize(column) for column in prepared], torch.tensor([s.label for s in samples])


def contrastive_loss(model, features, loss_function):
    reps = [model(dict(feature)) for feature in features]
    return loss_function(*reps)


class RecordingTrainer(Trainer):
    """Takes the batches in order and keeps every step's loss unrounded."""

    def __init__(self, *args, loss_function=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_function = loss_function
        self.losses = []

    def _get_train_sampler(self):
        return SequentialSampler(self.train_dataset)

    def compute_loss(self, model, inputs, return_outputs=False):
        if self.loss_function is None:
            return super().compute_loss(model, inputs, return_outputs)
        features, _ = inputs
        return contrastive_loss(model, features, self.loss_function)

    def training_step(self, model, inputs):
        loss = super().training_step(model, inputs)
        self.losses.append(loss.item())
        return loss


def train_with_trainer(model, dataset, collator, batch_size, steps, lr, warmup_steps=0, loss_function=None):
    """The HF Trainer as the reference uses it; returns the curve."""
    with tempfile.TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=scratch,
            per_device_train_batch_size=batch_size,
            max_steps=steps,
            learning_rate=lr,
            warmup_steps=warmup_steps,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            remove_unused_columns=False,
            use_cpu=True,
            disable_tqdm=True,
            log_level="error",
            seed=42,
        )
        trainer = RecordingTrainer(
            model=model, args=arguments, train_dataset=dataset, data_collator=collator, loss_function=loss_function
        )
        trainer.log = lambda logs: trainer.state.log_history.append(logs)
        trainer.train()
    logs = [log for log in trainer.state.log_history if "grad_norm" in log]
    assert len(logs) == len(trainer.losses) == steps
    return {
        "loss": trainer.losses,
        "grad_norm_before_clip": [float(log["grad_norm"]) for log in logs],
        "learning_rate_after_step": [log["learning_rate"] for log in logs],
    }


def train_by_hand(model, batches, loss_of, lr, warmup_steps=0):
    """The same training written out, to show that nothing is hidden in the Trainer; returns the losses."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    schedule = get_linear_schedule_with_warmup(optimizer, warmup_steps, len(batches))
    model.train()
    losses = []
    for batch in batches:
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses
