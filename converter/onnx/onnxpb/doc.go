// Package onnxpb has the generated bindings of the part of ONNX's model format
// that the converter reads; onnx.proto says which. The generator is a tool of
// tools/gotools/go.mod.
package onnxpb

//go:generate sh -c "protoc --plugin=protoc-gen-go=${DOLLAR}(go tool -modfile=../../../tools/gotools/go.mod -n protoc-gen-go) -I ../../.. --go_out=../../.. --go_opt=module=github.com/lce-go/lce converter/onnx/onnxpb/onnx.proto"
