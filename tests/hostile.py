"""A small world whose texts, ids and titles try to be markup, links, formulas and numbers."""

from __future__ import annotations

from pathlib import Path

from agent.use_cases import Tribune
from tests.worlds import write_csv
from tools.manifest import BuildSettings
from tools.pipeline import build
from tools.workspace import Workspace

SCRIPT = '<script>alert("x")</script>'
IDS = ["007", "NA", "=1+1", "+44", "-5", "@who", "null", "1e5", "<b onmouseover=x>", "a|b"]
BREAKFAST = [
    f"The breakfast eggs {SCRIPT} were | cold & *stale*.",
    "=HYPERLINK() was on the breakfast bread, see [7](http://evil.example/?a=1&b=2).",
    "Bread, eggs and coffee for breakfast: `rm -rf` and <img src=x onerror=alert(1)>.",
    "Breakfast coffee was lukewarm &lt;really&gt; and the eggs # raw ![x](https://e.example).",
    "# Breakfast of eggs, “bread” and ham at www.evil.example [1].",
    "- A breakfast buffet with bread and eggs, </section></body> indeed.",
]
SIGNAL = [
    "The wifi signal dropped during every video call.",
    "Fast wifi at the desk and sockets for two laptops.",
    "Video calls over this wifi were clear, the signal strong.",
    "No wifi signal in the room, so no work on the laptop.",
    "The desk had sockets and the internet signal held.",
    "Laptop, desk, internet: the wifi password changed daily.",
]


def build_hostile_world(folder: Path) -> Tribune:
    """Twenty users in two groups, told apart by hand, and one of no group; no ratings, no times."""
    rows: list[dict[str, object]] = []
    for place in range(20):
        user = IDS[place] if place < len(IDS) else f"worker_{place}"
        said = BREAKFAST if place < len(IDS) else SIGNAL
        for visit in range(3):
            first, second = said[(place + visit) % 6], said[(place + visit + 3) % 6]
            text = f"{first} {second} Visit {visit}."
            item = "=cafe()" if place < len(IDS) else "0042"
            rows.append({"review_id": f"00{len(rows)}", "user": user, "item": item, "text": text})
    rows.append({"review_id": "-1", "user": "quiet", "item": "0042", "text": "=Fine."})
    reviews = write_csv(folder / "reviews.csv", rows)
    items = write_csv(
        folder / "items.csv",
        [
            {"item_id": "=cafe()", "title": SCRIPT, "category": "@eat", "price": 5},
            {"item_id": "0042", "title": "Desk [1] ltd.", "category": "work", "price": 50},
        ],
    )
    workspace = Workspace(folder / "workspace")
    build([reviews], workspace, items=items, settings=BuildSettings(n_groups=2))
    return Tribune(workspace)
