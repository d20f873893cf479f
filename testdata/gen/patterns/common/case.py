"""A case, and the files that it becomes."""

import dataclasses
import io
import json
import zipfile

import numpy as np
import onnx
import onnxruntime

FLOATS = 2e-5  # the tolerance, as a part of an output's range, where float sums have an order


def ops(bconv=0, bgemm=0, conv=0, matmul=0, **more):
    """How many operators must come out. Others, and those of more, by name."""
    return {"BConv2D": bconv, "BGEMM": bgemm, "Conv2D": conv, "MatMul": matmul, **more}


@dataclasses.dataclass
class Case:
    """A model, what goes in, and what must come out.

    name: unique in its topic.
    feeds: one array, or a list of runs, each a dict of arrays by input. The shapes may
        differ from run to run where the model's dimensions vary.
    ops: from ops(); operators that it does not name may occur any number of times.
    tolerance: 0 if all arithmetic is exact, or FLOATS.
    reasons: for layers that rightly stay float, a part of what the report must say, by
        the name of the layer or other operator in the report.
    options: of the conversion; see the test for their names.
    stored: how many constants are stored in fewer bits, by type.
    oracle: a model that ONNX Runtime runs in the place of this one, with the same inputs.
    expected: the outputs of each run, a list of lists, where ONNX Runtime lacks an
        operator. It may be a function of the inputs of a run.
    """

    name: str
    model: onnx.ModelProto
    feeds: object
    ops: dict
    tolerance: float = 0.0
    reasons: dict = dataclasses.field(default_factory=dict)
    options: dict = dataclasses.field(default_factory=dict)
    stored: dict = dataclasses.field(default_factory=dict)
    oracle: onnx.ModelProto = None
    expected: object = None

    def runs(self):
        """The inputs and outputs of each run."""
        feeds = self.feeds
        if isinstance(feeds, np.ndarray):
            feeds = [{self.model.graph.input[0].name: feeds}]
        if callable(self.expected):
            return [(feed, self.expected(**feed)) for feed in feeds]
        if self.expected is not None:
            return list(zip(feeds, self.expected, strict=True))
        onnx.checker.check_model(self.oracle or self.model)
        session = self.session()
        return [(feed, session.run(None, feed)) for feed in feeds]

    def session(self):
        """ONNX Runtime, without rewrites of its own."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        return onnxruntime.InferenceSession((self.oracle or self.model).SerializeToString(), options)


def npy(array):
    data = io.BytesIO()
    np.save(data, np.asarray(array))
    return data.getvalue()


def write(path, cases):
    """Writes the zip of a topic and gives the number of its cases.

    For each case it holds <case>.onnx and, for run r, <case>.<r>.<input>.npy and
    <case>.<r>.out<i>.npy; index.json says the rest.
    """
    index = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:

        def add(name, data):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, data)

        for case in cases:
            if case.name in index:
                raise ValueError(f"{path.name}: two cases are called {case.name}")
            add(f"{case.name}.onnx", case.model.SerializeToString(deterministic=True))
            runs = case.runs()
            for r, (feed, outputs) in enumerate(runs):
                for name, array in feed.items():
                    add(f"{case.name}.{r}.{name}.npy", npy(array))
                for i, array in enumerate(outputs):
                    add(f"{case.name}.{r}.out{i}.npy", npy(array))
            entry = {"inputs": list(runs[0][0]), "runs": len(runs), "outputs": len(runs[0][1]), "ops": case.ops}
            for key in ("tolerance", "reasons", "options", "stored"):
                if getattr(case, key):
                    entry[key] = getattr(case, key)
            index[case.name] = entry
        add("index.json", json.dumps(index, indent=1))
    return len(index)
