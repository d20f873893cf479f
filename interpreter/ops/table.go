package ops

import "github.com/lce-go/lce/schema"

// table lists every op of the vocabulary. An op is added by a row here; Custom has
// none, its meaning comes from the embedding program.
var table = []*Def{
	&bsign, &bunpack, &bconv2D, &bgemmOp, &bmaxPool2D,
	&conv2D, &matMul, &pool2D, &reduce, &unary, &binary, &selection, &softmax,
	&reshape, &flatten, &squeeze, &unsqueeze, &transpose, &concat, &split, &slice, &gather,
	&expand, &pad, &fill, &shapeOf, &cast,
	&tile, &nonZero, &oneHot, &gatherElements, &gatherND, &rangeOf,
	&scatterElements, &scatterND, &argReduce, &topK, &cumSum, &trilu, &reverseSequence, &poolND, &resize, &recurrent, &layerNorm,
	&quantize, &dequantize, &qconv2D, &qmatMul, &qbinary, &lookup,
	&ifOp, &loop, &nonMaxSuppression,
}

// byCode finds the row of an op code.
var byCode = index(table)

func index(rows []*Def) map[schema.OpCode]*Def {
	m := make(map[schema.OpCode]*Def, len(rows))
	for _, d := range rows {
		m[d.Code] = d
	}
	return m
}

// Lookup returns the row of an op, or nil for Custom and for codes that are not in
// the table.
func Lookup(code schema.OpCode) *Def { return byCode[code] }
