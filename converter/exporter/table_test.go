package exporter

import (
	"strings"
	"testing"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// TestEveryOpHasARow holds the table against the vocabulary and the operators that run.
func TestEveryOpHasARow(t *testing.T) {
	count := 0
	for code := schema.Custom + 1; !strings.HasPrefix(code.String(), "OpCode("); code++ {
		count++
		if rows[code] == nil {
			t.Errorf("%v has no row", code)
		}
		if ops.Lookup(code) == nil {
			t.Errorf("%v has no meaning in the interpreter", code)
		}
	}
	if len(table) != count {
		t.Errorf("%d rows for %d operators", len(table), count)
	}
}

// TestEveryKindHasAForm holds the tables of functions against the vocabulary.
func TestEveryKindHasAForm(t *testing.T) {
	own := map[schema.UnaryKind]bool{schema.Clip: true, schema.Gelu: true, schema.GeluTanh: true, schema.Swish: true} // in exportUnary
	for k := schema.UnaryKind(0); !strings.HasPrefix(k.String(), "UnaryKind("); k++ {
		if (unaryForms[k].op == "") != own[k] {
			t.Errorf("unary %v: form %+v", k, unaryForms[k])
		}
	}
	for k := schema.BinaryKind(0); !strings.HasPrefix(k.String(), "BinaryKind("); k++ {
		if binaryForms[k] == "" {
			t.Errorf("binary %v has no form", k)
		}
	}
	for k := schema.ReduceKind(0); !strings.HasPrefix(k.String(), "ReduceKind("); k++ {
		if reduceForms[k] == "" {
			t.Errorf("reduction %v has no form", k)
		}
	}
	for k := schema.ResizeCoordinates(0); !strings.HasPrefix(k.String(), "ResizeCoordinates("); k++ {
		if k != schema.ResizeHalfPixelForNN && coordinateForms[k] == "" {
			t.Errorf("coordinates %v have no form", k)
		}
	}
}
