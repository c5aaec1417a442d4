"""The tuned model as a GGUF file, and llama.cpp running it where it is installed."""

import os
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from gguf import GGUFReader, dequantize
from langchain_core.messages import HumanMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from transformers import AutoModelForCausalLM

from agent.chat_models.gguf_weights import map_tensors
from agent.chat_models.local_chat import LocalChat
from agent.chat_models.models import load_chat_model
from agent.chat_models.weights import prepare_gguf, prepare_tuned
from agent.phrasing import ask_for_words, read_lines
from tests.test_local_chat import TOOLS
from tools.errors import Cancelled, InputError, ModelError

CACHE = Path(os.environ["TRIBUNE_CACHE"]) if "TRIBUNE_CACHE" in os.environ else None
FACTS = ["#a users speak warmly of sea views, out of #b who mention it in #c sentences."]
needs_llama = pytest.mark.skipif(
    find_spec("llama_cpp") is None, reason="the extra tribune[llamacpp] is not installed"
)


@pytest.fixture(scope="module")
def llama() -> LocalChat:
    model = load_chat_model("llamacpp:smollm2", cache_dir=CACHE)
    assert isinstance(model, LocalChat)
    return model


def test_the_gguf_holds_the_tuned_weights_to_eight_bits() -> None:
    tuned = AutoModelForCausalLM.from_pretrained(prepare_tuned(cache_dir=CACHE))
    processor, names = map_tensors(tuned)
    weights = tuned.state_dict()
    tensors = GGUFReader(prepare_gguf(cache_dir=CACHE)).tensors
    assert len(tensors) == len(weights) - 1  # the output layer is the embeddings'
    for tensor in tensors:
        read = processor.process(dequantize(tensor.data, tensor.tensor_type), tensor.name).weights
        true = weights[names[tensor.name]].float().numpy()
        np.testing.assert_allclose(read, true, atol=np.abs(true).max() / 127)


@pytest.mark.skipif(find_spec("llama_cpp") is not None, reason="llama.cpp is installed")
def test_without_llama_cpp_the_reader_is_told_what_to_install() -> None:
    with pytest.raises(ModelError, match=r"-e '\.\[llamacpp\]'"):
        load_chat_model("llamacpp:smollm2", cache_dir=CACHE)


@needs_llama
def test_llama_cpp_words_facts_and_remembers_prompts_without_another_answer(
    llama: LocalChat,
) -> None:
    asked = ask_for_words(FACTS)
    first = str(llama.invoke(asked, max_tokens=60).content)
    [said] = read_lines(first)
    assert all(mark in said for mark in ("#a", "#b", "#c"))
    llama.invoke("Something else?", max_tokens=5)
    assert llama.invoke(asked, max_tokens=60).content == first
    assert llama.invoke(asked, max_tokens=60).content == first


@needs_llama
def test_llama_cpp_is_held_to_the_schemas_of_tools(llama: LocalChat) -> None:
    answer = llama.bind_tools(TOOLS, tool_choice="any").invoke("which users love budget travel?")
    [call] = answer.tool_calls
    schemas = {t.name: convert_to_openai_tool(t)["function"]["parameters"] for t in TOOLS}
    assert call["name"] in schemas
    jsonschema.validate(call["args"], schemas[call["name"]])


@needs_llama
def test_llama_cpp_is_cancelled_at_once_and_goes_on(llama: LocalChat) -> None:
    cancel = threading.Event()
    stream = llama.stream([HumanMessage("Tell me a long story.")], cancel=cancel, max_tokens=400)
    next(stream)
    cancel.set()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        list(stream)
    assert time.monotonic() - started < 2
    assert llama.invoke("Hello", max_tokens=5).content


@needs_llama
def test_a_file_that_is_no_gguf_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_chat_model(f"llamacpp:{tmp_path / 'none.gguf'}")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"broken\.gguf"):
        load_chat_model(f"llamacpp:{broken}")
