package passes

// simplifyRounds bounds the repetition of the canonical passes. A round removes at
// least one node or operand, so that large graphs may need several.
const simplifyRounds = 50

// Pipeline is the table of all passes in the order in which they run.
func Pipeline(opts Options) []Group {
	var groups []Group
	if !opts.KeepFinalSoftmax {
		groups = append(groups, Group{Name: "output", Rounds: 1, NewResults: true, Passes: []Pass{
			{"drop-final-softmax", dropFinalSoftmax},
		}})
	}
	groups = append(groups,
		// One form for what exporters write in many: the later groups rely on it.
		canonicalGroup("canonical"),
		turnQuantizedGroup("turn-quantized"),
		// Early, so that a channel is the last axis wherever binarize and fuse look.
		Group{Name: "layout", Rounds: 1, Passes: []Pass{
			{"move-transposes", moveTransposes},
		}},
		// What lay around the transposes may meet now.
		canonicalGroup("cleanup", Pass{"crop-before-pad", cropBeforePad},
			Pass{"pad-behind-row", padBehindRow}, Pass{"merge-pad-conv", mergePadConv}),
		// Channels are last now, and ops are next to each other.
		turnQuantizedGroup("turn-behind-layout"),
		quantizeGroup(),
		Group{Name: "dequantize", Rounds: 1, Passes: []Pass{{"fold-dequantized", foldDequantized}}},
		canonicalGroup("tidy"),
		binarizeGroup("binarize", opts),
	)
	if len(opts.AssumeBinary) > 0 {
		groups = append(groups, Group{Name: "assume", Rounds: 1, Passes: []Pass{
			{"assume-binary", assumeBinary(opts.AssumeBinary)},
		}}, binarizeGroup("binarize-assumed", opts))
	}
	groups = append(groups, explainGroup(), fuseGroup(), joinGroup(), packGroup())
	if opts.Int8Weights || opts.Float16 {
		groups = append(groups, storeGroup(opts))
	}
	return groups
}

func canonicalGroup(name string, more ...Pass) Group {
	return Group{Name: name, Rounds: simplifyRounds, Passes: append([]Pass{
		{"remove-dead", removeDead},
		// Before constants are folded, which leaves weights that are +-a up to rounding.
		{"drop-straight-through", dropStraightThrough},
		{"fold-constants", foldConstants},
		{"simplify-control", simplifyControl},
		{"eliminate-identity", eliminateIdentity},
		{"drop-expand", dropExpand},
		{"simplify-reshape", simplifyReshape},
		{"simplify-transpose", simplifyTranspose},
		{"simplify-arithmetic", simplifyArithmetic},
		{"share-constants", shareConstants},
		{"share-nodes", shareNodes},
	}, more...)}
}
