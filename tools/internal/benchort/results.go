package benchort

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
)

// results is what a comparison writes as JSON. Times are the best ones, in
// milliseconds; ratios are ONNX Runtime's time by ours.
type results struct {
	Machine     string           `json:"machine"`
	Date        string           `json:"date"`
	ONNXRuntime string           `json:"onnxruntime"`
	Layers      []layer          `json:"layers"`
	Networks    []network        `json:"networks"`
	GeoMean     float64          `json:"geometric_mean"` // of the binarized networks
	Profiles    []networkProfile `json:"profiles"`
}

// layer compares a layer. An absent time is 0: there is no such model.
type layer struct {
	Name         string  `json:"name"`
	MACs         int64   `json:"macs"`
	ORTSign      float64 `json:"ort_sign_ms,omitempty"` // the model with the sign in front
	ORTFloat     float64 `json:"ort_float_ms,omitempty"`
	ORTChain     float64 `json:"ort_float_chained_ms,omitempty"` // a layer of a chain
	ORTInt8      float64 `json:"ort_int8_ms,omitempty"`
	ORTInt8Chain float64 `json:"ort_int8_chained_ms,omitempty"`
	Binary       float64 `json:"binary_ms,omitempty"`       // sign and layer
	BinaryWhole  float64 `json:"binary_whole_ms,omitempty"` // with the transposes at both ends
	Float        float64 `json:"float_ms,omitempty"`
	FloatChain   float64 `json:"float_chained_ms,omitempty"`
	FloatWhole   float64 `json:"float_whole_ms,omitempty"`
	ToFloat      float64 `json:"ratio_binary_to_float,omitempty"`
	ToInt8       float64 `json:"ratio_binary_to_int8,omitempty"`
	FloatRatio   float64 `json:"ratio_float,omitempty"`
}

// network compares a network.
type network struct {
	Name   string  `json:"name"`
	Other  string  `json:"onnxruntime_runs,omitempty"` // the other network that ONNX Runtime runs, if one
	Binary bool    `json:"binary"`
	ORT    float64 `json:"ort_ms"`
	Ours   float64 `json:"ms"`
	Ratio  float64 `json:"ratio"`
}

func (n *network) String() string {
	return fmt.Sprintf("%-30s %8.3f ms, ONNX Runtime %8.3f, ratio %.2f", n.Name, n.Ours, n.ORT, n.Ratio)
}

// bar is a ratio that is asked for.
type bar struct {
	name  string
	ratio float64
}

// The ratios that are asked for, by layer and network.
var (
	binaryBars = []bar{{"3x3_56x56x64", 15}, {"3x3_28x28x128", 15}, {"3x3_14x14x256", 15}, {"3x3_7x7x512", 15}}
	floatBars  = []bar{
		{"3x3_56x56x64", 1}, {"3x3_28x28x128", 1}, {"3x3_14x14x256", 1}, {"3x3_7x7x512", 1}, {"1x1_14x14x256", 1},
		{"1x1_56x56x64_to_128", 1}, {"7x7_224x224x3_to_64_stride_2", 1}, {"3x3_depthwise_56x56x128", 2},
	}
	networkBars = []bar{
		{"quicknet", 10}, {"reactnet_a", 11}, {"meliusnet22", 9}, {"binary_densenet28", 8}, {"birealnet18", 7},
		{"vgg_small", 10}, {"resnet18", 1 / 1.15}, {"mobilenetv2", 1 / 1.15},
	}
)

const (
	int8Bar         = 4.5
	layersMeanBar   = 17 // of the layers of binaryBars, against float32
	networksMeanBar = 9
	int8NetworkBar  = 2.2
)

func find(bars []bar, name string) float64 {
	i := slices.IndexFunc(bars, func(b bar) bool { return b.name == name })
	if i < 0 {
		return 0
	}
	return bars[i].ratio
}

func (n *network) bar() float64 {
	if n.Other != "" {
		return int8NetworkBar
	}
	return find(networkBars, n.Name)
}

// complete computes the ratios. ONNX Runtime is given the better of its two times.
func (l *layer) complete() {
	ratio := func(ours float64, times ...float64) float64 {
		times = slices.DeleteFunc(times, func(t float64) bool { return t <= 0 })
		if ours == 0 || len(times) == 0 {
			return 0
		}
		return slices.Min(times) / ours
	}
	l.ToFloat = ratio(l.Binary, l.ORTSign, l.ORTChain)
	l.ToInt8 = ratio(l.Binary, l.ORTInt8, l.ORTInt8Chain)
	switch {
	case l.FloatChain > 0:
		l.FloatRatio = ratio(min(l.Float, l.FloatChain), l.ORTFloat, l.ORTChain)
	default:
		l.FloatRatio = ratio(l.FloatWhole, l.ORTFloat)
	}
}

// mean is the geometric mean of ratios, 0 of none.
func mean(ratios []float64) float64 {
	if len(ratios) == 0 {
		return 0
	}
	sum := 0.0
	for _, r := range ratios {
		sum += math.Log(r)
	}
	return math.Exp(sum / float64(len(ratios)))
}

// layersMean is the geometric mean of the layers that binaryBars names.
func (r *results) layersMean() float64 {
	var ratios []float64
	for _, l := range r.Layers {
		if find(binaryBars, l.Name) > 0 && l.ToFloat > 0 {
			ratios = append(ratios, l.ToFloat)
		}
	}
	return mean(ratios)
}

func (r *results) networksMean() float64 {
	var ratios []float64
	for _, n := range r.Networks {
		if n.Binary && n.Other == "" {
			ratios = append(ratios, n.Ratio)
		}
	}
	return mean(ratios)
}

func readResults(path string) (*results, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &results{}
	return r, json.Unmarshal(data, r)
}
