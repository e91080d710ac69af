#!/usr/bin/env python3
"""Times the encoding of the same texts by several programs side by side: encode.py --model DIR --texts FILE [PEER ...]

Every program loads the model, encodes all texts once to warm up, says "ready" and then encodes them all again each time
it is asked. The programs take turns, so that a slower minute of the machine hits all alike; the ratios are taken round
by round. Tokens are counted without padding, by llm2vec4j's own tokenizer for all.

PEER is a program of the table below (default: llm2vec4j and llm2vec). Each needs its own Python environment, named by
the variable in the table; llm2vec4j needs none.

  llm2vec4j       ./llm2vec bench encode, the compute type that is fastest here (llm2vec4j:float32 for another)
  llm2vec         the reference package on PyTorch      LLM2VEC_PYTHON   (integration-tests/python/setup.sh)
  sbert           sentence-transformers                 SBERT_PYTHON     (pip install sentence-transformers)
  llama.cpp       its embeddings, from a GGUF file      LLAMACPP_PYTHON  (pip install llama-cpp-python, built here)

A peer may be given a type after a colon: llm2vec:bfloat16. Only the standard library is used here.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = {"llm2vec": "LLM2VEC_PYTHON", "sbert": "SBERT_PYTHON", "llama.cpp": "LLAMACPP_PYTHON"}
SCRIPT = {"llm2vec": "llm2vec_reference.py", "sbert": "sentence_transformers_peer.py", "llama.cpp": "llama_cpp_peer.py"}


class Peer:
    """A program that encodes when it is told to."""

    def __init__(self, name, arguments):
        self.name = name
        kind, _, dtype = name.partition(":")
        if kind == "llm2vec4j":
            command = [str(HERE.parent / "llm2vec"), "bench", "encode", "--wait", "--model", arguments.model,
                       "--in", arguments.texts] + (["--dtype", dtype] if dtype else [])
            command += arguments.ours.split()
        elif kind in SCRIPT:
            python = os.environ.get(PYTHON[kind]) or sys.exit(f"{name}: name its Python in {PYTHON[kind]}")
            command = [python, str(HERE / "peers" / SCRIPT[kind]), "--model", arguments.model,
                       "--texts", arguments.texts, "--threads", str(arguments.threads)]
            command += ["--dtype", dtype] if dtype else []
            command += ["--gguf", arguments.gguf] if kind == "llama.cpp" else []
        else:
            sys.exit(f"{name}: no such program; there are llm2vec4j, {', '.join(SCRIPT)}")
        self.seconds = []
        self.facts = {}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if line.strip() != "ready":
            sys.exit(f"{name}: did not start (it said {line.strip()!r})")

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.seconds.append(answer["seconds"])
        self.facts = answer
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
            return f"{names[0]}, {len(names)} cores"
    except (OSError, IndexError):
        return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a model folder that all can read")
    parser.add_argument("--texts", required=True, help="texts, one a line")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (default 5)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the peers (default: all cores)")
    parser.add_argument("--gguf", default="", help="the same model as a GGUF file, for llama.cpp")
    parser.add_argument("--ours", default="", help="further options for llm2vec bench encode")
    parser.add_argument("peers", nargs="*", default=["llm2vec4j", "llm2vec"])
    arguments = parser.parse_args()

    peers = [Peer(name, arguments) for name in arguments.peers]
    for _ in range(arguments.rounds):
        for peer in peers:
            peer.round()
    tokens = next((p.facts["tokens"] for p in peers if "tokens" in p.facts), None)
    first = peers[0]
    print(f"{cpu()}; {arguments.model}; {arguments.texts}; {arguments.rounds} rounds; {tokens} tokens")
    print(f"{'program':24}{'dtype':>10}{'tokens/s (median)':>20}{'ratio ' + first.name + ' / it':>28}{'min':>8}{'max':>8}")
    for peer in peers:
        rate = tokens / statistics.median(peer.seconds) if tokens else float("nan")
        ratios = [b / a for a, b in zip(first.seconds, peer.seconds)]
        print(f"{peer.name:24}{peer.facts.get('dtype', ''):>10}{rate:>20.0f}{statistics.median(ratios):>28.2f}"
              f"{min(ratios):>8.2f}{max(ratios):>8.2f}")
    for peer in peers:
        peer.close()


if __name__ == "__main__":
    main()
