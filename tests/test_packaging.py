"""What a wheel of Tribune carries."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_file_beside_the_code_is_packaged() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    patterns = setup["package-data"]["*"]
    beside = [
        path
        for top in ("agent", "tools", "ui")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    ]
    assert len(beside) > 20
    assert not [path for path in beside if not any(path.match(p[3:]) for p in patterns)]
