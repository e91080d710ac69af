#!/usr/bin/env python3
"""Reads vectors from Parquet with pyarrow and compares them with NumPy's file: check_parquet.py --parquet FILE --npy FILE

The column embedding has to be a list of float32, row n equal to row n of the .npy file bit by bit; the other columns are
printed with their types. Exit code: 0 equal, 1 not, 2 wrong or missing input.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parquet", required=True, type=Path)
    parser.add_argument("--npy", required=True, type=Path)
    arguments = parser.parse_args()
    for file in (arguments.parquet, arguments.npy):
        if not file.exists():
            print(f"check_parquet.py: {file} is missing", file=sys.stderr)
            return 2
    table = pq.read_table(arguments.parquet)
    field = table.schema.field("embedding")
    if not (pa.types.is_list(field.type) and pa.types.is_float32(field.type.value_type)):
        print(f"FAILED: embedding is {field.type}, expected a list of float32")
        return 1
    expected = np.load(arguments.npy, allow_pickle=False)
    found = np.array(table.column("embedding").to_pylist(), dtype=np.float32)
    if not np.array_equal(found, expected):
        print(f"FAILED: {arguments.parquet} {found.shape} differs from {arguments.npy} {expected.shape}")
        return 1
    columns = ", ".join(f"{f.name} {f.type}" for f in table.schema)
    print(f"OK: {len(table)} rows with the columns {columns}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
