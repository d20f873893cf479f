#!/usr/bin/python3
"""Packs ONNX's node tests of the supported operators into testdata/nodetests/cases.zip.

Usage: nodetests.py [NODE_DIR]

NODE_DIR has a folder per test with model.onnx and test_data_set_0; the default is
that of Debian's package libonnx-testdata. Needs python3-onnx.

In a node test every operand is a graph input. Operands that say a shape (shapes,
axes, bounds of a slice, ...) have to be known before a run, so they become
initializers; all others stay inputs.
"""

import pathlib
import sys
import zipfile

import onnx

DEFAULT = "/usr/share/libonnx-testdata/data/node"
OUT = pathlib.Path(__file__).resolve().parent.parent / "nodetests"

OPS = set(
    """Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool
    BatchNormalization BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast Ceil
    Celu Clip Compress Concat Constant ConstantOfShape Conv ConvInteger ConvTranspose
    Cos Cosh CumSum DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear
    Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND
    Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual
    GroupNormalization GRU Hardmax HardSigmoid HardSwish Identity InstanceNormalization
    IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax
    LpNormalization LRN LSTM MatMul MatMulInteger Max MaxPool Mean
    MeanVarianceNormalization Min Mish Mod Mul Neg NonZero Not OneHot Or Pad Pow PRelu
    QLinearConv QLinearMatMul QuantizeLinear Range Reciprocal ReduceL1 ReduceL2
    ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare Relu Reshape Resize ReverseSequence RNN Round Scatter
    ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax
    Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu
    Tile TopK Transpose Trilu Unsqueeze Upsample Where Xor""".split()
)

# The operands that are made initializers, by operator.
SHAPES = {
    "ConstantOfShape": [0],
    "Dropout": [1, 2],
    "Expand": [1],
    "Pad": [1, 3],
    "ReduceMean": [1],
    "ReduceProd": [1],
    "ReduceSum": [1],
    "Reshape": [1],
    "Slice": [1, 2, 3, 4],
    "Split": [1],
    "Squeeze": [1],
    "Unsqueeze": [1],
}

# Tests that are left out, by a part of their name, with the reason.
LEFT_OUT = {
    "bfloat16": "bfloat16 has no element type in the vocabulary",
    "BFLOAT16": "bfloat16 has no element type in the vocabulary",
    "STRING": "no strings",
    "_training": "training mode",
    "training_": "training mode",
    "identity_opt": "optional values",
    "identity_sequence": "sequences",
    "scales_linear_align_corners": "refused: the size is not whole",
    "scales_cubic_align_corners": "refused: the size is not whole",
    "convtranspose_3d": "three spatial axes",
}

LARGEST = 64 * 1024  # bytes of a test; larger ones say nothing that smaller ones do not


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else DEFAULT)
    cases, left_out = [], []
    for folder in sorted(source.glob("test_*")):
        name = folder.name.removeprefix("test_")
        model = onnx.load(folder / "model.onnx")
        if not all(n.op_type in OPS and n.domain == "" for n in model.graph.node):
            continue
        opset = next(o for o in model.opset_import if o.domain == "")
        # The operators of the oldest tests are the same at opset 7.
        opset.version = max(opset.version, 7)
        reason = next((why for part, why in LEFT_OUT.items() if part in name), None)
        if opset.version > 21:
            reason = f"opset {opset.version}"
        data = folder / "test_data_set_0"
        size = sum(f.stat().st_size for f in data.iterdir())
        if reason is None and size > LARGEST:
            reason = f"{size} bytes"
        if reason is not None:
            left_out.append((name, reason))
            continue
        cases.append((name, pack(model, data)))
    OUT.mkdir(exist_ok=True)
    with zipfile.ZipFile(OUT / "cases.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, members in cases:
            for member, content in members:
                info = zipfile.ZipInfo(f"{name}/{member}", (2020, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
    for name, reason in left_out:
        print(f"left out: {name}: {reason}")
    print(f"{len(cases)} cases, {(OUT / 'cases.zip').stat().st_size} bytes; {len(left_out)} left out")


def pack(model, data):
    """Lists the files of a case: the model and the tensors of its inputs and outputs."""
    graph = model.graph
    baked = set()
    for node in graph.node:
        baked.update(node.input[i] for i in SHAPES.get(node.op_type, []) if i < len(node.input))
    inputs, members = [], []
    for i, value in enumerate(graph.input):
        content = (data / f"input_{i}.pb").read_bytes()
        if value.name in baked:
            tensor = onnx.TensorProto.FromString(content)
            tensor.name = value.name
            graph.initializer.append(tensor)
            continue
        members.append((f"input_{len(inputs)}.pb", content))
        inputs.append(value)
    del graph.input[:]
    graph.input.extend(inputs)
    for i in range(len(graph.output)):
        members.append((f"output_{i}.pb", (data / f"output_{i}.pb").read_bytes()))
    return [("model.onnx", model.SerializeToString())] + members


if __name__ == "__main__":
    main()
