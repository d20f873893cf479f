package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// MaxFileBytes is the size up to which a model file is read, the limit of protobuf
// itself.
const MaxFileBytes = 1<<31 - 1

// recursionLimit bounds the nesting of messages, maxDepth that of graphs, each of which
// takes three levels of messages.
const (
	recursionLimit = 16 + 3*maxDepth
	maxDepth       = 8
)

// Read reads a model file, and its external data from the folder it is in. Errors
// do not name the file.
func Read(path string) (*File, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(data, filepath.Dir(path))
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	tooLarge := fmt.Errorf("a model file has at most %d bytes; keep larger weights as external data", int64(MaxFileBytes))
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if info.Size() > MaxFileBytes {
			return nil, tooLarge
		}
		data := make([]byte, info.Size())
		if _, err := io.ReadFull(f, data); err != nil {
			return nil, reason(err)
		}
		return data, nil
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, reason(err)
	}
	if int64(len(data)) > MaxFileBytes {
		return nil, tooLarge
	}
	return data, nil
}

// Parse decodes a model. dir is the folder that external data is read from and
// must be in; with "" a model that has external data is refused. The result does
// not share memory with data.
//
// An error lists everything that is wrong at the first level that has something
// wrong: versions, tensors and types, the structure of the graph.
func Parse(data []byte, dir string) (*File, error) {
	if err := checkKind(data); err != nil {
		return nil, err
	}
	var m onnxpb.ModelProto
	if err := checkMessages(data, m.ProtoReflect().Descriptor()); err != nil {
		return nil, err
	}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true, RecursionLimit: recursionLimit}).Unmarshal(data, &m); err != nil {
		return nil, errDamaged
	}
	sum := sha256.Sum256(data)
	f := &File{
		IRVersion: m.GetIrVersion(),
		Producer:  clean(strings.TrimSpace(m.GetProducerName() + " " + m.GetProducerVersion())),
		SHA256:    hex.EncodeToString(sum[:]),
	}
	if err := f.versions(&m); err != nil {
		return nil, err
	}
	for _, p := range m.GetMetadataProps() {
		f.Properties = append(f.Properties, schema.KeyValue{Key: clean(p.GetKey()), Value: clean(p.GetValue())})
	}
	if m.Graph == nil {
		return nil, errors.New("the model has no graph")
	}
	opsets, err := inlineFunctions(&m)
	if err != nil {
		return nil, err
	}
	d := decoder{
		external: &external{dir: dir}, opsets: opsets,
		tensors: map[*onnxpb.TensorProto]*Tensor{}, taken: map[string]bool{}, seen: map[string]bool{},
	}
	defer d.external.close()
	if f.Graph, err = d.graph(m.Graph); err != nil {
		return nil, err
	}
	f.Bytes = int64(len(data)) + d.external.bytes
	return f, nil
}

// versions checks the IR version and the operator sets.
func (f *File) versions(m *onnxpb.ModelProto) error {
	if m.IrVersion == nil {
		return fmt.Errorf("not an ONNX model: it has no IR version, %d or later is accepted", MinIRVersion)
	}
	if f.IRVersion < MinIRVersion {
		return fmt.Errorf("IR version %d: %d or later is accepted", f.IRVersion, MinIRVersion)
	}
	opsets, err := readOpsets(m.GetOpsetImport())
	if err != nil {
		return err
	}
	f.Opsets = opsets
	if _, ok := findOpset(opsets, ""); !ok {
		return fmt.Errorf("the model does not import the default operator set; versions %d to %d are accepted", MinOpset, MaxOpset)
	}
	return nil
}

// readOpsets checks what a model or a function imports.
func readOpsets(protos []*onnxpb.OperatorSetIdProto) ([]schema.Opset, error) {
	var opsets []schema.Opset
	for _, o := range protos {
		domain := domainName(o.GetDomain())
		switch have, ok := findOpset(opsets, domain); {
		case !ok:
			opsets = append(opsets, schema.Opset{Domain: domain, Version: o.GetVersion()})
		case have != o.GetVersion():
			return nil, fmt.Errorf("operator set %q is imported as version %d and as version %d", shownDomain(domain), have, o.GetVersion())
		}
	}
	if v, ok := findOpset(opsets, ""); ok && (v < MinOpset || v > MaxOpset) {
		return nil, fmt.Errorf("version %d of the default operator set: %d to %d are accepted", v, MinOpset, MaxOpset)
	}
	return opsets, nil
}

// domainName gives the default domain its one name, "".
func domainName(s string) string {
	if s == "ai.onnx" {
		return ""
	}
	return clean(s)
}

// shownDomain is domainName for messages.
func shownDomain(s string) string {
	if s == "" {
		return "ai.onnx"
	}
	return s
}

// clean makes valid UTF-8 of text that is shown but never compared with a name.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
