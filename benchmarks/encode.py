#!/usr/bin/env python3
"""Times the encoding of the same texts by several programs: encode.py --model DIR --texts FILE [PEER ...]

Every program loads the model and encodes all texts once to warm up; then they take turns and encode them all again, so
that a slower minute of the machine hits all alike, and ratios are taken round by round. Tokens are counted without
padding, by llm2vec4j's tokenizer for all. The result is a table in Markdown.

PEER is a program with, or not, a type and what it takes at once: NAME[:TYPE[:BATCH]] (default: llm2vec4j and llm2vec).

  name        what it is                                        types (the first is the default)   a batch is of
  llm2vec4j   ./llm2vec bench encode                            auto float32 bfloat16 int8         tokens (4096)
  llm2vec     the reference package on PyTorch                  float32 bfloat16                   texts (32)
  sbert       sentence-transformers on PyTorch                  float32 bfloat16                   texts (32)
  llama.cpp   its embeddings, through its Python binding        F32 BF16 Q8_0                      tokens (512)
  jlama       Jlama, on the JVM; causal attention               BF16 (products are fp32)           one text

llm2vec4j, llm2vec and jlama read the folder --model, sbert reads MODEL-sentence-transformers and llama.cpp reads
MODEL-TYPE.gguf beside it, as prepare.py makes them. The programs come from the folder --environments that setup.sh
makes; PEER_JAVA_HOME names the JDK for Jlama. Only the standard library is used here.

  encode.py … --compare           also checks that all give the same vectors, before anything is timed
  encode.py --model embedded:hebrew-mini --texts ONE_TEXT --rounds 200 llm2vec4j
                                  the time from the start of the process to the first vector, and of one text when warm
"""
import argparse
import contextlib
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
LLM2VEC = str(HERE.parent / "llm2vec")
SCRIPTS = {
    "llm2vec": "llm2vec_reference.py",
    "sbert": "sentence_transformers_peer.py",
    "llama.cpp": "llama_cpp_peer.py",
}
DEFAULT_TYPES = {"llm2vec4j": "auto", "llm2vec": "float32", "sbert": "float32", "llama.cpp": "F32", "jlama": "BF16"}


def command(peer, arguments, texts):
    """The command line of a peer."""
    kind, dtype, batch = (peer.split(":") + ["", ""])[:3]
    if kind not in DEFAULT_TYPES:
        sys.exit(f"{peer}: no such program; there are {', '.join(DEFAULT_TYPES)}")
    dtype = dtype or DEFAULT_TYPES[kind]
    if kind == "llm2vec4j":
        line = [LLM2VEC, "bench", "encode", "--wait", "--model", arguments.model, "--in", texts]
        line += ["--weights", "int8"] if dtype == "int8" else ["--dtype", dtype]
        line += ["--ceiling"] if arguments.ceiling else []
        return line + (["--tokens-per-batch", batch] if batch else [])
    model = {"sbert": f"{arguments.model}-sentence-transformers", "llama.cpp": f"{arguments.model}-{dtype}.gguf"}
    if kind == "jlama":
        java_home = os.environ.get("PEER_JAVA_HOME")
        libraries = arguments.environments / "jlama"
        line = [f"{java_home}/bin/java" if java_home else "java", "--enable-preview", "--add-modules"]
        line += ["jdk.incubator.vector", "-Djlama.max_batch_size=512", "-Djlama.force_panama_tensor_operations=true"]
        line += ["-cp", f"{libraries}/classes:{libraries}/*", "JlamaPeer"]
    else:
        line = [str(arguments.environments / kind / "bin" / "python"), str(HERE / "peers" / SCRIPTS[kind])]
    line += ["--model", model.get(kind, arguments.model), "--texts", texts, "--dtype", dtype]
    return line + ["--threads", str(arguments.threads)] + (["--batch", batch] if batch else [])


class Peer:
    """A program that encodes when it is told to."""

    def __init__(self, name, line):
        self.name = name
        self.answers = []
        start = time.perf_counter()
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        while (said := self.process.stdout.readline()) and said != "ready\n":
            sys.stderr.write(f"{name}: {said}")
        if not said:
            sys.exit(f"{name}: ended with {self.process.wait()} before it was ready: {' '.join(line)}")
        self.start_seconds = time.perf_counter() - start

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.answers.append(json.loads(self.process.stdout.readline()))

    def seconds(self):
        return [answer["seconds"] for answer in self.answers]

    def median(self, key):
        values = [answer[key] for answer in self.answers if key in answer]
        return statistics.median(values) if values else None

    def peak_memory(self):
        """Megabytes, or None where the system does not say."""
        with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/status", encoding="utf-8") as lines:
            return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cpu():
    with contextlib.suppress(OSError, IndexError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        return f"{names[0]}, {len(names)} cores"
    return platform.processor()


def read_vectors(file):
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def compare(arguments, texts, folder):
    """Prints how near the vectors of each peer are to llm2vec4j's in fp32, of either attention."""

    def encoded(*options):
        out = folder / "own.jsonl"
        line = [LLM2VEC, "encode", "--model", arguments.model, "--in", texts, "--out", str(out), *options]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as lines:
            return [json.loads(line)["embedding"] for line in lines]

    ours = [encoded("--dtype", "float32"), encoded("--dtype", "float32", "--causal")]
    print("| program | lowest cosine with llm2vec4j | with llm2vec4j when causal |\n| --- | ---: | ---: |")
    for name in arguments.peers:
        kind, dtype, _ = (name.split(":") + ["", ""])[:3]
        if kind != "llm2vec4j":
            file = folder / "vectors"
            Peer(name, [*command(name, arguments, texts), "--vectors", str(file)]).close()
            vectors = read_vectors(file)
        elif dtype == "int8":
            vectors = encoded("--weights", "int8")
        else:
            vectors = encoded("--dtype", dtype or "auto")
        lowest = [min(map(cosine, vectors, own)) for own in ours]
        print(f"| {name} | {lowest[0]:.6f} | {lowest[1]:.6f} |", flush=True)
    print()


def report(arguments, peers, texts):
    tokens = next((answer["tokens"] for peer in peers for answer in peer.answers if "tokens" in answer), None)
    first = peers[0]
    print(f"{cpu()}; {arguments.model}; {arguments.texts}: {texts} texts, {tokens} tokens; {arguments.rounds} rounds\n")
    ceiling = any(peer.median("share_of_ceiling") for peer in peers)
    head = ["program", "type", "tokens/s", f"{first.name} is faster by", "ms a round", "start, s", "peak, MB"]
    head += ["of bare products"] if ceiling else []
    print(f"| {' | '.join(head)} |\n| --- | --- |{' ---: |' * (len(head) - 2)}")
    for peer in peers:
        seconds = statistics.median(peer.seconds())
        ratios = [b / a for a, b in zip(first.seconds(), peer.seconds())]
        memory, share = peer.peak_memory(), peer.median("share_of_ceiling")
        row = [
            peer.name,
            "int8" if peer.name.endswith(":int8") else peer.answers[-1]["dtype"],
            f"{tokens / seconds:,.0f}" if tokens else "",
            "" if peer is first else f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{seconds * 1e3:,.1f}",
            f"{peer.start_seconds:.1f}",
            f"{memory:,.0f}" if memory else "",
        ]
        row += [f"{share:.0%}" if share else ""] if ceiling else []
        print(f"| {' | '.join(row)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a model folder")
    parser.add_argument("--texts", required=True, help="texts, one a line")
    parser.add_argument("--first", type=int, help="take the first so many texts alone")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (default %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the peers (default: all cores)")
    parser.add_argument("--environments", type=pathlib.Path, help="the folder that setup.sh has made")
    parser.add_argument("--ceiling", action="store_true", help="what share of bare matrix products llm2vec4j reaches")
    parser.add_argument("--compare", action="store_true", help="also compare the vectors with llm2vec4j's")
    parser.add_argument("peers", nargs="*", default=["llm2vec4j", "llm2vec"], metavar="PEER")
    arguments = parser.parse_args()
    if arguments.environments is None and any(not name.startswith("llm2vec4j") for name in arguments.peers):
        parser.error("--environments: name the folder that setup.sh has made")

    lines = [line for line in pathlib.Path(arguments.texts).read_text(encoding="utf-8").split("\n") if line.strip()]
    lines = lines[: arguments.first]
    with tempfile.TemporaryDirectory() as folder:
        texts = pathlib.Path(folder) / "texts.txt"
        texts.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        if arguments.compare:
            compare(arguments, str(texts), pathlib.Path(folder))
        peers = [Peer(name, command(name, arguments, str(texts))) for name in arguments.peers]
        for _ in range(arguments.rounds):
            for peer in peers:
                peer.round()
        report(arguments, peers, len(lines))
        for peer in peers:
            peer.close()


if __name__ == "__main__":
    main()
