// Runs models with ONNX Runtime on one thread, as lines of JSON on standard input ask:
//   {"load": MODEL, "inputs": [{"name", "type", "shape", "file"}]}
//   {"run": MODEL, "seconds"}
//   {"close": MODEL}
// and answers each with a line: {"version"}, {"best_ms"}, {} or {"error"}.
"use strict";

const fs = require("fs");
const readline = require("readline");
const ort = require("onnxruntime-node");

const arrays = {
  float32: Float32Array, float16: Uint16Array, uint8: Uint8Array, int8: Int8Array,
  int32: Int32Array, int64: BigInt64Array, bool: Uint8Array,
};
const loaded = new Map();

async function load(request) {
  const session = await ort.InferenceSession.create(request.load, {
    executionMode: "sequential", graphOptimizationLevel: "all",
    intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3,
  });
  const feeds = {};
  for (const input of request.inputs) {
    const bytes = fs.readFileSync(input.file);
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    feeds[input.name] = new ort.Tensor(input.type, new arrays[input.type](copy), input.shape);
  }
  // Later runs write into the tensors of the first, so that none is made for each run.
  loaded.set(request.load, { session, feeds, results: await session.run(feeds) });
  return { version: ort.env.versions.node };
}

async function run(request) {
  const { session, feeds, results } = loaded.get(request.run);
  let best = Infinity;
  const end = performance.now() + 1000 * request.seconds;
  do {
    const start = performance.now();
    await session.run(feeds, results);
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return { best_ms: best };
}

async function close(request) {
  await loaded.get(request.close).session.release();
  loaded.delete(request.close);
  return {};
}

async function answer(line) {
  const request = JSON.parse(line);
  try {
    if ("load" in request) return await load(request);
    if ("run" in request) return await run(request);
    return await close(request);
  } catch (error) {
    return { error: String(error.message || error) };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + "\n");
  }
})();
