#!/usr/bin/env python3
"""Takes a model of the shape of DictaLM 2.0 with random weights through the whole recipe: dictalm2.py WORK

A hub on this machine (HubServer, of the tests of core) serves the model, and data sets with the columns of those that
the recipe names. Then the commands are those of a user with a connection: pull, cache verify, recipe dictalm2.0 stage by
stage, encode, export; with two short steps a stage in place of 1,000. A table in Markdown says what each command took
of time and memory, what the plan expected, and how long the recipe's own steps would be at that speed. Every file is
below WORK. A command that was done is not done again, so a run that was stopped goes on; --again NAME does one anew.

It needs Linux, 45 GB of disk (15 GB less with --checkpoint), and 24 GB of memory. 7 billion parameters take hours on
two cores, so start it where it can stay: nohup benchmarks/dictalm2.py WORK >dictalm2.log &
"""
import argparse
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import threading
import time

import encode

ROOT = encode.HERE.parent
TEXT = ROOT / "models/hebrew-mini/src/main/resources/llm2vec4j/embedded/hebrew-mini/text"
BASE = "dicta-il/dictalm2.0"
PASSAGES_OF_AN_ARTICLE = 12
CARD = """---
configs:
- config_name: 20231101.he
  data_files:
  - split: train
    path: 20231101.he/train-*
---
"""

# Rows in a step: what two workers hold at once by the recipe's own plan for 24 GB. The plan has the gradient cache only
# for batches that do not fit at once, as those of the recipe.
STAGES = {
    "mntp": {"per_device_train_batch_size": 4, "dataset_number_of_rows": 400, "do_eval": "false"},
    "mntp-unsup-simcse": {
        "per_device_train_batch_size": 16,
        "dataset_start_index": 400,
        "dataset_limit": 1000,
        "gradient_cache": "true",
    },
    "mntp-supervised": {"per_device_train_batch_size": 4, "dataset_number_of_rows": 80, "gradient_cache": "true"},
}


def passages():
    """The project's own Hebrew text: questions with the passages that answer them."""
    with (TEXT / "questions.jsonl").open(encoding="utf-8") as lines:
        return [(row["question"], row["passage"]) for row in map(json.loads, lines)]


def quoted(*fields):
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n"


def serve_data(served, environment):
    """Data sets with the names, files and columns that the recipe expects, and blank rows as HeDC4 has them."""
    rows = passages()
    hedc4 = served / "datasets/HeNLP/HeDC4/HeDC4.csv"
    hedc4.parent.mkdir(parents=True, exist_ok=True)
    texts = [f"{question} {passage}" for question, passage in rows + rows]
    hedc4.write_text("text\n" + "".join(quoted("" if i % 40 == 7 else text) for i, text in enumerate(texts)), "utf-8")
    wikipedia = served / "datasets/wikimedia/wikipedia"
    parquet = wikipedia / "20231101.he/train-00000-of-00001.parquet"
    if parquet.exists():
        return
    parquet.parent.mkdir(parents=True, exist_ok=True)
    (wikipedia / "README.md").write_text(CARD, "utf-8")
    articles = served.parent / "articles.csv"
    lines = ["id,url,title,text\n"]
    for i in range(100):
        text = "\n".join(passage for _, passage in rows[i : i + PASSAGES_OF_AN_ARTICLE])
        lines.append(quoted(str(i), f"https://he.wikipedia.org/wiki/{i}", rows[i][0], text))
    articles.write_text("".join(lines), "utf-8")
    # What writes Parquet here is encode: the columns of its input, and one more with vectors, which nobody asks for.
    line = ["encode", "--model", "embedded:hebrew-mini", "--in", articles, "--keep", "id,url,title,text", "--out", parquet]
    subprocess.run([encode.LLM2VEC, *map(str, line)], env=environment, check=True)


class Hub:
    """The server of the tests on a folder, as long as the block lasts."""

    def __init__(self, folder):
        if not (ROOT / "core/target/test-classes/io/github/llm2vec4j/core/hub/HubServer.class").exists():
            subprocess.run(["mvn", "-B", "-q", "-ntp", "-pl", "core", "test-compile"], cwd=ROOT, check=True)
        java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
        path = f"{ROOT}/core/target/test-classes:{ROOT}/cli/target/lib/*"
        line = [java, "-Xmx256m", "-cp", path, "io.github.llm2vec4j.core.hub.HubServer", str(folder)]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        self.endpoint = self.process.stdout.readline().strip()
        if not self.endpoint:
            sys.exit("dictalm2.py: the hub does not start")
        return self

    def __exit__(self, *failure):
        self.process.stdin.close()
        self.process.wait()


class Memory(threading.Thread):
    """Looks at the JVM among the processes below one four times a second, and keeps the most of each figure, in GB."""

    FIGURES = {"VmHWM": "peak", "RssAnon": "own", "RssFile": "mapped"}

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.most, self.began = process, dict.fromkeys(self.FIGURES.values(), 0.0), None
        self.start()

    def below(self, parent):
        yield parent
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            for child in task.read_text().split():
                yield from self.below(child)

    def look(self):
        for process in self.below(self.process.pid):
            status = pathlib.Path(f"/proc/{process}/status").read_text()
            if status.startswith("Name:\tjava\n"):
                self.began = self.began or time.monotonic()
                for line in status.splitlines():
                    key, _, value = line.partition(":")
                    if key in self.FIGURES:
                        figure = self.FIGURES[key]
                        self.most[figure] = max(self.most[figure], int(value.split()[0]) * 1024 / 1e9)

    def run(self):
        while self.process.poll() is None:
            try:
                self.look()
            except OSError:
                pass  # a process that has just ended
            time.sleep(0.25)


class Run:
    def __init__(self, work, under, again, environment):
        self.work, self.under, self.again, self.environment = work, under, again, environment
        (work / "done").mkdir(exist_ok=True)

    def step(self, name, *arguments, after=lambda output: {}):
        """Does a command if it is not done, and keeps what it took and what `after` reads of its output."""
        record = self.work / "done" / f"{name}.json"
        if record.exists() and name not in self.again:
            return
        line = [encode.LLM2VEC, *map(str, arguments)]
        free = shutil.disk_usage(self.work).free / 1e9
        print(f"== {name}, {free:.1f} GB of disk free\n   ./llm2vec {shlex.join(line[1:])}", file=sys.stderr, flush=True)
        with (self.work / "done" / f"{name}.out").open("w+", encoding="utf-8") as out:
            process = subprocess.Popen(self.under + line, env=self.environment, stdout=out)
            memory = Memory(process)
            code = process.wait()
            ended = time.monotonic()
            memory.join()
            out.seek(0)
            output = out.read()
        if code != 0:
            sys.exit(f"dictalm2.py: {name} ended with exit code {code}: {output[-1000:]}")
        result = {"seconds": ended - (memory.began or ended), **memory.most, **after(output)}
        record.write_text(json.dumps(result), "utf-8")
        print(f"   {json.dumps(result)}", file=sys.stderr, flush=True)

    def result(self, name):
        record = self.work / "done" / f"{name}.json"
        return json.loads(record.read_text("utf-8")) if record.exists() else None


def trained(folder, rows):
    """Tokens, rows and seconds of all steps of a stage."""
    steps = [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]
    steps = [step for step in steps if "tokens" in step]
    return {
        "rows": rows * len(steps),
        "tokens": sum(step["tokens"] for step in steps),
        "busy": sum(step["seconds"] for step in steps),
        "loss": [step["loss"] for step in steps],
    }


def encoded(output):
    last = json.loads(output.splitlines()[-1])
    return {"tokens": last["tokens"], "busy": last["seconds"]}


def least_cosine(first, second):
    """Of the vectors of two .jsonl files, row by row."""
    least = 1.0
    for one, other in zip(first.open(encoding="utf-8"), second.open(encoding="utf-8"), strict=True):
        a, b = json.loads(one)["embedding"], json.loads(other)["embedding"]
        product = sum(x * y for x, y in zip(a, b, strict=True))
        least = min(least, product / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5)
    return least


def estimates(settings):
    """The bytes that the recipe's plan for a CPU of 24 GB expects of each stage with these settings."""
    line = [encode.LLM2VEC, "recipe", "dictalm2.0", "--explain", "--json", "--gflops", "1", "--memory", "24", *settings]
    plan = json.loads(subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True).stdout)["plans"][0]
    return {f"recipe {stage['name']}": stage["bytes"] / 1e9 for stage in plan["stages"]}


def days(result, stage):
    """What the recipe's own steps would take, with rows as long as those that were timed."""
    whole = json.loads((ROOT / "recipes/dictalm2.0.json").read_text("utf-8"))["steps"][stage]["settings"]
    rows = whole["stop_after_n_steps"] * whole["per_device_train_batch_size"]
    return result["busy"] / result["rows"] * rows / 86400


def table(run, names, expected):
    print("| command | seconds | peak, GB | not of files | estimated | tokens | tokens/s | recipe's steps, days |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        result = run.result(name)
        if result:
            row = [f"`{name}`", f"{result['seconds']:.0f}", f"{result['peak']:.1f}", f"{result['own']:.1f}"]
            row.append(f"{expected[name]:.1f}" if name in expected else "")
            row += [f"{result['tokens']}", f"{result['tokens'] / result['busy']:.1f}"] if "tokens" in result else ["", ""]
            row.append(f"{days(result, name.split()[-1]):.0f}" if "rows" in result else "")
            print(f"| {' | '.join(row)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path, help="a folder for everything")
    parser.add_argument("--checkpoint", type=pathlib.Path, help="a folder that bench synth has made, in place of one in WORK")
    parser.add_argument("--steps", type=int, default=2, help="of each stage (default %(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="STAGE.KEY=VALUE", help="for the recipe")
    parser.add_argument("--again", action="append", default=[], metavar="NAME", help="do this command anew")
    parser.add_argument("--under", default="", help="a command that runs each command, such as nice")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    work = given.work.resolve()
    under = shlex.split(given.under)

    checkpoint = (given.checkpoint or work / "synthetic").resolve()
    if not (checkpoint / "config.json").exists():
        subprocess.run([encode.LLM2VEC, "bench", "synth", "--like", BASE, "--out", str(checkpoint)], check=True)
    served = work / "served"
    model = served / BASE
    model.parent.mkdir(parents=True, exist_ok=True)
    if not model.is_symlink():
        model.symlink_to(checkpoint)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    serve_data(served, clean)
    texts = work / "texts.txt"
    texts.write_text("".join(f"{passage}\n" for _, passage in passages()[:16]), "utf-8")

    with Hub(served) as hub:
        home = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(work / "home"), "XDG_CACHE_HOME": str(work / "cache")}
        run = Run(work, under, given.again, clean | home)
        commands(run, given, texts)


def commands(run, given, texts):
    work, out = run.work, run.work / "run"
    run.step("pull", "pull", BASE)
    run.step("cache verify", "cache", "verify", BASE)
    run.step("encode base", "encode", "--model", BASE, "--in", texts, "--out", work / "base.jsonl")
    changed = dict(part.split("=", 1) for part in given.set)
    chosen = {f"{stage}.{key}": value for stage, all in STAGES.items() for key, value in all.items()} | changed
    assignments = [f"stop_after_n_steps={given.steps}"] + [f"{key}={value}" for key, value in chosen.items()]
    settings = [part for assignment in assignments for part in ("--set", assignment)]
    for number, stage in enumerate(STAGES):
        if f"recipe {stage}" in run.again:
            shutil.rmtree(out / stage, ignore_errors=True)
        only = f"base,{stage}" if number == 0 else stage
        run.step(
            f"recipe {stage}",
            *("recipe", "dictalm2.0", "--out", out, "--only", only, *settings),
            after=lambda output: trained(out / stage, int(chosen[f"{stage}.per_device_train_batch_size"])),
        )
    model, exported = out / "mntp-unsup-simcse", work / "exported"
    run.step("encode", "encode", "--model", model, "--in", texts, "--out", work / "adapters.jsonl")
    bench = ["bench", "encode", "--model", model, "--in", texts, "--rounds", "1"]
    run.step("bench encode", *bench, after=encoded)
    run.step("bench encode int8", *bench, "--weights", "int8", after=encoded)
    if "export" in run.again:
        shutil.rmtree(exported, ignore_errors=True)
    run.step("export", "export", "--model", model, "--to", exported, "--format", "merged")
    run.step("inspect", "inspect", exported)
    run.step("encode exported", "encode", "--model", exported, "--in", texts, "--out", work / "exported.jsonl")

    print(f"\n{encode.cpu()}\n")
    names = ["pull", "cache verify", "encode base", *(f"recipe {stage}" for stage in STAGES), "encode"]
    names += ["bench encode", "bench encode int8", "export", "inspect", "encode exported"]
    table(run, names, estimates(settings))
    cosine = least_cosine(work / "adapters.jsonl", work / "exported.jsonl")
    print(f"\nVectors before and after the export: cosine of at least {cosine:.6f}.")


if __name__ == "__main__":
    main()
