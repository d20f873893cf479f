package exporter

import "github.com/lce-go/lce/schema"

// row says how an operator of .lce is exported.
type row struct {
	code   schema.OpCode
	export func(c *call) error
}

// table has a row for every operator but Custom, whose meaning comes from the embedding
// program. An operator is added by a row here.
var table = []row{
	{schema.Bsign, exportBsign}, {schema.Bunpack, exportBunpack}, {schema.BConv2D, exportBConv2D},
	{schema.BGEMM, exportBGEMM}, {schema.BMaxPool2D, exportBMaxPool2D},
	{schema.Conv2D, exportConv2D}, {schema.MatMul, exportMatMul}, {schema.Pool2D, exportPool2D}, {schema.Reduce, exportReduce},
	{schema.Unary, exportUnary}, {schema.Binary, exportBinary}, {schema.Select, exportSelect}, {schema.Softmax, exportSoftmax},
	{schema.Reshape, exportReshape}, {schema.Flatten, exportFlatten}, {schema.Squeeze, exportSqueeze},
	{schema.Unsqueeze, exportUnsqueeze}, {schema.Transpose, exportTranspose}, {schema.Concat, exportConcat},
	{schema.Split, exportSplit}, {schema.Slice, exportSlice}, {schema.Gather, exportGather}, {schema.Expand, exportExpand},
	{schema.Pad, exportPad}, {schema.Fill, exportFill}, {schema.Shape, exportShape}, {schema.Cast, exportCast},
	{schema.Tile, exportTile}, {schema.NonZero, exportNonZero}, {schema.OneHot, exportOneHot},
	{schema.GatherElements, exportGatherElements}, {schema.GatherND, exportGatherND}, {schema.Range, exportRange},
	{schema.ScatterElements, exportScatterElements}, {schema.ScatterND, exportScatterND}, {schema.ArgReduce, exportArgReduce},
	{schema.TopK, exportTopK}, {schema.CumSum, exportCumSum}, {schema.Trilu, exportTrilu},
	{schema.ReverseSequence, exportReverseSequence}, {schema.PoolND, exportPoolND}, {schema.Resize, exportResize},
	{schema.Recurrent, exportRecurrent}, {schema.LayerNorm, exportLayerNorm},
	{schema.Quantize, exportQuantize}, {schema.Dequantize, exportDequantize}, {schema.QConv2D, exportQConv2D},
	{schema.QMatMul, exportQMatMul}, {schema.QBinary, exportQBinary}, {schema.Lookup, exportLookup},
	{schema.If, exportIf}, {schema.Loop, exportLoop}, {schema.NonMaxSuppression, exportNonMaxSuppression},
}

var rows = func() map[schema.OpCode]*row {
	m := map[schema.OpCode]*row{}
	for i := range table {
		m[table[i].code] = &table[i]
	}
	return m
}()
