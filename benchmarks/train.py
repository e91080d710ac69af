#!/usr/bin/env python3
"""Times the training of the same adapter by several programs: train.py --model DIR --texts FILE --stage mntp [PEER ...]

Every program loads the model, puts a new LoRA adapter on it and trains; they take turns, a step each, so that a slower
minute of the machine hits all alike, and ratios are taken step by step. The first step warms up and is not timed. All
see the same rows in the same order, for MNTP with the same masks; each draws its own dropout, and its own start of the
adapter's A (B starts at zero, so the first loss is that of the base). The result are two tables in Markdown: how fast,
and the loss of every step.

PEER is a program with, or not, a type, rows that it holds at once, and more (default: llm2vec4j and llm2vec):
NAME[:TYPE[:ROWS[:MORE...]]].

  name        what it is                               types (the first is the default)     more
  llm2vec4j   ./llm2vec bench train                    auto float32 bfloat16                checkpointing
  llm2vec     the reference package on PyTorch with    float32 bfloat16 autocast            checkpointing, eager
              the Hugging Face Trainer and PEFT

autocast is float32 weights with products in bf16 (the Trainer's "bf16": true); eager is attention written out, in place
of PyTorch's own; checkpointing computes each block again on the way back. llm2vec4j holds so many rows in each worker.
The folder --environments is the one that setup.sh makes. Only the standard library is used here.

  train.py … --stage mntp --rows 32 --length 512 llm2vec4j:bfloat16:4 llm2vec:bfloat16:4
  train.py … --stage simcse --rows 128 --length 128 llm2vec4j:bfloat16:16:checkpointing llm2vec:bfloat16::checkpointing
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

import encode

DEFAULT_TYPES = {"llm2vec4j": "auto", "llm2vec": "float32"}
MORE = {"llm2vec4j": {"checkpointing"}, "llm2vec": {"checkpointing", "eager"}}


def settings(arguments):
    """What all programs read; the keys are those of llm2vec4j and of the reference."""
    return {
        "model_name_or_path": str(pathlib.Path(arguments.model).resolve()),
        "train_file": str(pathlib.Path(arguments.texts).resolve()),
        "max_seq_length": arguments.length,
        "per_device_train_batch_size": arguments.rows,
        "learning_rate": arguments.learning_rate,
        "lr_scheduler_type": "constant_with_warmup",
        "max_steps": arguments.steps + 1,
        "save_steps": arguments.steps + 2,
        "lora_r": 16,
        "lora_dropout": arguments.lora_dropout,
        "seed": 42,
        "shuffle": False,
        **(
            {
                "data_collator_type": "all_mask",
                "mlm_probability": arguments.mask_probability,
                "eval_file": str(pathlib.Path(arguments.texts).resolve()),  # so that no block is held out of training
                "do_eval": False,
            }
            if arguments.stage == "mntp"
            else {"simcse_dropout": 0.3, "loss_scale": 20}
        ),
    }


def command(peer, number, arguments, folder):
    """The command line of a peer."""
    kind, dtype, rows, *more = (peer.split(":") + ["", ""])[: max(3, peer.count(":") + 1)]
    if kind not in DEFAULT_TYPES:
        sys.exit(f"{peer}: no such program; there are {', '.join(DEFAULT_TYPES)}")
    if wrong := set(more) - MORE[kind]:
        sys.exit(f"{peer}: {wrong.pop()}: {kind} has {', '.join(sorted(MORE[kind]))}")
    config = settings(arguments)
    if kind == "llm2vec4j":
        config["output_dir"] = str(folder / str(number))
        config["torch_dtype"] = dtype or DEFAULT_TYPES[kind]
        config["gradient_checkpointing"] = "checkpointing" in more
        if rows:
            config["micro_batch_size"] = int(rows)
    file = folder / f"{number}.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    if kind == "llm2vec4j":
        return [encode.LLM2VEC, "bench", "train", arguments.stage, str(file), "--warm-up", "0", "--wait", "--ceiling"]
    line = [str(arguments.environments / "llm2vec" / "bin" / "python")]
    line += [str(encode.HERE / "peers" / "llm2vec_training.py"), "--stage", arguments.stage, "--config", str(file)]
    line += ["--dtype", dtype or DEFAULT_TYPES[kind], "--threads", str(arguments.threads)]
    line += ["--micro", rows] if rows else []
    line += ["--attention", "eager"] if "eager" in more else []
    return line + (["--checkpointing"] if "checkpointing" in more else [])


def ceiling(peer):
    """The seconds that the bare products of a token take, if the peer says so when it ends."""
    peer.process.stdin.close()
    lines = [json.loads(line) for line in peer.process.stdout if line.startswith("{")]
    peer.process.wait()
    tokens = sum(answer["tokens"] for answer in peer.answers)
    return next((line["matrix_products_seconds"] / tokens for line in lines if "share_of_ceiling" in line), None)


def report(arguments, peers):
    first = peers[0]
    print(f"{encode.cpu()}; {arguments.model}; {arguments.stage}, {arguments.rows} rows of {arguments.length} tokens in")
    print(f"a step; {arguments.steps} steps after the first\n")
    head = ["program", "type", "tokens/s", "least and greatest", f"{first.name} is faster by", "peak, MB"]
    head += ["of bare products"]
    print(f"| {' | '.join(head)} |\n| --- | --- |{' ---: |' * (len(head) - 2)}")
    memory = [peer.peak_memory() for peer in peers]
    for peer, peak in zip(peers, memory):
        timed = peer.answers[1:]
        speeds = [answer["tokens"] / answer["seconds"] for answer in timed]
        ratios = [b["seconds"] / a["seconds"] for a, b in zip(first.answers[1:], timed)]
        bare = ceiling(peer)
        row = [
            peer.name,
            peer.answers[-1]["dtype"],
            f"{statistics.median(speeds):,.0f}",
            f"{min(speeds):,.0f} to {max(speeds):,.0f}",
            "" if peer is first else f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{peak:,.0f}" if peak else "",
            f"{bare * statistics.median(speeds):.0%}" if bare else "",
        ]
        print(f"| {' | '.join(row)} |")
    print(f"\n| loss of step | {' | '.join(peer.name for peer in peers)} |\n| --- |{' ---: |' * len(peers)}")
    for step, answers in enumerate(zip(*(peer.answers for peer in peers)), 1):
        print(f"| {step} | {' | '.join(format(answer['loss'], '.4f') for answer in answers)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a model folder")
    parser.add_argument("--texts", required=True, help="texts, one a line")
    parser.add_argument("--stage", choices=["mntp", "simcse"], default="mntp")
    parser.add_argument("--rows", type=int, default=8, help="rows in a step (default %(default)s)")
    parser.add_argument("--length", type=int, default=128, help="tokens in a row, at most (default %(default)s)")
    parser.add_argument("--steps", type=int, default=5, help="steps after the first (default %(default)s)")
    parser.add_argument("--learning-rate", type=float, default=5e-5, help="default %(default)s")
    parser.add_argument("--lora-dropout", type=float, default=0.05, help="default %(default)s")
    parser.add_argument("--mask-probability", type=float, default=0.8, help="default %(default)s")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the peers (default: all cores)")
    parser.add_argument("--environments", type=pathlib.Path, help="the folder that setup.sh has made")
    parser.add_argument("peers", nargs="*", default=["llm2vec4j", "llm2vec"], metavar="PEER")
    arguments = parser.parse_args()
    if arguments.environments is None and any(not name.startswith("llm2vec4j") for name in arguments.peers):
        parser.error("--environments: name the folder that setup.sh has made")

    with tempfile.TemporaryDirectory() as folder:
        lines = [command(name, i, arguments, pathlib.Path(folder)) for i, name in enumerate(arguments.peers)]
        peers = [encode.Peer(name, line) for name, line in zip(arguments.peers, lines)]
        for _ in range(arguments.steps + 1):
            for peer in peers:
                peer.round()
                print(f"{peer.name}: {json.dumps(peer.answers[-1])}", file=sys.stderr, flush=True)
        report(arguments, peers)


if __name__ == "__main__":
    main()
