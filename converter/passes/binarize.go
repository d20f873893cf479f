package passes

import (
	"github.com/lce-go/lce/converter/graph"
)

// binarizeGroup finds the signs and the weights that are binary. Each new binary
// operator can show that a Sign behind it is exact, so the passes repeat.
//
// They rely on a canonical graph in NHWC order: constants folded, per-channel
// constants along the last axis, batch normalizations as Mul and Add.
func binarizeGroup(name string, opts Options) Group {
	return Group{Name: name, Rounds: maxRounds, Passes: []Pass{
		// Before the signs in what it recognizes are taken for signs of their own.
		{"binarize-stairs", binarizeStairs},
		{"binarize-sign-compare", binarizeSignCompare},
		// Before the Signs in what it recognizes are taken for signs of their own.
		{"binarize-sign-cases", binarizeSignCases},
		{"hoist-sign-over-pad", hoistSignOverPad},
		{"pad-behind-row", padBehindRow},
		{"divide-by-magnitude", divideByMagnitude},
		{"binarize-sign", binarizeSign},
		// Before the layers, which take signs without a scale.
		{"sink-scale", sinkScale},
		{"pool-signs-globally", poolSignsGlobally},
		{"sink-unpack", sinkUnpack},
		{"sink-unpack-over-join", sinkUnpackOverJoin},
		{"join-unpack", joinUnpack},
		{"hoist-sign", hoistSign},
		{"hoist-sign-over-join", hoistSignOverJoin},
		{"share-signs", shareSigns},
		{"binarize-step", binarizeStep},
		{"split-ternary-weights", splitTernaryWeights},
		{"binarize-conv", binarizeConv},
		{"binarize-matmul", binarizeMatMul},
		{"binarize-ternary", binarizeTernary(opts.SignZeroPlus)},
		{"turn-pooled-channels", turnPooledChannels},
		{"drop-dead-bits", dropDead},
	}}
}

// explainGroup records why convolutions and products stay float, while their
// operands are still as the author of the network wrote them.
func explainGroup() Group {
	return Group{Name: "explain", Rounds: 1, Passes: []Pass{{"explain-float", explainFloat}}}
}

// fuseGroup folds what follows an operator into it. Thresholds come first: they are
// found by evaluating the float arithmetic as the network has it, which the other
// passes then round differently.
func fuseGroup() Group {
	return Group{Name: "fuse", Rounds: 1, Passes: []Pass{
		{"fuse-threshold", fuseThreshold},
		{"fuse-sign-affine", fuseSignAffine},
		{"share-signs", shareSigns},
		{"square-powers", squarePowers},
		{"fuse-gelu", fuseGelu},
		{"fuse-layer-norm", fuseLayerNorm},
		// What is replaced here still reads what the products compute.
		{"drop-replaced", dropDead},
		{"fuse-epilogue", fuseEpilogue},
		{"fuse-float-epilogue", fuseFloatEpilogue},
		{"fuse-swish", fuseSwish},
		// Last, as all others take the last axis for the channels.
		{"read-channels-first", readChannelsFirst},
		{"drop-dead-fused", dropDead},
	}}
}

// packGroup makes the graph small.
func packGroup() Group {
	return Group{Name: "pack", Rounds: 1, Passes: []Pass{
		{"share-constants", shareConstants},
		// Behind the sharing, so that equal weights are expanded once.
		{"pack-weights", packWeights},
		{"share-packed-constants", shareConstants},
	}}
}

// maxRounds is far above what a network needs: a round binarizes at least one more
// layer of a chain of layers.
const maxRounds = 1000

// dropDead removes what the rewrites left without a reader.
func dropDead(g *graph.Graph, _ *Log) (int, error) { return g.RemoveDead(), nil }
