"""Runs llm2vec4j_mteb.Llm2Vec4j through mteb on tasks made of local data, and "llm2vec evaluate" on the same data; the
scores have to agree, since model, data and protocol are the same.

    pip install mteb
    python try_mteb.py --data DIR [--model embedded:hebrew-mini] [--command ../../llm2vec]

DIR is the folder of public Hebrew data sets. Exit code 1 where a score differs by more than 1e-6.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import mteb
from datasets import Dataset, DatasetDict
from llm2vec4j_mteb import Llm2Vec4j
from mteb.abstasks.pair_classification import AbsTaskPairClassification
from mteb.abstasks.retrieval import AbsTaskRetrieval
from mteb.abstasks.retrieval_dataset_loaders import RetrievalSplitData
from mteb.abstasks.task_metadata import TaskMetadata
from mteb.abstasks.text.bitext_mining import AbsTaskBitextMining

COMMON = {
    "description": "Local data.",
    "reference": "https://example.org",
    "dataset": {"path": "local", "revision": "local"},
    "category": "t2t",
    "eval_splits": ["test"],
    "date": ("2024-01-01", "2024-12-31"),
    "dialect": [],
    "domains": [],
    "task_subtypes": [],
    "license": "not specified",
    "annotations_creators": "derived",
    "modalities": ["text"],
    "sample_creation": "found",
    "bibtex_citation": "",
}
DATA = Path()


def lines(name):
    return [line.strip() for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


class Tatoeba(AbsTaskBitextMining):
    metadata = TaskMetadata(
        type="BitextMining", name="LocalTatoeba", main_score="f1", eval_langs=["heb-Hebr", "eng-Latn"], **COMMON
    )

    def load_data(self, **_):
        columns = {"sentence1": lines("tatoeba/tatoeba_dev.he"), "sentence2": lines("tatoeba/tatoeba_dev.en")}
        self.dataset = DatasetDict({"test": Dataset.from_dict(columns)})
        self.data_loaded = True


class Entailment(AbsTaskPairClassification):
    metadata = TaskMetadata(
        type="PairClassification", name="LocalHebNli", main_score="cosine_ap", eval_langs=["heb-Hebr"], **COMMON
    )

    def load_data(self, **_):
        rows = [json.loads(line) for line in lines("hebnli/HebNLI_val.jsonl") if line]
        rows = [row for row in rows if row["original_label"] in ("entailment", "contradiction")]
        columns = {
            "sentence1": [row["translation1"].strip() for row in rows],
            "sentence2": [row["translation2"].strip() for row in rows],
            "labels": [int(row["original_label"] == "entailment") for row in rows],
        }
        self.dataset = DatasetDict({"test": Dataset.from_dict(columns)})
        self.data_loaded = True


class Questions(AbsTaskRetrieval):
    metadata = TaskMetadata(
        type="Retrieval", name="LocalHeq", main_score="ndcg_at_10", eval_langs=["heb-Hebr"], **COMMON
    )

    def load_data(self, **_):
        passages, relevant = {}, {}
        for article in json.loads((DATA / "heq/heq_val_v1.1.json").read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                number = passages.setdefault(paragraph["context"].strip(), f"p{len(passages)}")
                for question in paragraph["qas"]:
                    if question["answers"] and not question.get("is_impossible", False):
                        relevant.setdefault(question["question"].strip(), {})[number] = 1
        questions = {f"q{i}": text for i, text in enumerate(relevant)}
        data = RetrievalSplitData(
            queries=Dataset.from_list([{"id": i, "text": text} for i, text in questions.items()]),
            corpus=Dataset.from_list([{"id": i, "text": text, "title": ""} for text, i in passages.items()]),
            relevant_docs={i: relevant[text] for i, text in questions.items()},
            top_ranked=None,
        )
        self.dataset = {"default": {"test": data}}
        self.data_loaded = True


SAME = {"LocalTatoeba": "tatoeba-bitext", "LocalHebNli": "hebnli-pairs", "LocalHeq": "heq-retrieval"}


def ours(command, model, folder):
    tasks = [part for task in SAME.values() for part in ("--task", task)]
    base = [command, "evaluate", "--quiet", "--model", model, "--suite", "hebrew", "--data", str(DATA)]
    subprocess.run([*base, *tasks, "--max-test", "1000000", "--out", folder], check=True, stdout=subprocess.DEVNULL)
    results = json.loads(Path(folder, "results.json").read_text(encoding="utf-8"))["results"]
    return {result["task"]: result["main_score"] for result in results}


def main():
    global DATA
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="embedded:hebrew-mini")
    parser.add_argument("--command", default=str(Path(__file__).resolve().parents[2] / "llm2vec"))
    options = parser.parse_args()
    DATA = options.data
    with tempfile.TemporaryDirectory() as folder:
        expected = ours(options.command, options.model, folder)
        model = Llm2Vec4j(options.model, command=options.command, cache=Path(folder, "vectors"))
        results = mteb.evaluate(model, [Tatoeba(), Entailment(), Questions()], cache=None, co2_tracker=False)
    wrong = 0
    for result in results.task_results:
        score, own = result.get_score(), expected[SAME[result.task_name]]
        wrong += abs(score - own) > 1e-6
        print(f"{result.task_name:14} mteb {score:.6f}  llm2vec4j {own:.6f}")
    sys.exit(1 if wrong or len(results.task_results) != len(SAME) else 0)


if __name__ == "__main__":
    main()
