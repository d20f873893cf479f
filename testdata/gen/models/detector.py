"""A small detector in the manner of YOLO (Redmon, Farhadi 2018; Bochkovskiy et al. 2020): a backbone with
cross-stage connections, a neck over three scales, boxes and scores decoded in the graph, and
NonMaxSuppression behind it, by whose result the selected boxes and scores are gathered."""

import numpy as np
import onnx
import torch
import zoolib
from modellib import Model, torch_export
from onnx import TensorProto, helper, numpy_helper
from torch import nn

CLASSES, WIDTH, STRIDES = 20, 16, (8, 16, 32)


def layer(c_in, c_out, kernel=3, stride=1):
    conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.SiLU())


class CrossStage(nn.Module):
    """Half of the channels go through residual blocks, the other half past them."""

    def __init__(self, c_in, c_out, blocks, residual=True):
        super().__init__()
        half = c_out // 2
        self.through, self.past = layer(c_in, half, 1), layer(c_in, half, 1)
        self.blocks = nn.ModuleList(nn.Sequential(layer(half, half, 1), layer(half, half)) for _ in range(blocks))
        self.join = layer(2 * half, c_out, 1)
        self.residual = residual

    def forward(self, x):
        y = self.through(x)
        for block in self.blocks:
            y = y + block(y) if self.residual else block(y)
        return self.join(torch.cat([y, self.past(x)], 1))


class Pyramid(nn.Module):
    """Pools of growing windows, joined."""

    def __init__(self, c):
        super().__init__()
        self.narrow, self.join = layer(c, c // 2, 1), layer(2 * c, c, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x):
        parts = [self.narrow(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.join(torch.cat(parts, 1))


class Detector(nn.Module):
    """Gives boxes [batch,n,4] as x, y, width and height, and scores [batch,classes,n]."""

    def __init__(self):
        super().__init__()
        c = [WIDTH * m for m in (1, 2, 4, 8, 16)]
        self.stem = nn.Sequential(layer(3, c[0], 3, 2), layer(c[0], c[1], 3, 2), CrossStage(c[1], c[1], 1))
        self.stages = nn.ModuleList(
            nn.Sequential(layer(c[i], c[i + 1], 3, 2), CrossStage(c[i + 1], c[i + 1], 2 if i < 3 else 1)) for i in (1, 2, 3)
        )
        self.pyramid = Pyramid(c[4])
        self.lateral = nn.ModuleList([layer(c[4], c[3], 1), layer(c[3], c[2], 1)])
        self.up = nn.ModuleList([CrossStage(2 * c[3], c[3], 1, False), CrossStage(2 * c[2], c[2], 1, False)])
        self.down = nn.ModuleList([layer(c[2], c[2], 3, 2), layer(c[3], c[3], 3, 2)])
        self.out = nn.ModuleList([CrossStage(2 * c[2], c[3], 1, False), CrossStage(2 * c[3], c[4], 1, False)])
        self.heads = nn.ModuleList(nn.Conv2d(n, 5 + CLASSES, 1) for n in c[2:])
        self.grow = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, x):
        maps = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        high = self.lateral[0](self.pyramid(maps[2]))
        middle = self.lateral[1](self.up[0](torch.cat([self.grow(high), maps[1]], 1)))
        low = self.up[1](torch.cat([self.grow(middle), maps[0]], 1))
        middle = self.out[0](torch.cat([self.down[0](low), middle], 1))
        high = self.out[1](torch.cat([self.down[1](middle), high], 1))
        boxes, scores = [], []
        for head, stride, y in zip(self.heads, STRIDES, (low, middle, high)):
            y = head(y)
            h, w = y.shape[2], y.shape[3]
            columns, rows = torch.arange(w).view(1, w).expand(h, w), torch.arange(h).view(h, 1).expand(h, w)
            grid = torch.stack([columns, rows]).float()
            p = torch.sigmoid(y)
            center = (2 * p[:, :2] - 0.5 + grid) * stride
            size = (2 * p[:, 2:4]) ** 2 * (2.0 * stride)
            boxes.append(torch.cat([center, size], 1).flatten(2))
            scores.append((p[:, 4:5] * p[:, 5:]).flatten(2))
        return torch.cat(boxes, 2).transpose(1, 2), torch.cat(scores, 2)


def add_suppression(path, opset, most, overlap, score):
    """Puts NonMaxSuppression and the gathering of what it selects behind the outputs."""
    model = onnx.load(path)
    graph = model.graph
    consts = {"most": np.array([most]), "overlap": np.float32([overlap]), "score": np.float32([score]), "box_columns": np.array([0, 2]), "column": np.array(1)}
    graph.initializer.extend(numpy_helper.from_array(x, name) for name, x in consts.items())
    graph.node.extend([
        helper.make_node("NonMaxSuppression", ["boxes", "scores", "most", "overlap", "score"], ["selected"], "suppress", center_point_box=1),
        helper.make_node("Gather", ["selected", "box_columns"], ["places"], "places", axis=1),
        helper.make_node("GatherND", ["boxes", "places"], ["found_boxes"], "gather_boxes"),
        helper.make_node("GatherND", ["scores", "selected"], ["found_scores"], "gather_scores"),
        helper.make_node("Gather", ["selected", "column"], ["found_classes"], "gather_classes", axis=1),
    ])
    types = [("found_boxes", TensorProto.FLOAT, ["found", 4]), ("found_scores", TensorProto.FLOAT, ["found"]), ("found_classes", TensorProto.INT64, ["found"])]
    del graph.output[:]
    graph.output.extend(helper.make_tensor_value_info(*t) for t in types)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write(opset, dynamic):
    def build(path):
        torch.manual_seed(1)
        net = Detector()
        zoolib.randomize_norms(net)
        zoolib.set_statistics(net, zoolib.images(4, 256, 1))
        net.eval()
        x = zoolib.images(3, 256, 2)
        axes = {"images": {0: "batch", 2: "height", 3: "width"}} if dynamic else None
        torch_export(net, [x[:1]], path, opset, names=("images",), outputs=("boxes", "scores"), dynamic=axes)
        add_suppression(path, opset, most=20, overlap=0.45, score=0.55)
        cases = [[x[:1].numpy()]]
        if dynamic:
            cases += [[x[1:].numpy()], [x[:2, :, :192, :].contiguous().numpy()]]
        return cases

    return build


MODELS = {
    "detector_nms_op12": Model(write(12, False), agreement=1e-4),
    "detector_nms_op17": Model(write(17, True), agreement=1e-4),
}
