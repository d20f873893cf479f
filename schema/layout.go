package schema

// fieldKind is how a field is stored in its table.
type fieldKind uint8

const (
	scalar    fieldKind = iota // size bytes in the table
	structure                  // size bytes in the table, aligned to 4
	str                        // offset to a string
	vector                     // offset to a vector of scalars of size bytes
	child                      // offset to a table
	children                   // offset to a vector of offsets to tables
	unionType                  // one byte, the member; the value is the next field
	unionRef                   // offset to the member's table
)

// tableID indexes layout.
type tableID uint8

const (
	tModel tableID = iota
	tMetadata
	tOpset
	tKeyValue
	tBuffer
	tSubgraph
	tPort
	tTensor
	tQuantization
	tOperator
	tCustomOptions
	tBsignOptions
	tBConv2DOptions
	tBGEMMOptions
	tConv2DOptions
	tMatMulOptions
	tPool2DOptions
	tReduceOptions
	tUnaryOptions
	tBinaryOptions
	tSoftmaxOptions
	tReshapeOptions
	tAxisOptions
	tTransposeOptions
	tPadOptions
	tShapeOptions
	tCastOptions
	tScatterOptions
	tArgOptions
	tTopKOptions
	tCumSumOptions
	tTriluOptions
	tReverseSequenceOptions
	tPoolNDOptions
	tResizeOptions
	tRecurrentOptions
	tLayerNormOptions
	tQuantizeOptions
	tQConv2DOptions
	tQMatMulOptions
	tQBinaryOptions
	tIfOptions
	tLoopOptions
	tNonMaxSuppressionOptions
)

// field is one member of a table, in the order of lce.fbs.
type field struct {
	name string
	kind fieldKind
	size uint8   // of a scalar, a structure or a vector's element
	of   tableID // of child and children
}

// table says what the verifier has to know of a table. cost bounds the bytes that
// Open allocates for one, its strings and vectors aside; for ports and tensors that
// includes what the checks take.
type table struct {
	name   string
	cost   uint8
	fields []field
}

// Sizes of the structures of lce.fbs.
const (
	sizeClamp  = 8
	sizeSize2D = 8
	sizePads   = 16
)

// optionTables are the members of the union Options, by their number; 0 is none.
var optionTables = [...]tableID{
	1: tCustomOptions, tBsignOptions, tBConv2DOptions, tBGEMMOptions, tConv2DOptions,
	tMatMulOptions, tPool2DOptions, tReduceOptions, tUnaryOptions, tBinaryOptions,
	tSoftmaxOptions, tReshapeOptions, tAxisOptions, tTransposeOptions, tPadOptions,
	tShapeOptions, tCastOptions, tScatterOptions, tArgOptions, tTopKOptions, tCumSumOptions,
	tTriluOptions, tReverseSequenceOptions, tPoolNDOptions, tResizeOptions, tRecurrentOptions,
	tLayerNormOptions,
	tQuantizeOptions, tQConv2DOptions, tQMatMulOptions, tQBinaryOptions,
	tIfOptions, tLoopOptions, tNonMaxSuppressionOptions,
}

// layout describes every table of lce.fbs. No table contains itself, directly or
// not, so the nesting depth of a file is bounded by the layout.
var layout = [...]table{
	tModel: {"Model", 128, []field{
		{"format_version", scalar, 4, 0}, {"subgraphs", children, 0, tSubgraph},
		{"buffers", children, 0, tBuffer}, {"metadata", child, 0, tMetadata}}},
	tMetadata: {"Metadata", 96, []field{
		{"producer", str, 0, 0}, {"source_sha256", str, 0, 0},
		{"opsets", children, 0, tOpset}, {"properties", children, 0, tKeyValue}}},
	tOpset:    {"Opset", 24, []field{{"domain", str, 0, 0}, {"version", scalar, 8, 0}}},
	tKeyValue: {"KeyValue", 32, []field{{"key", str, 0, 0}, {"value", str, 0, 0}}},
	tBuffer:   {"Buffer", 24, []field{{"data", vector, 1, 0}}},
	tSubgraph: {"Subgraph", 128, []field{
		{"name", str, 0, 0}, {"tensors", children, 0, tTensor}, {"operators", children, 0, tOperator},
		{"inputs", children, 0, tPort}, {"outputs", children, 0, tPort}}},
	tPort: {"Port", 128, []field{{"name", str, 0, 0}, {"tensor", scalar, 4, 0}}},
	tTensor: {"Tensor", 192, []field{
		{"name", str, 0, 0}, {"dtype", scalar, 1, 0}, {"shape", vector, 4, 0},
		{"buffer", scalar, 4, 0}, {"quantization", child, 0, tQuantization}}},
	tQuantization: {"Quantization", 64, []field{
		{"scale", vector, 4, 0}, {"zero_point", vector, 8, 0}, {"axis", scalar, 4, 0}}},
	tOperator: {"Operator", 96, []field{
		{"code", scalar, 2, 0}, {"version", scalar, 4, 0}, {"name", str, 0, 0},
		{"inputs", vector, 4, 0}, {"outputs", vector, 4, 0},
		{"options_type", unionType, 1, 0}, {"options", unionRef, 0, 0}}},

	tCustomOptions: {"CustomOptions", 48, []field{{"name", str, 0, 0}, {"data", vector, 1, 0}}},
	tBsignOptions:  {"BsignOptions", 8, []field{{"compare", scalar, 1, 0}, {"invert", scalar, 1, 0}}},
	tBConv2DOptions: {"BConv2DOptions", 96, []field{
		{"strides", structure, sizeSize2D, 0}, {"dilations", structure, sizeSize2D, 0},
		{"pads", structure, sizePads, 0}, {"groups", scalar, 4, 0}, {"pad_value", scalar, 1, 0},
		{"pre_clamp", structure, sizeClamp, 0}, {"clamp", structure, sizeClamp, 0}}},
	tBGEMMOptions: {"BGEMMOptions", 16, []field{
		{"pre_clamp", structure, sizeClamp, 0}, {"clamp", structure, sizeClamp, 0}}},
	tConv2DOptions: {"Conv2DOptions", 88, []field{
		{"strides", structure, sizeSize2D, 0}, {"dilations", structure, sizeSize2D, 0},
		{"pads", structure, sizePads, 0}, {"groups", scalar, 4, 0}, {"clamp", structure, sizeClamp, 0},
		{"channels_first", scalar, 1, 0}}},
	tMatMulOptions: {"MatMulOptions", 16, []field{
		{"transpose_a", scalar, 1, 0}, {"transpose_b", scalar, 1, 0}, {"clamp", structure, sizeClamp, 0}}},
	tPool2DOptions: {"Pool2DOptions", 96, []field{
		{"kind", scalar, 1, 0}, {"kernel", structure, sizeSize2D, 0},
		{"strides", structure, sizeSize2D, 0}, {"dilations", structure, sizeSize2D, 0},
		{"pads", structure, sizePads, 0}, {"ceil_mode", scalar, 1, 0}, {"count_include_pad", scalar, 1, 0}}},
	tReduceOptions: {"ReduceOptions", 8, []field{
		{"kind", scalar, 1, 0}, {"keep_dims", scalar, 1, 0}, {"noop_with_empty_axes", scalar, 1, 0}}},
	tUnaryOptions: {"UnaryOptions", 16, []field{
		{"kind", scalar, 1, 0}, {"alpha", scalar, 4, 0}, {"beta", scalar, 4, 0}}},
	tBinaryOptions:    {"BinaryOptions", 8, []field{{"kind", scalar, 1, 0}}},
	tSoftmaxOptions:   {"SoftmaxOptions", 16, []field{{"axis", scalar, 4, 0}, {"log", scalar, 1, 0}}},
	tReshapeOptions:   {"ReshapeOptions", 8, []field{{"allow_zero", scalar, 1, 0}}},
	tAxisOptions:      {"AxisOptions", 8, []field{{"axis", scalar, 4, 0}}},
	tTransposeOptions: {"TransposeOptions", 24, []field{{"perm", vector, 4, 0}}},
	tPadOptions:       {"PadOptions", 8, []field{{"mode", scalar, 1, 0}}},
	tShapeOptions:     {"ShapeOptions", 16, []field{{"start", scalar, 8, 0}, {"end", scalar, 8, 0}}},
	tCastOptions:      {"CastOptions", 8, []field{{"to", scalar, 1, 0}}},
	tScatterOptions: {"ScatterOptions", 16, []field{
		{"axis", scalar, 4, 0}, {"reduction", scalar, 1, 0}}},
	tArgOptions: {"ArgOptions", 16, []field{
		{"axis", scalar, 4, 0}, {"keep_dims", scalar, 1, 0}, {"min", scalar, 1, 0}, {"last", scalar, 1, 0}}},
	tTopKOptions: {"TopKOptions", 16, []field{
		{"axis", scalar, 4, 0}, {"smallest", scalar, 1, 0}}},
	tCumSumOptions: {"CumSumOptions", 8, []field{
		{"exclusive", scalar, 1, 0}, {"reverse", scalar, 1, 0}}},
	tTriluOptions: {"TriluOptions", 8, []field{
		{"lower", scalar, 1, 0}}},
	tReverseSequenceOptions: {"ReverseSequenceOptions", 16, []field{
		{"batch_axis", scalar, 4, 0}, {"time_axis", scalar, 4, 0}}},
	tPoolNDOptions: {"PoolNDOptions", 128, []field{
		{"kind", scalar, 1, 0}, {"kernel", vector, 4, 0}, {"strides", vector, 4, 0}, {"dilations", vector, 4, 0}, {"pads", vector, 4, 0}, {"ceil_mode", scalar, 1, 0}, {"count_include_pad", scalar, 1, 0}, {"column_major", scalar, 1, 0}}},
	tResizeOptions: {"ResizeOptions", 24, []field{
		{"mode", scalar, 1, 0}, {"coordinates", scalar, 1, 0}, {"rounding", scalar, 1, 0}, {"cubic", scalar, 4, 0}, {"exclude_outside", scalar, 1, 0}, {"extrapolation", scalar, 4, 0}}},
	tRecurrentOptions: {"RecurrentOptions", 56, []field{
		{"kind", scalar, 1, 0}, {"direction", scalar, 1, 0}, {"activations", vector, 4, 0},
		{"linear_before_reset", scalar, 1, 0}, {"input_forget", scalar, 1, 0}}},
	tLayerNormOptions: {"LayerNormOptions", 8, []field{{"epsilon", scalar, 4, 0}}},
	tQuantizeOptions:  {"QuantizeOptions", 8, []field{{"axis", scalar, 4, 0}}},
	tQConv2DOptions: {"QConv2DOptions", 96, []field{
		{"strides", structure, sizeSize2D, 0}, {"dilations", structure, sizeSize2D, 0},
		{"pads", structure, sizePads, 0}, {"groups", scalar, 4, 0}, {"to", scalar, 1, 0},
		{"zero_point", scalar, 4, 0}, {"clamp", structure, sizeClamp, 0}}},
	tQMatMulOptions: {"QMatMulOptions", 24, []field{
		{"to", scalar, 1, 0}, {"zero_point", scalar, 4, 0}, {"clamp", structure, sizeClamp, 0}}},
	tQBinaryOptions: {"QBinaryOptions", 48, []field{
		{"kind", scalar, 1, 0}, {"to", scalar, 1, 0}, {"a_scale", scalar, 4, 0}, {"b_scale", scalar, 4, 0},
		{"a_zero", scalar, 4, 0}, {"b_zero", scalar, 4, 0},
		{"zero_point", scalar, 4, 0}, {"clamp", structure, sizeClamp, 0}}},
	tIfOptions: {"IfOptions", 24, []field{
		{"then_graph", scalar, 4, 0}, {"else_graph", scalar, 4, 0}, {"then_inputs", scalar, 4, 0}}},
	tLoopOptions: {"LoopOptions", 24, []field{
		{"body", scalar, 4, 0}, {"states", scalar, 4, 0}, {"scanned", scalar, 4, 0}}},
	tNonMaxSuppressionOptions: {"NonMaxSuppressionOptions", 8, []field{{"center_point_box", scalar, 1, 0}}},
}
