"""Checks that llm2vec4j and the Python package huggingface_hub share one cache, both ways, against a hub on this machine.

check_hub.py --llm2vec LAUNCHER --server COMMAND --model FOLDER

COMMAND with a folder as its last argument serves OWNER/NAME below it and prints its address (HubServer of core's tests).
Exit code 1 if the two do not agree.
"""

import argparse
import concurrent.futures
import filecmp
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ID = "owner/tiny"
# What one of the two leaves out and the other fetches.
EXTRA = {"pytorch_model.bin": b"\x80pickle", "notes/plan.txt": b"a plan\n"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--llm2vec", type=Path, required=True)
    options.add_argument("--server", required=True)
    options.add_argument("--model", type=Path, required=True)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        served = work / "served" / ID
        shutil.copytree(given.model, served)
        for name, content in EXTRA.items():
            (served / name).parent.mkdir(exist_ok=True)
            (served / name).write_bytes(content)
        server = subprocess.Popen(
            shlex.split(given.server) + [str(work / "served")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            endpoint = server.stdout.readline().strip()
            check(Check(given.llm2vec.resolve(), endpoint, work, served))
        finally:
            server.stdin.close()
            server.wait(timeout=30)


class Check:
    def __init__(self, llm2vec, endpoint, work, served):
        self.llm2vec, self.endpoint, self.work, self.served = llm2vec, endpoint, work, served

    def environment(self, home, offline):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        return clean | {
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(self.work / home),
            "HF_HUB_OFFLINE": "1" if offline else "0",
            "HF_TOKEN": "hf_test",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def java(self, home, *arguments, offline=False):
        """Standard output of a command of llm2vec."""
        command = [str(self.llm2vec), "--quiet", *map(str, arguments)]
        return subprocess.run(
            command, env=self.environment(home, offline), stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()

    def python(self, home, code, offline=False):
        """What some Python code prints. It has a process of its own, since the package reads variables when it loads."""
        result = subprocess.run(
            [sys.executable, "-c", code], env=self.environment(home, offline), stdout=subprocess.PIPE, text=True
        )
        if result.returncode != 0:
            sys.exit(f"check_hub.py: Python failed at: {code}")
        return result.stdout.strip()

    def same(self, what, snapshot, names):
        for name in names:
            if not filecmp.cmp(self.served / name, Path(snapshot) / name, shallow=False):
                sys.exit(f"check_hub.py: {what}: {name} differs")
        print(f"ok: {what}")

    def equal(self, what, one, other):
        if one != other:
            sys.exit(f"check_hub.py: {what}: {one!r} is not {other!r}")
        print(f"ok: {what}")


def check(to):
    model_files = [path.name for path in to.served.iterdir() if path.is_file() and path.name not in EXTRA]

    # 1. what llm2vec has fetched, read by Python without a network
    ours = to.java("ours", "pull", ID)
    to.same("pull brings the files", ours, ["config.json", "model.safetensors", "tokenizer.json"])
    found = to.python(
        "ours",
        f"from huggingface_hub import snapshot_download as s; print(s('{ID}', local_files_only=True))",
        offline=True,
    )
    to.equal("snapshot_download finds the snapshot of pull", found, ours)
    for name in ["config.json", "model.safetensors"]:
        found = to.python(
            "ours", f"from huggingface_hub import hf_hub_download as h; print(h('{ID}', '{name}', local_files_only=True))"
        )
        to.equal(f"hf_hub_download finds {name}", found, f"{ours}/{name}")
    to.equal(
        "scan_cache_dir reads the cache without a warning",
        to.python(
            "ours",
            "from huggingface_hub import scan_cache_dir as s; c = s();"
            "print([r.repo_id for r in c.repos], [list(v.refs) for r in c.repos for v in r.revisions], c.warnings)",
        ),
        f"['{ID}'] [['main']] []",
    )
    to.equal(
        "transformers loads model and tokenizer from it",
        to.python(
            "ours",
            "from transformers import AutoModel, AutoTokenizer;"
            f"m = AutoModel.from_pretrained('{ID}', local_files_only=True);"
            f"t = AutoTokenizer.from_pretrained('{ID}', local_files_only=True); print(m.config.model_type, t.is_fast)",
            offline=True,
        ),
        "mistral True",
    )

    # 2. what Python has fetched, read by llm2vec without a network
    theirs = to.python("theirs", f"from huggingface_hub import snapshot_download as s; print(s('{ID}'))")
    to.same("snapshot_download reads the server", theirs, [*model_files, *EXTRA])
    to.equal("pull finds the snapshot of Python", to.java("theirs", "pull", ID, offline=True), theirs)
    to.equal("cache verify finds nothing wrong", to.java("theirs", "cache", "verify"), "")
    texts = to.work / "texts.txt"
    texts.write_text("one\nשלום עולם\n", encoding="utf-8")
    vectors = []
    for home, model, offline in [("theirs", ID, True), ("ours", ID, True), ("none", to.served, True)]:
        out = to.work / f"{len(vectors)}.npy"
        to.java(home, "encode", "--dtype", "float32", "--model", model, "--in", texts, "--out", out, offline=offline)
        vectors.append(out.read_bytes())
    to.equal("vectors are those of the folder", [v == vectors[2] for v in vectors], [True, True, True])

    # 3. one cache, filled by both in turn: nothing is there twice
    to.python("both", f"from huggingface_hub import hf_hub_download as h; h('{ID}', 'config.json')")
    both = to.java("both", "pull", ID)
    to.python("both", f"from huggingface_hub import snapshot_download as s; s('{ID}')")
    to.same("both fill one snapshot", both, [*model_files, *EXTRA])
    blobs = Path(both).parents[1] / "blobs"
    contents = {(to.served / name).read_bytes() for name in [*model_files, *EXTRA]}
    to.equal("each content is there once", len(list(blobs.iterdir())), len(contents))

    # 4. both at once on an empty cache
    with concurrent.futures.ThreadPoolExecutor() as threads:
        python = threads.submit(to.python, "once", f"from huggingface_hub import snapshot_download as s; print(s('{ID}'))")
        java = threads.submit(to.java, "once", "pull", ID)
        to.equal("both at once make one snapshot", java.result(), python.result())
    to.same("both at once bring the right bytes", java.result(), [*model_files, *EXTRA])

    # 5. what llm2vec has pushed, read by Python
    to.java("ours", "push", to.served, "me/copy", "--private")
    pushed = to.python("pushed", "from huggingface_hub import snapshot_download as s; print(s('me/copy'))")
    to.same("Python reads what was pushed", pushed, ["config.json", "model.safetensors", "tokenizer.json"])
    to.equal("no pickle was pushed", (Path(pushed) / "pytorch_model.bin").exists(), False)


if __name__ == "__main__":
    main()
