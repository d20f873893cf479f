package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSourcesAreFresh holds the assembly in the tree to its sources.
func TestSourcesAreFresh(t *testing.T) {
	paths, err := sources("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		want, err := assemble(path)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := os.ReadFile(outputPath(path))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not what neonasm makes of its source (%v): run make generate", outputPath(path), err)
		}
	}
}

// The words are those of llvm-mc 19.
func TestEncode(t *testing.T) {
	for _, c := range []struct {
		arch *architecture
		text string
		want uint32
	}{
		{&arm64, "fmla v8.4s, v1.4s, v6.s[3]", 0x4fa61828},
		{&arm64, "uadalp v0.8h, v16.16b", 0x6e206a00},
		{&arm64, "sdot v3.4s, v4.16b, v31.4b[2]", 0x4f9fe883},
		{&arm64, "sshr v9.4s, v9.4s, #31", 0x4f210529},
		{&arm64, "ldp q0, q1, [x1, #-32]", 0xad7f0420},
		{&arm64, "addv b7, v7.16b", 0x4e31b8e7},
		{&arm, "veor q15, q8, q0", 0xf340e1d0},
		{&arm, "vmla.f32 q3, q9, d5[1]", 0xf3a261e5},
		{&arm, "vld1.32 {d4, d5, d6, d7}, [r2]!", 0xf422428d},
	} {
		got, err := c.arch.encode(c.text)
		if err != nil || got != c.want {
			t.Errorf("%s: 0x%08x %v, want 0x%08x", c.text, got, err, c.want)
		}
	}
}

func TestTranslate(t *testing.T) {
	source := `#include "textflag.h"

macro ROW9 p reg
	// Left out.
	repeat j 0 1
		fmla v{2*p+j}.4s, v{(p+j)%2}.4s, {reg}.s[{3-j}] // {p}, {j}
	end
end

TEXT ·f(SB), NOSPLIT, $0-8 // {unknown}
	repeat i 0 1
		ROW{8+1} {i} v9
	end
loop:
	ld1 {v0.4s}, [x1]
	RET
`
	want := `#include "textflag.h"


TEXT ·f(SB), NOSPLIT, $0-8 // {unknown}
	WORD $0x4fa91800 // fmla v0.4s, v0.4s, v9.s[3]
	WORD $0x4f891821 // fmla v1.4s, v1.4s, v9.s[2]
	WORD $0x4fa91822 // fmla v2.4s, v1.4s, v9.s[3]
	WORD $0x4f891803 // fmla v3.4s, v0.4s, v9.s[2]
loop:
	WORD $0x4c407820 // ld1 {v0.4s}, [x1]
	RET
`
	got, err := arm64.translate(source)
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"\tfmla v32.4s, v0.4s, v1.4s", "1: fmla v32.4s,v0.4s,v1.4s: 32: multiples of 1 from 0 to 31 are accepted"},
		{"\n\tfmla v3.4s, v0.2s, v1.4s", "2: fmla v3.4s,v0.2s,v1.4s: the table has only fmla v<d>.<F>"},
		{"\tfrob v3.4s, v0.2s", "1: frob v3.4s,v0.2s: the table has no frob"},
		{"\tldr q0, [x1, #8]", "1: ldr q0,[x1,#8]: 8: multiples of 16 from 0 to 65520 are accepted"},
		{"repeat i 0 3", "1: no end"},
		{"end", "1: end without repeat or macro"},
		{"repeat i 0 x\nend", "1: repeat i from 0 to x: two integers are wanted"},
		{"macro A x\nend\nA 1 2", "3: A has 1 operands, 2 are given"},
		{"repeat i 0 1\n{i/0}\nend", "2: {i/0}: 0 / 0: + - * / % are accepted"},
		{"repeat i 0 999\nrepeat j 0 999\nNOP\nend\nend", "3: templates make more than 100000 lines"},
		{"repeat i 0 1\nmacro A\nend\nend", "2: macro NAME operand ... is wanted"},
		{"macro A\nA\nend\nA", "2: A calls itself"},
	} {
		_, err := arm64.translate(c.source)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.source, err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel.neon")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(path); err == nil || !strings.Contains(err.Error(), "_arm64.neon or ..._arm.neon") {
		t.Error(err)
	}
}
