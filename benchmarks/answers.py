"""How long answers take on a built workspace: facts, first words, all; with and without a model."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

from agent.graph import Assistant, Finished, ToolFinished
from agent.use_cases import Tribune
from benchmarks.machine import describe_machine
from tools.workspace import Workspace

QUESTIONS = (
    "Which users love {topic}?",
    "Who hates {topic}?",
    "Which groups are there?",
    "Tell me about group 1",
    "How do groups 1 and 2 differ?",
    "Tell me about user {user}",
    "Show me reviews about {topic}",
    "What do people think of {topic}?",
    "How did sentiment on {topic} move by quarter?",
    "What is loaded?",
)


def main() -> None:
    """Print one JSON object a model: medians and the slowest, in seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=["none", "local:smollm2"])
    options = parser.parse_args()
    tribune = Tribune(Workspace(options.workspace))
    users = list(tribune.user_ids) or ["nobody"]
    topics = [name.split(" & ")[0] for name in tribune.topic_names[:2]]
    print(json.dumps({"machine": describe_machine()}))
    for model in options.models:
        start = time.perf_counter()
        assistant = Assistant(tribune, model)
        list(assistant.ask("hello", "warm-up"))
        loaded = time.perf_counter() - start
        tools, first, total, replaced = [], [], [], 0
        for topic in topics:
            for pattern in QUESTIONS:
                question = pattern.format(topic=topic, user=users[len(users) // 2])
                for event in assistant.ask(question, f"benchmark-{model}-{time.time_ns()}"):
                    if isinstance(event, ToolFinished):
                        tools.append(event.call.seconds)
                    if isinstance(event, Finished):
                        first.append(event.answer.seconds.first)
                        total.append(event.answer.seconds.total)
                        replaced += event.answer.checks.fallback
        print(
            json.dumps(
                {
                    "model": model,
                    "questions": len(total),
                    "load_seconds": round(loaded, 2),
                    "tool_p50": round(statistics.median(tools), 3),
                    "tool_max": round(max(tools), 3),
                    "first_p50": round(statistics.median(first), 2),
                    "first_max": round(max(first), 2),
                    "total_p50": round(statistics.median(total), 2),
                    "total_max": round(max(total), 2),
                    "sentences_replaced": replaced,
                }
            )
        )


if __name__ == "__main__":
    main()
