"""A BERT of saved weights as an ONNX graph: from token ids to token vectors.

Written out operation by operation, so that nobody needs PyTorch to export it:

    ids -> words + places + type 0 -> norm -> [ attention, + norm, feed forward, + norm ] * layers

(Devlin, Chang, Lee & Toutanova 2019.) Pooling is left to whoever runs it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, IR_VERSION = 17, 9
"""The first opset with LayerNormalization."""
MASKED = -1e9
"""Added to what attention would pay to padding."""
OUTPUT = "token_vectors"

Weights = Callable[[str], NDArray[Any]]


@dataclass(frozen=True)
class BertShape:
    layers: int
    heads: int
    hidden: int
    epsilon: float

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "BertShape":
        """From a config.json of Hugging Face."""
        return cls(
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["hidden_size"],
            config["layer_norm_eps"],
        )


def bert_graph(weights: Weights, shape: BertShape) -> bytes:
    """A serialised ONNX model: int64 `input_ids` and `attention_mask` [texts, tokens] to float32
    `token_vectors` [texts, tokens, hidden].

    weights: by the names of Hugging Face's BertModel, one at a time, since all of them twice are
    a lot of memory.
    """
    from onnx import TensorProto, helper

    graph = _Graph(weights, shape)
    graph.add_all()
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info(
        OUTPUT, TensorProto.FLOAT, ["texts", "tokens", shape.hidden]
    )
    model = helper.make_model(
        helper.make_graph(graph.nodes, "bert", inputs, [output], list(graph.constants.values())),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    serialised: bytes = model.SerializeToString()
    return serialised


class _Graph:
    """Nodes and constants so far. Methods add nodes and return the name of what these give."""

    def __init__(self, weights: Weights, shape: BertShape) -> None:
        self._weights, self._shape = weights, shape
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def add_all(self) -> None:
        bias = self._attention_bias()
        x = self._embedded()
        for layer in range(self._shape.layers):
            x = self._layer(x, f"encoder.layer.{layer}.", bias)
        self.nodes[-1].output[0] = OUTPUT

    def _embedded(self) -> str:
        words = self._op("Gather", self._weight("embeddings.word_embeddings.weight"), "input_ids")
        tokens = self._op("Slice", self._op("Shape", "input_ids"), self._ints(1), self._ints(2))
        places = self._op(
            "Slice",
            self._weight("embeddings.position_embeddings.weight"),
            self._ints(0),
            tokens,
            self._ints(0),
        )
        # All is of one sentence, which is type 0.
        types = self._weights("embeddings.token_type_embeddings.weight")[0]
        placed = self._op("Add", self._op("Add", words, places), self._constant("type_0", types))
        return self._norm(placed, "embeddings.LayerNorm")

    def _attention_bias(self) -> str:
        """float32 [texts, 1, 1, tokens]: 0, and `MASKED` for padding."""
        from onnx import TensorProto

        mask = self._op("Cast", "attention_mask", to=TensorProto.FLOAT)
        padding = self._op("Sub", self._number(1), mask)
        bias = self._op("Mul", padding, self._number(MASKED))
        return self._op("Unsqueeze", bias, self._ints(1, 2))

    def _layer(self, x: str, name: str, bias: str) -> str:
        attended = self._linear(self._attention(x, name, bias), f"{name}attention.output.dense")
        x = self._norm(self._op("Add", x, attended), f"{name}attention.output.LayerNorm")
        inner = self._gelu(self._linear(x, f"{name}intermediate.dense"))
        outer = self._linear(inner, f"{name}output.dense")
        return self._norm(self._op("Add", x, outer), f"{name}output.LayerNorm")

    def _attention(self, x: str, name: str, bias: str) -> str:
        size = self._shape.hidden // self._shape.heads
        queries, keys, values = (
            self._heads(self._linear(x, f"{name}attention.self.{part}"), order)
            for part, order in (
                ("query", [0, 2, 1, 3]),
                ("key", [0, 2, 3, 1]),
                ("value", [0, 2, 1, 3]),
            )
        )
        scaled = self._op(
            "Mul", self._op("MatMul", queries, keys), self._number(1 / float(np.sqrt(size)))
        )
        paid = self._op("Softmax", self._op("Add", scaled, bias), axis=-1)
        of_heads = self._op("Transpose", self._op("MatMul", paid, values), perm=[0, 2, 1, 3])
        return self._op("Reshape", of_heads, self._ints(0, 0, self._shape.hidden))

    def _heads(self, x: str, order: list[int]) -> str:
        heads = self._shape.heads
        split = self._op("Reshape", x, self._ints(0, 0, heads, self._shape.hidden // heads))
        return self._op("Transpose", split, perm=order)

    def _gelu(self, x: str) -> str:
        erf = self._op("Erf", self._op("Mul", x, self._number(1 / float(np.sqrt(2)))))
        half = self._op("Mul", x, self._number(0.5))
        return self._op("Mul", half, self._op("Add", erf, self._number(1)))

    def _norm(self, x: str, name: str) -> str:
        scale, shift = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        epsilon = self._shape.epsilon
        return self._op("LayerNormalization", x, scale, shift, axis=-1, epsilon=epsilon)

    def _linear(self, x: str, name: str) -> str:
        matrix = self._constant(f"{name}.weight", self._weights(f"{name}.weight").T)
        return self._op("Add", self._op("MatMul", x, matrix), self._weight(f"{name}.bias"))

    def _op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights(name))

    def _number(self, value: float) -> str:
        return self._constant(f"number {value!r}", np.float32(value))

    def _ints(self, *values: int) -> str:
        return self._constant(f"ints {values}", np.array(values, np.int64))

    def _constant(self, name: str, value: Any) -> str:
        from onnx import numpy_helper

        if name not in self.constants:
            array = np.asarray(value)
            wanted = np.int64 if array.dtype == np.int64 else np.float32
            stored = np.ascontiguousarray(array, wanted) if array.ndim else array.astype(wanted)
            self.constants[name] = numpy_helper.from_array(stored, name)
        return name
