package bencharm

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/tools/internal/cli"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name, text, product string
		want                []string
		products            int
	}{
		{"the loop with most products", `
 100: 	cnt	v0.16b, v0.16b
 104: 	cnt	v1.16b, v1.16b
 108: 	subs	x1, x1, #0x1
 10c: 	b.ne	0x104 <f+0x4>
 110: 	ldr	q0, [x7, #0x10]
 114: 	cnt	v0.16b, v0.16b
 118: 	cnt	v1.16b, v1.16b
 11c: 	cbnz	x1, 0x110 <f+0x10>
 120: 	ret
`, "cnt", []string{"ldr q0, [x7, #0x10]", "cnt v0.16b, v0.16b", "cnt v1.16b, v1.16b"}, 2},
		{"none that a branch leaves", `
 100: 	cnt	v0.16b, v0.16b
 104: 	tbz	w1, #0x0, 0x118
 108: 	cnt	v0.16b, v0.16b
 10c: 	b.ge	0x108
 110: 	b	0x100
`, "cnt", []string{"cnt v0.16b, v0.16b"}, 1},
		{"32 bits", `
    100: 	vcnt.8	q14, q14
    104: 	subs	r12, r12, #1
    108: 	bge	0x100 <f>               @ imm = #-16
    10c: 	b	0x200
`, "vcnt.8", []string{"vcnt.8 q14, q14", "subs r12, r12, #1"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := cut(c.text, c.product)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(l.lines, c.want) || l.products != c.products {
				t.Errorf("%d products in %q", l.products, l.lines)
			}
		})
	}
	if _, err := cut(" 100: \tret\n", "cnt"); err == nil || err.Error() != "no loop has an instruction cnt" {
		t.Error(err)
	}
}

func TestFunction(t *testing.T) {
	p := &program{symbols: []symbol{{"a", 0x100, 0x140}, {"b", 0x140, 0x150}}}
	for address, want := range map[uint64]string{0xff: "?", 0x100: "a", 0x13c: "a", 0x140: "b", 0x900: "b"} {
		if got := p.function(address); got != want {
			t.Errorf("%#x: %s, want %s", address, got, want)
		}
	}
}

func TestUsage(t *testing.T) {
	var out, complaint bytes.Buffer
	status := Command.Run(context.Background(), cli.Streams{Out: &out, Err: &complaint}, []string{"--functions", "-1"})
	if want := "--functions -1: want 0 or more"; status != 2 || !strings.Contains(complaint.String(), want) {
		t.Errorf("status %d, %s", status, &complaint)
	}
}
