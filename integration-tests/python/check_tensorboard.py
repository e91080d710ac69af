#!/usr/bin/env python3
"""Reads the event files of a training run with TensorBoard: check_tensorboard.py RUN_DIR...

A RUN_DIR is the output of a stage with "report_to": "tensorboard": log.jsonl, and event files in runs. Every figure of
the log must be in the files, under the name that the Hugging Face Trainer gives it, and no step twice or out of order.
Exit code: 0 all agree, 1 a difference.
"""

import argparse
import json
import math
import sys
from pathlib import Path

sys.path.append(str(Path(sys.prefix) / "tensorboard"))

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.event_pb2 import SessionLog

TRAIN = {"loss": "train/loss", "grad_norm": "train/grad_norm", "learning_rate": "train/learning_rate"}


def read(folder):
    """The figures of all event files by (tag, step); a file that goes on replaces the later steps of those before."""
    figures = {}
    files = sorted((folder / "runs").glob("events.out.tfevents.*"))
    assert files, f"{folder}/runs: no event file"
    for file in files:
        events = list(EventFileLoader(str(file)).Load())
        assert events[0].file_version == "brain.Event:2", f"{file}: begins with {events[0]}"
        assert events[1].session_log.status == SessionLog.START, f"{file}: no start of a session"
        figures = {(tag, step): value for (tag, step), value in figures.items() if step < events[1].step}
        for event in events[2:]:
            assert event.wall_time > 1.6e9, f"{file}: wall time {event.wall_time}"
            for value in event.summary.value:
                key = (value.tag, event.step)
                assert key not in figures, f"{file}: {key} twice"
                figures[key] = value.tensor.float_val[0] if value.HasField("tensor") else value.simple_value
    return figures


def expected(folder):
    figures = {}
    for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for name, value in row.items():
            if value is None:
                value = math.nan
            if name in TRAIN:
                figures[TRAIN[name], row["step"]] = value
            elif name.startswith("eval_"):
                figures["eval/" + name[5:], row["step"]] = value
        if "seconds" in row:
            figures["train/tokens_per_second", row["step"]] = row["tokens"] / row["seconds"]
    return figures


def same(a, b):
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-37) or not math.isfinite(a) and not math.isfinite(b)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    failed = False
    for folder in parser.parse_args().runs:
        found, wanted = read(folder), expected(folder)
        different = sorted(set(found) ^ set(wanted)) + [key for key in wanted if key in found and not same(found[key], wanted[key])]
        print(f"{folder.name}: {len(found)} figures in event files, {len(different)} differ from log.jsonl")
        for key in different[:10]:
            print(f"  {key}: {found.get(key)} in the event files, {wanted.get(key)} in log.jsonl")
        failed |= bool(different)
    sys.exit(failed)


if __name__ == "__main__":
    main()
