package e2e

var mobileModels = []model{
	{name: "mobilenetv2_op10"},
	{name: "mobilenetv2_dynamo18"},
	{name: "mobilenetv3_large_op11"},
	{name: "mobilenetv3_large_op15"},
	{name: "efficientnet_b0_op13"},
	{name: "efficientnet_b0_dynamo20"},
	{name: "shufflenetv2_op9", transposes: 16},
	{name: "shufflenetv2_op16", transposes: 16},
	{name: "shufflenetv2_dynamo18", transposes: 16},
}

var residualModels = []model{
	{name: "resnet18_op9"},
	{name: "resnet18_op16"},
	{name: "resnet18_dynamo21"},
	{name: "resnet50_op12"},
	{name: "resnet50_op14_external"},
	{name: "resnet50_dynamo18"},
	{name: "resnet50_nhwc_op13"},
	{name: "arcface_resnet100_op8", transposes: 1},
	{name: "densenet121_op13"},
	{name: "densenet121_dynamo18"},
}

var plainModels = []model{
	{name: "vgg16_op9"},
	{name: "squeezenet11_op12"},
	{name: "superresolution_op10", transposes: 1},
	{name: "superresolution_dynamo18", transposes: 1},
	{name: "pyramid_nearest_op11", transposes: 1},
	{name: "pyramid_bilinear_op16", transposes: 1},
	{name: "pyramid_bilinear_dynamo18", transposes: 2},
	{name: "unet_op11", transposes: 1},
	{name: "unet_bilinear_op13", transposes: 1},
	{name: "unet_dynamo18", transposes: 1},
}

var earlyModels = []model{
	{name: "tinyyolov2_op8", transposes: 2},
	{name: "emotion_ferplus_op7"},
}
