"""How networks in the format ONNX run on this machine's processors."""

from typing import Any


def session_options(threads: int) -> Any:
    """onnxruntime's, for `threads` threads. Raises ImportError if it is missing."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait in circles take processors from everybody else.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Texts and sequences come in all lengths, and each plan of memory would be kept.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options
