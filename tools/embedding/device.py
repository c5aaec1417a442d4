"""Where the models run, and in which number format."""

import torch


def choose_device() -> str:
    """ "cuda" where torch sees a GPU (NVIDIA or ROCm), else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def choose_dtype(device: str) -> torch.dtype:
    """The fastest number format that `device` computes in natively.

    GPU: bfloat16 where the card has it (compute capability 8 and later), else float16.
    CPU: bfloat16 only with AVX512-BF16 or AMX instructions. Every other processor emulates it,
    many times slower than float32 (seven times on AVX2), though it saves half the memory.
    """
    if device.startswith("cuda"):
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float16
    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("avx512_bf16", False) or capabilities.get("amx_tile", False)
    return torch.bfloat16 if native else torch.float32
