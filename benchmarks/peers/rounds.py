"""What every peer does: read its arguments, warm up, say "ready", and encode each time a line arrives."""
import argparse
import json
import os
import sys
import time

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"


def arguments(description, batch):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", required=True, help="the folder or file of the model")
    parser.add_argument("--texts", required=True, help="texts, one a line")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--dtype", default="float32", help="the type that is computed in")
    parser.add_argument("--batch", type=int, default=batch, help="what is encoded at once (default %(default)s)")
    parser.add_argument("--vectors", help="a file to write the vectors of the first pass to, a JSON list a line")
    return parser.parse_args()


def read_texts(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def serve(encode, options):
    vectors = encode()
    if options.vectors:
        with open(options.vectors, "w", encoding="utf-8") as file:
            for vector in vectors:
                print([float(value) for value in vector], file=file)
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        encode()
        print(json.dumps({"seconds": time.perf_counter() - start, "dtype": options.dtype}), flush=True)
