"""Writes core/src/test/resources/golden/quantization: vectors as bytes, by the arithmetic of sentence-transformers.

What quantize_embeddings of sentence-transformers computes, written out in numpy, so that numpy alone is needed. Run from
the root of the project, with numpy 1.26 or newer:

    python core/src/test/python/make_quantization_golden.py core/src/test/resources/golden/quantization
"""

import sys
from pathlib import Path

import numpy as np


def levels(vectors, calibration, lowest):
    least, largest = calibration.min(axis=0), calibration.max(axis=0)
    scaled = (vectors - least) / ((largest - least) / 255)
    return scaled.astype(np.uint8) if lowest == 0 else (scaled - 128).astype(np.int8)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20)
    vectors = random.normal(0, 1, (7, 16)).astype(np.float32)
    vectors[3, 5] = 0  # not above 0, so its bit is not set
    wider = np.vstack([vectors * np.float32(1.5), random.normal(0, 1, (20, 16)).astype(np.float32)])
    bits = np.packbits(vectors > 0, axis=1)
    arrays = {
        "vectors": vectors,
        "calibration": wider,
        "int8": levels(vectors, vectors, -128),
        "uint8": levels(vectors, vectors, 0),
        "int8_calibrated": levels(vectors, wider, -128),
        "uint8_calibrated": levels(vectors, wider, 0),
        "ubinary": bits,
        "binary": (bits.astype(np.int16) - 128).astype(np.int8),
    }
    for name, array in arrays.items():
        np.save(folder / (name + ".npy"), array)


main(Path(sys.argv[1]))
