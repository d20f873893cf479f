package e2e

// Models whose shapes a run decides: detector.py and decoder.py.
var controlModels = []model{
	{name: "detector_nms_op12", transposes: 4},
	{name: "detector_nms_op17", transposes: 4},
	{name: "decoder_loop_op13", transposes: 4},
	{name: "decoder_loop_op16", transposes: 4},
}
