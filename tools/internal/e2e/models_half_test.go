package e2e

// halfTolerance allows for the last place of results that are rounded to float16.
const halfTolerance = 1e-3

var halfModels = []model{
	{name: "resnet18_half_weights_op16"},
	{name: "resnet18_half_op16", tolerance: halfTolerance},
	{name: "mobilenetv3_half_inside_op15", tolerance: halfTolerance},
	{name: "vit_small_half_inside", transposes: 38, tolerance: halfTolerance},
	{name: "squeezenet11_many_files"},
}
