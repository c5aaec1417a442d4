"""How long a build of 10,000 Yelp reviews takes: cold, and again with nothing new."""

from __future__ import annotations

import json
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.pipeline import build
from tools.workspace import Workspace, read_manifest


def main() -> None:
    """Print one JSON object: seconds in all and by step, and peak memory."""
    reviews = find_data("yelp10k/reviews.csv.gz")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        start = time.perf_counter()
        first = build([reviews], workspace)
        cold = time.perf_counter() - start
        start = time.perf_counter()
        build([reviews], workspace)
        again = time.perf_counter() - start
        steps = read_manifest(first.version)["seconds"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "machine": describe_machine(),
                "counts": first.counts,
                "cold_seconds": round(cold, 1),
                "nothing_new_seconds": round(again, 2),
                "steps": steps,
                "peak_mb": round(peak),
            }
        )
    )


if __name__ == "__main__":
    main()
