"""Loads what "llm2vec evaluate --out DIR" wrote for mteb with the package mteb itself, and compares the figures.

    pip install mteb
    python check_mteb.py --dir DIR

Exit code 1 where mteb does not read a file or reads another score.
"""

import argparse
import json
import sys
from pathlib import Path

from mteb.models.model_meta import ModelMeta
from mteb.results import TaskResult


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True, help="the folder given to --out")
    folder = parser.parse_args().dir
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))["results"]
    expected = {(r["row"], r["task"]): r["main_score"] for r in results}
    found = {}
    for model in sorted((folder / "mteb").iterdir()):
        for revision in model.iterdir():
            meta = ModelMeta.model_validate_json((revision / "model_meta.json").read_text(encoding="utf-8"))
            assert model.name == meta.name.replace("/", "__") and revision.name == meta.revision, meta
            for file in sorted(revision.glob("*.json")):
                if file.name != "model_meta.json":
                    result = TaskResult.from_disk(file, load_historic_data=False)
                    assert list(result.scores) == ["test"] and result.languages, file
                    found[model.name, result.task_name] = result.get_score()
    mistakes = [] if len(found) == len(expected) else [f"{len(expected)} results were written, {len(found)} read"]
    for (row, task), score in expected.items():
        model = "llm2vec4j__" + "".join(c if c.isalnum() and c.isascii() or c in "._-" else "\0" for c in row)
        while "\0\0" in model:
            model = model.replace("\0\0", "\0")
        read = found.get((model.replace("\0", "-"), task))
        if read is None or abs(read - score) > 1e-9:
            mistakes.append(f"{row}, {task}: {score} was written, mteb reads {read}")
    print("\n".join(mistakes) or f"mteb reads all {len(found)} results")
    sys.exit(1 if mistakes else 0)


if __name__ == "__main__":
    main()
