"""Sentence encoders that are made in a moment: real graphs, tokenizers of a dozen words."""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = ["[PAD]", "[UNK]", "python", "snake", "code", "pottery", "clay", "wheel"]
SIZE = 4
VECTORS = np.random.default_rng(5).normal(size=(len(WORDS), SIZE)).astype(np.float32)
"""float32 [words, size]: what a word's token vector is, wherever it stands."""


def write_encoder(
    folder: Path,
    inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    outputs: tuple[str, ...] = ("last_hidden_state",),
    kind: int = TensorProto.INT64,
    max_tokens: int = 16,
) -> Path:
    """A model whose token vectors are those of its words, or which gives their plain mean."""
    folder.mkdir(exist_ok=True)
    tokenizer = Tokenizer(
        models.WordLevel({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": max_tokens}))
    nodes = [helper.make_node("Gather", ["words", inputs[0]], ["tokens"])]
    for name in outputs:
        if name in ("last_hidden_state", "token_embeddings"):
            nodes.append(helper.make_node("Identity", ["tokens"], [name]))
        else:
            nodes.append(helper.make_node("ReduceMean", ["tokens"], [name], axes=[1], keepdims=0))
    shapes = {
        name: ["texts", "tokens", SIZE] if "hidden" in name or "token" in name else ["texts", SIZE]
        for name in outputs
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, kind, ["texts", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shapes[n]) for n in outputs],
        [numpy_helper.from_array(VECTORS, "words")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    save(model, str(folder / "model.onnx"))
    return folder
