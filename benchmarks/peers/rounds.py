"""What every peer does: read its arguments, warm up, say "ready", and encode each time a line arrives."""
import argparse
import json
import sys
import time


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--gguf", default="")
    return parser.parse_args()


def read_texts(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def serve(encode, dtype):
    encode()
    out = sys.stdout
    print("ready", file=out, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        encode()
        print(json.dumps({"seconds": time.perf_counter() - start, "dtype": dtype}), file=out, flush=True)
