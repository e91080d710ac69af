"""An encoder for the Python package mteb that calls llm2vec4j's command line.

    import mteb
    from llm2vec4j_mteb import Llm2Vec4j

    model = Llm2Vec4j("embedded:hebrew-mini", command="./llm2vec", instructions={"HebrewSentimentAnalysis": "..."})
    mteb.evaluate(model, mteb.get_tasks(["HebrewSentimentAnalysis"]))

Each call of encode starts "llm2vec encode --cache", which computes only vectors that it has not kept.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from mteb.models.model_meta import ModelMeta
from mteb.types import PromptType

UNKNOWN = (
    "loader release_date n_parameters memory_usage_mb max_tokens embed_dim license open_weights public_training_code"
    " public_training_data use_instructions training_datasets"
).split()


class Llm2Vec4j:
    """What mteb calls an encoder.

    model: a folder, or embedded:hebrew-mini
    command: the program llm2vec
    instructions: task name to what the model is told; documents that are searched are told nothing
    cache: where vectors are kept; without it in the user's cache
    revision: tells results of this model from those of another of its name
    more: further options of "llm2vec encode", such as --adapter DIR
    """

    def __init__(self, model, command="llm2vec", instructions=None, cache=None, revision="local", more=()):
        self.model = model
        self.command = command
        self.instructions = instructions or {}
        default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm2vec4j" / "vectors"
        self.cache = Path(cache) if cache else default
        self.more = list(more)
        name = "llm2vec4j/" + "".join(c if c.isalnum() or c in "._-" else "-" for c in Path(model).name)
        known = {"name": name, "revision": revision, "languages": ["heb-Hebr"], "framework": []}
        self.mteb_model_meta = ModelMeta(**dict.fromkeys(UNKNOWN), **known, similarity_fn_name="cosine")

    def encode(self, inputs, *, task_metadata, prompt_type=None, **_):
        """Vectors (texts, dimensions) of batches of {"text": [...]}, in their order."""
        texts = [text for batch in inputs for text in batch["text"]]
        told = "" if prompt_type == PromptType.document else self.instructions.get(task_metadata.name, "")
        return self.encode_texts(texts, told)

    def encode_texts(self, texts, instruction=""):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "texts.jsonl"), Path(folder, "vectors.npy")
            rows = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
            source.write_text("".join(rows), encoding="utf-8")
            command = [self.command, "encode", "--quiet", "--model", self.model, "--in", source, "--out", target]
            command += ["--instruction", instruction] if instruction else []
            subprocess.run([*map(str, command), "--cache", str(self.cache), *self.more], check=True)
            return np.load(target)

    def similarity(self, first, second):
        """Cosines (first, second)."""
        return _unit(first) @ _unit(second).T

    def similarity_pairwise(self, first, second):
        """Cosines of the i-th first with the i-th second."""
        return (_unit(first) * _unit(second)).sum(axis=-1)


def _unit(vectors):
    vectors = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
