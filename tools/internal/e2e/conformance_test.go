package e2e

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/converter/onnx/onnxtest"
	"github.com/lce-go/lce/schema"
)

// The environment variables of TestConformance: the folder of ONNX's node tests, and
// whether to write the list of refused tests instead of comparing with it.
const (
	conformanceVariable = "LCE_CONFORMANCE"
	conformanceUpdate   = "LCE_CONFORMANCE_UPDATE"
)

// refusedList has a line for each node test that is refused: its name, a tab, and the
// error.
const refusedList = testdata + "/conformance/refused.txt"

// tiers groups the operators by who needs them; one that is not listed is in tier 4.
var tiers = [][]string{
	strings.Fields(`Abs Acos Acosh Add And Asin Asinh Atan Atanh AveragePool BatchNormalization Cast Ceil Clip
		Concat Constant ConstantOfShape Conv Cos Cosh DepthToSpace Div Dropout Elu Equal Erf Expand Flatten
		Floor Gather Gemm GlobalAveragePool Greater HardSigmoid Identity LeakyRelu Less Log MatMul Max MaxPool Mean
		Min Mul Neg NonZero Not OneHot Or PRelu Pad Pow Reciprocal ReduceMean ReduceSum Relu Reshape
		ScatterElements Selu Shape Sigmoid Sign Sin Sinh Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt
		Squeeze Sub Sum Tan Tanh Tile Transpose Unsqueeze Upsample Where Xor`),
	strings.Fields(`ArgMax ArgMin Celu ConvInteger ConvTranspose DequantizeLinear DynamicQuantizeLinear Exp
		GlobalLpPool GlobalMaxPool GreaterOrEqual HardSwish Hardmax InstanceNormalization LRN LessOrEqual
		LogSoftmax LpNormalization LpPool MatMulInteger MeanVarianceNormalization Mish Mod QLinearConv
		QLinearMatMul QuantizeLinear ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMin ReduceProd
		ReduceSumSquare Resize Round Shrink ThresholdedRelu`),
	strings.Fields(`BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor CastLike Compress CumSum Einsum EyeLike GRU
		GatherElements GatherND Gelu GroupNormalization IsInf IsNaN LSTM LayerNormalization RNN Range
		ReverseSequence Scatter ScatterND Size TopK Trilu`),
}

// outsideTiers are parts of the names of tests that are in tier 4 whatever their operator.
var outsideTiers = []string{"BFLOAT16", "bfloat16", "STRING", "strings_", "identity_opt", "identity_sequence", "training"}

// TestConformance runs ONNX's node tests as they are: import, conversion, interpreter,
// with every operand as an input. A test passes, or it is in the list of those refused
// with the error that it is refused with; a wrong result or a panic is a failure. make
// conformance runs it; otherwise it is skipped.
func TestConformance(t *testing.T) {
	folder := os.Getenv(conformanceVariable)
	if folder == "" {
		t.Skipf("%s is not set to the folder of ONNX's node tests: run make conformance", conformanceVariable)
	}
	tests, err := filepath.Glob(filepath.Join(folder, "test_*", "model.onnx"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("%d tests in %s, error %v", len(tests), folder, err)
	}
	want := readRefused(t)
	got := map[string]string{}
	operators, byTier := map[string]*tally{}, [5]tally{}
	for _, file := range tests {
		test := newNodeTest(t, file)
		outcome, detail := test.run()
		if operators[test.op] == nil {
			operators[test.op] = &tally{}
		}
		operators[test.op].count(outcome)
		byTier[test.tier].count(outcome)
		switch {
		case outcome == failed:
			t.Errorf("%s: %s", test.name, detail)
		case outcome == refused:
			got[test.name] = detail
		}
	}
	for _, op := range slices.Sorted(maps.Keys(operators)) {
		t.Logf("%-28s %v", op, operators[op])
	}
	for tier := 1; tier < len(byTier); tier++ {
		t.Logf("%-28s %v", fmt.Sprint("tier ", tier), &byTier[tier])
	}
	if os.Getenv(conformanceUpdate) != "" {
		writeRefused(t, got)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if want[name] != got[name] {
			t.Errorf("%s is refused: %s\n%s says %q", name, got[name], refusedList, want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[name]; !ok {
			t.Errorf("%s lists %s, which is not refused", refusedList, name)
		}
	}
}

// errWrong is wrapped by the error about a wrong result.
var errWrong = errors.New("wrong result")

// outcome is how a node test ends.
type outcome int

const (
	passed outcome = iota
	refused
	failed
)

// tally counts outcomes.
type tally [3]int

func (c *tally) count(o outcome) { c[o]++ }

func (c *tally) String() string {
	return fmt.Sprintf("%3d passed %3d refused %3d failed", c[passed], c[refused], c[failed])
}

// nodeTest is a folder of ONNX's node tests.
type nodeTest struct {
	name    string
	tensors fs.FS  // inputs and outputs
	op      string // of the first node
	tier    int
	data    []byte
}

func newNodeTest(t *testing.T, file string) *nodeTest {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(data, &m); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	folder := filepath.Dir(file)
	test := &nodeTest{
		name:    strings.TrimPrefix(filepath.Base(folder), "test_"),
		tensors: os.DirFS(filepath.Join(folder, "test_data_set_0")), data: data,
	}
	for _, n := range m.Graph.Node {
		tier := 1 + slices.IndexFunc(tiers, func(ops []string) bool { return slices.Contains(ops, n.GetOpType()) })
		if tier == 0 || n.GetDomain() != "" {
			tier = 4
		}
		test.tier = max(test.tier, tier)
		test.op = cmp.Or(test.op, n.GetOpType())
	}
	if slices.ContainsFunc(outsideTiers, func(part string) bool { return strings.Contains(test.name, part) }) {
		test.tier = 4
	}
	return test
}

// run converts and runs the model. The detail says why it is refused or failed.
func (n *nodeTest) run() (o outcome, detail string) {
	defer func() {
		if r := recover(); r != nil {
			o, detail = failed, fmt.Sprintf("panic: %v", r)
		}
	}()
	f, err := onnx.Parse(n.data, "")
	if err != nil {
		return refused, oneLine(err)
	}
	res, err := converter.Convert(context.Background(), f, converter.Options{})
	if err != nil {
		return refused, oneLine(err)
	}
	for _, m := range []*schema.Model{res.Model, res.Unfused} {
		if m == nil {
			continue
		}
		if err := n.compute(f, m); errors.Is(err, errWrong) {
			return failed, err.Error()
		} else if err != nil {
			return refused, oneLine(err)
		}
	}
	return passed, ""
}

// oneLine joins the lines of an error that says what one node lacks.
func oneLine(err error) string {
	text := strings.TrimPrefix(err.Error(), "1 node is not supported:\n")
	return strings.Join(strings.Fields(text), " ")
}

// compute runs a converted model on the inputs of the test, and compares the outputs.
func (n *nodeTest) compute(f *onnx.File, model *schema.Model) error {
	inputs := map[string]*onnx.Tensor{}
	for i, port := range f.Graph.Inputs {
		x, err := n.tensor("input", i)
		if err != nil {
			return err
		}
		inputs[port.Name] = x
	}
	in, err := onnxtest.Start(model, inputs)
	if err != nil {
		return err
	}
	defer in.Close()
	// A second run finds what the first one left.
	for range 2 {
		if err := in.Run(); err != nil {
			return err
		}
		for i, got := range in.Outputs() {
			want, err := n.tensor("output", i)
			if err != nil {
				return err
			}
			if err := onnxtest.Compare(got, want); err != nil {
				return fmt.Errorf("%w: %w", errWrong, err)
			}
		}
	}
	return nil
}

// tensor reads an input or output of the test.
func (n *nodeTest) tensor(kind string, i int) (*onnx.Tensor, error) {
	data, err := fs.ReadFile(n.tensors, fmt.Sprintf("%s_%d.pb", kind, i))
	if err != nil {
		return nil, err
	}
	x, err := onnxtest.Tensor(data)
	if err != nil {
		return nil, fmt.Errorf("%s %d: %w", kind, i, err)
	}
	return x, nil
}

// readRefused reads the list of refused tests.
func readRefused(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(refusedList)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, reason, ok := strings.Cut(lines.Text(), "\t")
		if !ok || list[name] != "" {
			t.Fatalf("%s: %q: a test, a tab and its reason are expected, once each", refusedList, lines.Text())
		}
		list[name] = reason
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func writeRefused(t *testing.T, list map[string]string) {
	t.Helper()
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(list)) {
		fmt.Fprintf(&text, "%s\t%s\n", name, list[name])
	}
	if err := os.WriteFile(refusedList, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}
