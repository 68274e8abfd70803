"""ONNX models on this machine's processors."""

from pathlib import Path
from typing import Any

from generator.process.onnx_options import session_options
from shared.errors import SettingsError

TOO_LARGE_BYTES = 2**31
"""What a file may have, as the format (protocol buffers) has it."""


def open_session(path: Path, threads: int, requirements: str) -> Any:
    """An onnxruntime session of the model in a file, for `threads` threads.

    A file of weights holds numbers and operations, and no code of anybody's: operations beyond the
    standard ones are unknown here. Raises SettingsError if there is no such file, it is no ONNX
    model, or onnxruntime is missing, which `requirements` has.
    """
    try:
        import onnxruntime

        options = session_options(threads)
    except ImportError as error:
        raise missing_package("onnxruntime", requirements) from error
    if not path.is_file():
        raise SettingsError(f"There is no file {path}: an encoder is a model in the format ONNX.")
    if path.stat().st_size >= TOO_LARGE_BYTES:
        raise SettingsError(f"{path} has 2 GiB or more, and no ONNX model has: is it another file?")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own have no common base
        raise SettingsError(
            f"{path} is not readable as an ONNX model: {in_one_line(error)}"
        ) from error


def missing_package(package: str, requirements: str) -> SettingsError:
    return SettingsError(f"{package} is not installed: pip install -r {requirements}.")


def in_one_line(error: Exception) -> str:
    """What a library says, short enough for a sentence."""
    return " ".join(str(error).split())[:200]
