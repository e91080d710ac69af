"""Checks that the head of model cards is what the Python package huggingface_hub reads: check_cards.py FOLDER…

Exit code 1 if a card cannot be read, or says something else than the llm2vec4j.json beside it.
"""

import json
import sys
from pathlib import Path

from huggingface_hub import ModelCard
from huggingface_hub.utils import validate_repo_id


def check(folder):
    card = ModelCard.load(folder / "README.md")
    data = card.data
    record = json.loads((folder / "llm2vec4j.json").read_text(encoding="utf-8"))
    found = {
        (result.dataset_name, result.metric_type, round(result.metric_value, 9)) for result in data.eval_results or []
    }
    expected = {
        (result["task"], result["metric"], round(result["score"], 9)) for result in record.get("results", [])
    }
    assert found == expected, f"{folder}: model-index has {found}, recorded is {expected}"
    layout = "sentence-transformers" if (folder / "modules.json").exists() else None
    layout = layout or ("peft" if (folder / "adapter_config.json").exists() else "transformers")
    assert data.library_name == layout, f"{folder}: library_name is {data.library_name}"
    assert "llm2vec" in data.tags, f"{folder}: tags are {data.tags}"
    if data.base_model:
        validate_repo_id(data.base_model)
    for dataset in data.datasets or []:
        validate_repo_id(dataset)
    # What is written again by the package is read as the same.
    assert ModelCard(str(card)).data.to_dict() == data.to_dict(), f"{folder}: does not survive being written again"
    print(f"{folder}: {layout}, {len(found)} results")


def main():
    folders = [Path(name) for name in sys.argv[1:]]
    if not folders:
        sys.exit("give the folders of models")
    for folder in folders:
        check(folder)


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(str(error))
