#!/usr/bin/env python3
"""Makes testdata/patterns/*.zip: small binarized networks with ONNX Runtime's results.

    patterns.py            all topics
    patterns.py signs ...  some

A topic is a module of the folder patterns, with a function cases(), and becomes one zip.
Where nothing else is said, values are small multiples of powers of two, so that zeros and
ties are exact, all float arithmetic of a case too, and the results must be equal. Needs
the Python packages onnx and onnxruntime.
"""

import importlib
import pathlib
import pkgutil
import sys

import patterns
from patterns.common.case import write

OUT = pathlib.Path(__file__).resolve().parent.parent / "patterns"
LIMIT = 6_000_000  # bytes of all zips together


def main():
    topics = [m.name for m in pkgutil.iter_modules(patterns.__path__) if not m.ispkg]
    wanted = sys.argv[1:] or topics
    if unknown := set(wanted) - set(topics):
        sys.exit(f"no topic {', '.join(sorted(unknown))}; there are {', '.join(topics)}")
    for topic in wanted:
        path = OUT / f"{topic}.zip"
        count = write(path, importlib.import_module(f"patterns.{topic}").cases())
        print(f"{topic}: {count} cases, {path.stat().st_size} bytes")
    total = sum(p.stat().st_size for p in OUT.glob("*.zip"))
    print(f"all together: {total} bytes")
    if total > LIMIT:
        sys.exit(f"more than {LIMIT} bytes")


if __name__ == "__main__":
    main()
