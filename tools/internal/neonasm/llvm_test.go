package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// samples are instructions of a row: all choices of its sets, and numbers from everywhere
// in the range of each field.
func (a *architecture) samples(r row) []string {
	placeholders := regexp.MustCompile(`<[^>]*>`).FindAllString(r.pattern, -1)
	texts := []string{r.pattern}
	for _, p := range placeholders {
		name := strings.Trim(p, "<>")
		base, _, _ := strings.Cut(name, ".")
		set, isSet := a.sets[base]
		f, isField := a.fields[name]
		var next []string
		for _, text := range texts {
			switch {
			case !strings.Contains(text, p):
				next = append(next, text)
			case isSet:
				for _, c := range set {
					t := text
					for column, word := range c.names {
						t = strings.ReplaceAll(t, fmt.Sprintf("<%s.%d>", base, column), word)
					}
					next = append(next, strings.ReplaceAll(t, "<"+base+">", c.names[0]))
				}
			case isField:
				most := f.max
				for _, q := range placeholders { // a list must not wrap around
					if first, more, ok := strings.Cut(strings.Trim(q, "<>"), "+"); ok && first == name {
						n, _ := strconv.Atoi(more)
						most = min(most, f.max-n)
					}
				}
				by := max(1, f.by)
				middle := f.min + (most-f.min)/by*2/3*by
				for _, number := range slices.Compact([]int{f.min, middle, most}) {
					t := strings.ReplaceAll(text, p, strconv.Itoa(number))
					for more := 1; more < 4; more++ {
						t = strings.ReplaceAll(t, fmt.Sprintf("<%s+%d>", name, more), strconv.Itoa(number+more))
					}
					next = append(next, t)
				}
			default:
				panic("no field or set " + p + " in " + r.pattern)
			}
		}
		texts = next
	}
	return slices.DeleteFunc(texts, func(text string) bool {
		pair := regexp.MustCompile(`^ldp (\w+), (\w+),`).FindStringSubmatch(text)
		return pair != nil && pair[1] == pair[2] // unpredictable
	})
}

// TestWordsAreLLVMs holds each row of the tables to llvm-mc.
func TestWordsAreLLVMs(t *testing.T) {
	mc := ""
	for _, name := range []string{"llvm-mc-19", "llvm-mc"} {
		if path, err := exec.LookPath(name); err == nil {
			mc = path
			break
		}
	}
	if mc == "" {
		t.Skip("llvm-mc is missing: Debian's package llvm-19 has it")
	}
	for _, a := range []*architecture{&arm64, &arm} {
		t.Run(a.triple, func(t *testing.T) {
			var texts []string
			for _, r := range a.rows {
				texts = append(texts, a.samples(r)...)
			}
			cmd := exec.Command(mc, "-triple="+a.triple, "-mattr="+a.features, "-show-encoding", "-show-inst-operands=false")
			cmd.Stdin = strings.NewReader(strings.Join(texts, "\n"))
			var refusals strings.Builder
			cmd.Stderr = &refusals
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("llvm-mc: %v\n%.3000s", err, refusals.String())
			}
			encodings := regexp.MustCompile(`encoding: \[0x(..),0x(..),0x(..),0x(..)\]`).FindAllStringSubmatch(string(out), -1)
			if len(encodings) != len(texts) {
				t.Fatalf("llvm-mc encodes %d of %d instructions", len(encodings), len(texts))
			}
			wrong := 0
			for i, text := range texts {
				e := encodings[i]
				want, _ := strconv.ParseUint(e[4]+e[3]+e[2]+e[1], 16, 32)
				got, err := a.encode(text)
				if err != nil || got != uint32(want) {
					t.Errorf("%s: %08x %v, llvm-mc says %08x", text, got, err, want)
					if wrong++; wrong == 20 {
						t.FailNow()
					}
				}
			}
			t.Logf("%d instructions", len(texts))
		})
	}
}
