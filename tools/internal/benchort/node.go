package benchort

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/lce-go/lce/schema"
)

//go:embed onnxruntime.js
var script []byte

// node is a process of Node.js that runs models with ONNX Runtime on one thread.
type node struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	folder  string // for files of inputs
	version string // of ONNX Runtime, once a model was loaded
	files   int
}

// startNode starts Node.js in a folder where the package onnxruntime-node is installed.
func startNode(ctx context.Context, folder string) (*node, error) {
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "onnxruntime-node")); err != nil {
		return nil, fmt.Errorf("%s: the package onnxruntime-node is not installed there: run make bench-ort", folder)
	}
	if err := os.WriteFile(filepath.Join(folder, "onnxruntime.js"), script, 0o644); err != nil {
		return nil, err
	}
	n := &node{folder: folder, cmd: exec.CommandContext(ctx, "node", "onnxruntime.js")}
	n.cmd.Dir, n.cmd.Stderr = folder, os.Stderr
	var err error
	if n.in, err = n.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.out = bufio.NewReader(out)
	if err := n.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	return n, nil
}

// stop ends the process.
func (n *node) stop() error {
	n.in.Close()
	return n.cmd.Wait()
}

type request struct {
	Load    string      `json:"load,omitempty"`
	Run     string      `json:"run,omitempty"`
	Close   string      `json:"close,omitempty"`
	Seconds float64     `json:"seconds,omitempty"`
	Inputs  []inputFile `json:"inputs,omitempty"`
}

type inputFile struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
	File  string `json:"file"`
}

// types are the element types that inputs may have, as the script calls them.
var types = map[schema.DType]string{
	schema.Float32: "float32", schema.Float16: "float16", schema.Uint8: "uint8", schema.Int8: "int8",
	schema.Int32: "int32", schema.Int64: "int64", schema.Bool: "bool",
}

type answer struct {
	Version string  `json:"version"`
	BestMs  float64 `json:"best_ms"`
	Error   string  `json:"error"`
}

func (n *node) ask(r request) (a answer, err error) {
	data, err := json.Marshal(r)
	if err != nil {
		return a, err
	}
	if _, err := n.in.Write(append(data, '\n')); err != nil {
		return a, fmt.Errorf("node: %w", err)
	}
	line, err := n.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("node ended: %w", err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return a, fmt.Errorf("node answers %q: %w", line, err)
	}
	if a.Error != "" {
		return a, errors.New("ONNX Runtime: " + a.Error)
	}
	return a, nil
}

// reference is a model in ONNX Runtime.
type reference struct {
	node *node
	path string
	best float64 // milliseconds
}

// load prepares a model and runs it once.
func (n *node) load(path string, inputs []tensor) (*reference, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	r := request{Load: absolute}
	for _, t := range inputs {
		n.files++
		file := "input-" + strconv.Itoa(n.files) + ".bin"
		if err := os.WriteFile(filepath.Join(n.folder, file), t.data, 0o644); err != nil {
			return nil, err
		}
		defer os.Remove(filepath.Join(n.folder, file))
		r.Inputs = append(r.Inputs, inputFile{t.name, types[t.dtype], t.shape, file})
	}
	a, err := n.ask(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	n.version = a.Version
	return &reference{node: n, path: absolute}, nil
}

func (r *reference) run(d time.Duration) error {
	a, err := r.node.ask(request{Run: r.path, Seconds: d.Seconds()})
	if err != nil {
		return fmt.Errorf("%s: %w", r.path, err)
	}
	r.best = least(r.best, a.BestMs)
	return nil
}

func (r *reference) close() error {
	_, err := r.node.ask(request{Close: r.path})
	return err
}

// least is the smaller of two times, of which best is 0 if nothing was measured.
func least(best, t float64) float64 {
	if best == 0 {
		return t
	}
	return min(best, t)
}
