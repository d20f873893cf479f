// Package interpreter runs .lce models.
//
// A Model is what a file holds; it never changes and is shared freely. An
// Interpreter runs it: it has chosen the kernels for this CPU, packed the weights
// and planned the memory when New returns, so that Run only computes. An
// Interpreter belongs to one goroutine at a time.
//
//	model, err := interpreter.Open("mnist.lce")
//	in, err := interpreter.New(model)
//	err = in.Input(0).Set(pixels)
//	err = in.Run()
//	scores := in.Output(0).Float32s()
//
// The package links the standard library, FlatBuffers and CPU detection only.
package interpreter

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/parallel"
)

// ErrMemory is wrapped by the error about a model that needs more memory than
// WithMaxMemory allows.
var ErrMemory = errors.New("more than the memory limit")

// errClosed names what was used after its Close.
type errClosed string

func (e errClosed) Error() string { return string(e) + " is closed" }

// Interpreter runs a Model. It must be used by one goroutine at a time.
type Interpreter struct {
	model    *Model
	config   *config
	pool     *parallel.Pool
	pace     pace
	prepared *prepared
	inputs   []*Tensor
	outputs  []*Tensor
	closed   bool
}

// New makes an Interpreter of a model: it infers all shapes, chooses kernels, packs
// weights and allocates the memory that Run needs. A dimension of an input that the
// file leaves open is 1 unless WithInputShapes says otherwise.
func New(m *Model, opts ...Option) (*Interpreter, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if err := m.acquire(); err != nil {
		return nil, err
	}
	in := &Interpreter{model: m, config: c}
	if c.threads > 1 {
		in.pool = parallel.New(c.threads)
	}
	if err := in.start(); err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

func (in *Interpreter) start() error {
	g := in.model.graph
	shapes := make([][]int, len(g.Inputs))
	for i, port := range g.Inputs {
		shapes[i] = slices.Clone(g.Tensors[port.Tensor].Shape)
		for j, d := range shapes[i] {
			if d == -1 {
				shapes[i][j] = 1
			}
		}
	}
	if err := in.setShapes(shapes, in.config.shapes); err != nil {
		return err
	}
	p, err := in.prepare(&in.model.parts[0], shapes, nil, in.newMeter())
	if err != nil {
		return err
	}
	in.prepared, in.pace = p, pace{}
	for i, port := range g.Inputs {
		in.inputs = append(in.inputs, &Tensor{name: port.Name, in: in, index: i})
	}
	for i, port := range g.Outputs {
		in.outputs = append(in.outputs, &Tensor{name: port.Name, in: in, index: i, output: true})
	}
	return nil
}

// setShapes replaces the shapes of named inputs by those wanted.
func (in *Interpreter) setShapes(shapes [][]int, wanted map[string][]int) error {
	g := in.model.graph
	found := 0
	for i, port := range g.Inputs {
		s, ok := wanted[port.Name]
		if !ok {
			continue
		}
		found++
		declared := g.Tensors[port.Tensor].Shape
		fits := len(s) == len(declared)
		for j := 0; fits && j < len(s); j++ {
			fits = s[j] == declared[j] || declared[j] == -1 && s[j] >= 0
		}
		if !fits {
			return fmt.Errorf("input %q: got shape %v, want %v, where -1 is any", port.Name, s, declared)
		}
		shapes[i] = slices.Clone(s)
	}
	if found == len(wanted) {
		return nil
	}
	for name := range wanted {
		if in.indexOf(name) < 0 {
			return in.noInput(name)
		}
	}
	return nil
}

// Resize sets the shapes of the inputs that the map names, and prepares the model
// again; the other inputs keep theirs. Only dimensions that the file leaves open,
// -1 in Model.Inputs, can change. The values of all inputs are 0 afterwards, and
// slices taken from Tensors are no longer connected to the Interpreter. Packed weights
// are kept. If Resize fails, nothing has changed.
func (in *Interpreter) Resize(shapes map[string][]int) error {
	if in.closed {
		return errClosed("interpreter")
	}
	next := make([][]int, len(in.prepared.inputs))
	for i, t := range in.prepared.inputs {
		next[i] = t.Shape
	}
	if err := in.setShapes(next, shapes); err != nil {
		return err
	}
	p, err := in.prepare(&in.model.parts[0], next, nil, in.newMeter())
	if err != nil {
		return err
	}
	in.prepared, in.pace = p, pace{}
	return nil
}

// Run computes the outputs from the inputs. It allocates nothing. The inputs stay
// as they are; the outputs are valid until the next Run. After an error, which
// names the operator, the outputs have no meaning.
func (in *Interpreter) Run() error {
	if in.closed {
		return errClosed("interpreter")
	}
	// Constants may be in a file that is unmapped when the model becomes garbage.
	defer runtime.KeepAlive(in)
	p := in.prepared
	p.meter.start(p.fixed)
	if err := in.runSteps(); err != nil {
		return err
	}
	err := p.runLate(in, in.config.profile)
	p.memory.Late = int(p.meter.most)
	if err != nil {
		return err
	}
	p.copy()
	return nil
}

// copy fills the outputs that live elsewhere.
func (p *prepared) copy() {
	for _, c := range p.copies {
		copy(c.to.Data, c.from.Data)
	}
}

// runSteps runs all steps, with the workers or without.
func (in *Interpreter) runSteps() error {
	p := in.prepared
	if in.config.profile != nil {
		return p.profile(in.config.profile)
	}
	if in.pool == nil {
		return p.run()
	}
	in.pool.Rest(in.pace.next() == alone)
	start := time.Now()
	err := p.run()
	in.pace.ran(time.Since(start))
	return err
}

func (p *prepared) run() error {
	for _, n := range p.steps {
		if err := ops.RunNode(n); err != nil {
			return err
		}
	}
	return nil
}

// profile runs all steps and reports their times.
func (p *prepared) profile(hook func(Timing)) error {
	for i, n := range p.steps {
		start := time.Now()
		if err := ops.RunNode(n); err != nil {
			return err
		}
		t := p.timings[i]
		t.Duration = time.Since(start)
		hook(t)
	}
	return nil
}

// Close stops the threads of the Interpreter and lets go of the model. The Tensors
// stay readable. It may be called again; an Interpreter that is not closed frees
// its threads when it becomes garbage.
func (in *Interpreter) Close() error {
	if !in.closed {
		in.closed = true
		in.pool.Close()
		in.model.done()
	}
	return nil
}

// Inputs lists the inputs in the order of the graph.
func (in *Interpreter) Inputs() []*Tensor { return slices.Clone(in.inputs) }

// Outputs lists the outputs in the order of the graph.
func (in *Interpreter) Outputs() []*Tensor { return slices.Clone(in.outputs) }

// Input is input i, in the order of the graph. It panics if there is none, as
// indexing a slice does.
func (in *Interpreter) Input(i int) *Tensor { return in.inputs[i] }

// Output is output i, in the order of the graph. It panics if there is none.
func (in *Interpreter) Output(i int) *Tensor { return in.outputs[i] }

// InputByName finds an input by its public name; nil if there is none.
func (in *Interpreter) InputByName(name string) *Tensor { return byName(in.inputs, name) }

// OutputByName finds an output by its public name; nil if there is none.
func (in *Interpreter) OutputByName(name string) *Tensor { return byName(in.outputs, name) }

func byName(list []*Tensor, name string) *Tensor {
	for _, t := range list {
		if t.name == name {
			return t
		}
	}
	return nil
}

// SetInput copies values into the input of that name, as Tensor.Set does.
func (in *Interpreter) SetInput(name string, values any) error {
	t := in.InputByName(name)
	if t == nil {
		return in.noInput(name)
	}
	return t.Set(values)
}

func (in *Interpreter) indexOf(name string) int {
	for i, port := range in.model.graph.Inputs {
		if port.Name == name {
			return i
		}
	}
	return -1
}

func (in *Interpreter) noInput(name string) error {
	var names []string
	for _, port := range in.model.graph.Inputs {
		names = append(names, port.Name)
	}
	return fmt.Errorf("no input %q; the inputs are %q", name, names)
}
