package main

//go:generate go run ../../tools/lce-convert -q ../../testdata/models/fashion_cnn_folded_op17.onnx -o fashion_cnn.lce
