package schema

import (
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/lce-go/lce/schema/internal/fb"
)

// Bounds of what a model may hold. They keep sums and products of sizes within 32
// bits wherever they are computed.
const (
	maxRank     = 16
	maxElements = 1<<28 - 1 // of a tensor, MaxInt32/8
	maxExtent   = 1 << 24   // of strides, dilations, kernels, pads and groups
	maxName     = 1<<16 - 1 // bytes
)

// Check reports the first thing in m that Write would refuse, so that a model that
// was never written can be trusted like one from Open.
func Check(m *Model) error {
	if err := CheckMachine(); err != nil {
		return err
	}
	if err := checkOptionsGiven(m); err != nil {
		return err
	}
	return check(m)
}

// check reports the first thing that makes no sense in m. What it accepts, Write
// writes and Open opens.
func check(m *Model) error {
	if m.FormatVersion > FormatVersion {
		return errNewer(m.FormatVersion)
	}
	if err := checkMetadata(&m.Metadata); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	if len(m.Subgraphs) == 0 {
		return errors.New("no subgraph, want at least one")
	}
	c := checker{rows: map[packedRows]bool{}}
	for i, s := range m.Subgraphs {
		if s == nil {
			return fmt.Errorf("subgraph %d is nil", i)
		}
		if err := c.subgraph(s); err != nil {
			return fmt.Errorf("subgraph %d: %w", i, err)
		}
	}
	return checkGraphs(m)
}

func checkName(what, name string) error {
	if len(name) > maxName {
		return fmt.Errorf("%s: %d bytes, want at most %d", what, len(name), maxName)
	}
	if !utf8.ValidString(name) {
		return fmt.Errorf("%s: %q is not UTF-8", what, clip(name))
	}
	return nil
}

func checkMetadata(m *Metadata) error {
	if err := checkName("producer", m.Producer); err != nil {
		return err
	}
	if b, err := hex.DecodeString(m.SourceSHA256); m.SourceSHA256 != "" && (err != nil || len(b) != 32) {
		return fmt.Errorf("source_sha256: %.80q, want 64 hexadecimal digits", m.SourceSHA256)
	}
	for i, o := range m.Opsets {
		if err := checkName("domain", o.Domain); err != nil {
			return fmt.Errorf("opset %d: %w", i, err)
		}
		if o.Version < 0 {
			return fmt.Errorf("opset %d (%q): version %d, want at least 0", i, o.Domain, o.Version)
		}
	}
	for i, p := range m.Properties {
		if err := checkName("key", p.Key); err != nil {
			return fmt.Errorf("property %d: %w", i, err)
		}
		if err := checkName("value", p.Value); err != nil {
			return fmt.Errorf("property %d (%q): %w", i, p.Key, err)
		}
	}
	return nil
}

// checker remembers which constants it has looked into: a file may use the same
// bytes for any number of tensors, which must not cost that many passes over them.
type checker struct {
	rows map[packedRows]bool
}

// packedRows is data that was looked at as rows of cols bits, or as Bools if cols is -1.
type packedRows struct {
	data *byte
	size int
	cols int
}

func (c *checker) subgraph(s *Subgraph) error {
	if err := checkName("name", s.Name); err != nil {
		return err
	}
	for i := range s.Tensors {
		t := &s.Tensors[i]
		if err := c.tensor(t); err != nil {
			return fmt.Errorf("tensor %d (%q): %w", i, clip(t.Name), err)
		}
	}
	if len(s.Outputs) == 0 {
		return errors.New("no outputs, want at least one")
	}

	// known[i] is set once tensor i has a value, in the order of the operators.
	known := make([]bool, len(s.Tensors))
	for i := range s.Tensors {
		known[i] = s.Tensors[i].Data != nil
	}
	if err := checkPorts("input", s.Inputs, s.Tensors); err != nil {
		return err
	}
	for i, p := range s.Inputs {
		switch {
		case s.Tensors[p.Tensor].Data != nil:
			return fmt.Errorf("input %d (%q): tensor %d is a constant", i, clip(p.Name), p.Tensor)
		case known[p.Tensor]:
			return fmt.Errorf("input %d (%q): tensor %d is another input already", i, clip(p.Name), p.Tensor)
		}
		known[p.Tensor] = true
	}
	for i := range s.Operators {
		op := &s.Operators[i]
		if err := checkOperator(op, known); err != nil {
			return fmt.Errorf("operator %d (%v %q): %w", i, op.Code, clip(op.Name), err)
		}
	}
	if err := checkPorts("output", s.Outputs, s.Tensors); err != nil {
		return err
	}
	for i, p := range s.Outputs {
		if !known[p.Tensor] {
			return fmt.Errorf("output %d (%q): tensor %d is never computed", i, clip(p.Name), p.Tensor)
		}
	}
	return nil
}

// clip shortens a name for a message.
func clip(name string) string {
	const most = 200
	if len(name) > most {
		return name[:most] + "..."
	}
	return name
}

func checkPorts(what string, ports []Port, tensors []Tensor) error {
	names := make(map[string]int, len(ports))
	for i, p := range ports {
		if err := checkName("name", p.Name); err != nil {
			return fmt.Errorf("%s %d: %w", what, i, err)
		}
		if p.Name == "" {
			return fmt.Errorf("%s %d has no name", what, i)
		}
		if j, ok := names[p.Name]; ok {
			return fmt.Errorf("%s %d (%q): %s %d has the same name", what, i, clip(p.Name), what, j)
		}
		names[p.Name] = i
		if p.Tensor < 0 || p.Tensor >= len(tensors) {
			return fmt.Errorf("%s %d (%q): tensor %d out of range [0, %d)", what, i, clip(p.Name), p.Tensor, len(tensors))
		}
	}
	return nil
}

// checkOperator checks an operator and marks its outputs in known.
func checkOperator(op *Operator, known []bool) error {
	if int(op.Code) >= len(operators) {
		return fmt.Errorf("code %d, want 0..%d", uint16(op.Code), len(operators)-1)
	}
	row := &operators[op.Code]
	if op.Version < 1 || op.Version > row.version {
		return fmt.Errorf("version %d, want 1..%d", op.Version, row.version)
	}
	if err := checkName("name", op.Name); err != nil {
		return err
	}
	for i, t := range op.Inputs {
		switch {
		case t == Absent:
		case t < 0 || t >= len(known):
			return fmt.Errorf("inputs[%d]: tensor %d out of range [0, %d)", i, t, len(known))
		case !known[t]:
			return fmt.Errorf("inputs[%d]: tensor %d is read before it is computed", i, t)
		}
	}
	present := false
	for i, t := range op.Outputs {
		switch {
		case t == Absent:
			continue
		case t < 0 || t >= len(known):
			return fmt.Errorf("outputs[%d]: tensor %d out of range [0, %d)", i, t, len(known))
		case known[t]:
			return fmt.Errorf("outputs[%d]: tensor %d has a value already", i, t)
		}
		known[t] = true
		present = true
	}
	if !present {
		return errors.New("no outputs, want at least one")
	}
	if kind := optionsType(op.Options); kind != row.options {
		return fmt.Errorf("options: %v, want %v", kind, row.options)
	}
	if op.Options == nil {
		return nil
	}
	if err := checkOptions(op.Options); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	if pool, ok := op.Options.(*Pool2DOptions); ok && op.Code == BMaxPool2D && pool.Kind != MaxPool {
		return fmt.Errorf("options: kind: %v, want %v", pool.Kind, MaxPool)
	}
	return nil
}

// operator says what an operator needs.
type operator struct {
	version int        // the newest that is known here
	options fb.Options // the type of its options
}

var operators = [...]operator{
	Custom:            {1, fb.OptionsCustomOptions},
	Bsign:             {1, fb.OptionsBsignOptions},
	Bunpack:           {1, fb.OptionsNONE},
	BConv2D:           {1, fb.OptionsBConv2DOptions},
	BGEMM:             {1, fb.OptionsBGEMMOptions},
	BMaxPool2D:        {1, fb.OptionsPool2DOptions},
	Conv2D:            {1, fb.OptionsConv2DOptions},
	MatMul:            {1, fb.OptionsMatMulOptions},
	Pool2D:            {1, fb.OptionsPool2DOptions},
	Reduce:            {1, fb.OptionsReduceOptions},
	Unary:             {1, fb.OptionsUnaryOptions},
	Binary:            {1, fb.OptionsBinaryOptions},
	Select:            {1, fb.OptionsNONE},
	Softmax:           {1, fb.OptionsSoftmaxOptions},
	Reshape:           {1, fb.OptionsReshapeOptions},
	Flatten:           {1, fb.OptionsAxisOptions},
	Squeeze:           {1, fb.OptionsNONE},
	Unsqueeze:         {1, fb.OptionsNONE},
	Transpose:         {1, fb.OptionsTransposeOptions},
	Concat:            {1, fb.OptionsAxisOptions},
	Split:             {1, fb.OptionsAxisOptions},
	Slice:             {1, fb.OptionsNONE},
	Gather:            {1, fb.OptionsAxisOptions},
	Expand:            {1, fb.OptionsNONE},
	Pad:               {1, fb.OptionsPadOptions},
	Fill:              {1, fb.OptionsNONE},
	Shape:             {1, fb.OptionsShapeOptions},
	Cast:              {1, fb.OptionsCastOptions},
	Tile:              {1, fb.OptionsNONE},
	NonZero:           {1, fb.OptionsNONE},
	OneHot:            {1, fb.OptionsAxisOptions},
	GatherElements:    {1, fb.OptionsAxisOptions},
	GatherND:          {1, fb.OptionsAxisOptions},
	Range:             {1, fb.OptionsNONE},
	ScatterElements:   {1, fb.OptionsScatterOptions},
	ScatterND:         {1, fb.OptionsScatterOptions},
	ArgReduce:         {1, fb.OptionsArgOptions},
	TopK:              {1, fb.OptionsTopKOptions},
	CumSum:            {1, fb.OptionsCumSumOptions},
	Trilu:             {1, fb.OptionsTriluOptions},
	ReverseSequence:   {1, fb.OptionsReverseSequenceOptions},
	PoolND:            {1, fb.OptionsPoolNDOptions},
	Resize:            {1, fb.OptionsResizeOptions},
	Recurrent:         {1, fb.OptionsRecurrentOptions},
	LayerNorm:         {1, fb.OptionsLayerNormOptions},
	Quantize:          {1, fb.OptionsQuantizeOptions},
	Dequantize:        {1, fb.OptionsQuantizeOptions},
	QConv2D:           {1, fb.OptionsQConv2DOptions},
	QMatMul:           {1, fb.OptionsQMatMulOptions},
	QBinary:           {1, fb.OptionsQBinaryOptions},
	Lookup:            {1, fb.OptionsNONE},
	If:                {1, fb.OptionsIfOptions},
	Loop:              {1, fb.OptionsLoopOptions},
	NonMaxSuppression: {1, fb.OptionsNonMaxSuppressionOptions},
}
