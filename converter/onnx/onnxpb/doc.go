// Package onnxpb has the generated bindings of the part of ONNX's model format
// that the converter reads; onnx.proto says which.
package onnxpb

//go:generate protoc -I ../../.. --go_out=../../.. --go_opt=module=github.com/lce-go/lce converter/onnx/onnxpb/onnx.proto
