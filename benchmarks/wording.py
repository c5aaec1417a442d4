"""How the local model words answers: what its checks let through, and how long it takes.

    python -m benchmarks.wording WORKSPACE… --model local:smollm2 --answers 100 --show 25

Answers of every tool over each workspace, drawn at random. A sentence stands if the checks pass it
at the first or second try; else the plain fact is shown in its place.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import threading
import time
from pathlib import Path

from agent.chat_models.models import load_chat_model
from agent.grounding.sentences import split_sentences
from agent.true_answers import gather_answers
from agent.use_cases import Tribune
from agent.writer import Tally, count_opening, word_answer
from benchmarks.machine import describe_machine
from tools.workspace import Workspace


def main() -> None:
    """Print, for each workspace, the share of sentences that stand, and some answers to read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspaces", type=Path, nargs="+")
    parser.add_argument("--model", default="local:smollm2")
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--out", type=Path, help="whole answers with their evidence, JSON lines")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = load_chat_model(options.model)
    print(describe_machine())
    whole_answers: list[dict[str, object]] = []
    for path in options.workspaces:
        true = gather_answers(Tribune(Workspace(path)), seed=options.seed)
        drawn = random.Random(options.seed).sample(true, min(options.answers, len(true)))
        sentences = 0
        tally, changed = Tally(), 0
        first, whole = [], []
        for place, (_, grounding) in enumerate(drawn):
            started = time.perf_counter()
            stop = threading.Event()
            pieces, seen = [], 0.0
            for piece in word_answer(grounding.claims, grounding, model, tally, stop):
                seen = seen or time.perf_counter() - started
                pieces.append(piece)
            first.append(seen)
            whole.append(time.perf_counter() - started)
            opening = count_opening(grounding.claims)
            sentences += opening
            told = "".join(pieces)
            whole_answers.append(
                {
                    "workspace": path.name,
                    "claims": [claim.text for claim in grounding.claims],
                    "answer": told,
                    "evidence": grounding.evidence,
                }
            )
            plain = [claim.text for claim in grounding.claims[:opening]]
            changed += sum(sentence not in told for sentence in plain)
            if place < options.show:
                worded = split_sentences(told, grounding.names)[:opening]
                print(f"\n— {' '.join(plain)}\n+ {' '.join(worded)}")
        stood = 1 - tally.fallback / sentences
        print(
            f"\n{path}: {len(drawn)} answers, {sentences} worded sentences, {stood:.3f} stand "
            f"({changed / sentences:.2f} other than the plain fact); "
            f"failed checks {tally.failures}; "
            f"first words {statistics.median(first):.2f} s, all {statistics.median(whole):.2f} s"
        )
    if options.out:
        lines = (json.dumps(answer, ensure_ascii=False) for answer in whole_answers)
        options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
