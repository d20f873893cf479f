package isa

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		in     string
		want   Features
		string string
	}{
		{"generic", 0, "generic"},
		{"avx2", AVX2, "avx2"},
		{"avx512", AVX2 | AVX512, "avx2,avx512"},
		{"avx512popcnt", AVX2 | AVX512 | AVX512Popcnt, "avx2,avx512,avx512popcnt"},
		{"neon", NEON, "neon"},
		{"dotprod", NEON | DotProd, "neon,dotprod"},
		{"i8mm", NEON | DotProd | I8MM, "neon,dotprod,i8mm"},
		{"generic, neon,avx2", NEON | AVX2, "avx2,neon"},
	} {
		got, err := Parse(tc.in)
		if err != nil || got != tc.want {
			t.Errorf("Parse(%q) = %v, %v, want %v", tc.in, got, err, tc.want)
		}
		if got := got.String(); got != tc.string {
			t.Errorf("Parse(%q).String() = %q, want %q", tc.in, got, tc.string)
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("Parse(%q) = %v, %v, want %v", got.String(), again, err, got)
		}
	}
	for _, in := range []string{"", "sse9", "avx2,", "AVX2"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", in, got)
		}
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv(EnvName, "")
	all, err := FromEnv()
	if err != nil || all != cpu() {
		t.Errorf("unset: %v, %v, want %v", all, err, cpu())
	}
	refused := 0
	for _, s := range []string{"generic", "avx2", "avx512", "avx512popcnt", "neon", "dotprod", "i8mm"} {
		t.Setenv(EnvName, s)
		named, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := FromEnv()
		switch {
		case all.Has(named):
			if err != nil || got != named {
				t.Errorf("%s=%s: %v, %v, want %v", EnvName, s, got, err, named)
			}
		case err == nil || got != 0 || !strings.Contains(err.Error(), "has no "+(named&^all).String()):
			t.Errorf("%s=%s: %v, %v, want no features and an error that names what lacks", EnvName, s, got, err)
		default:
			refused++
		}
		if got != Detect() {
			t.Errorf("%s=%s: Detect() = %v, want %v", EnvName, s, Detect(), got)
		}
	}
	if refused == 0 {
		t.Error("no processor has all sets, and none was refused")
	}
	t.Setenv(EnvName, "mmx")
	if got, err := FromEnv(); err == nil || got != 0 || !strings.Contains(err.Error(), EnvName) {
		t.Errorf("%s=mmx: %v, %v, want no features and an error that names the variable", EnvName, got, err)
	}
	if got := Detect(); got != 0 {
		t.Errorf("%s=mmx: Detect() = %v, want none", EnvName, got)
	}
}

func TestLevels(t *testing.T) {
	for _, tc := range []struct {
		f    Features
		want []Features
	}{
		{0, []Features{0}},
		{AVX2, []Features{0, AVX2}},
		{AVX2 | AVX512, []Features{0, AVX2, AVX2 | AVX512}},
		{AVX512, []Features{0}}, // without what it builds on
		{NEON, []Features{0, NEON}},
		{NEON | DotProd | I8MM, []Features{0, NEON, NEON | DotProd, NEON | DotProd | I8MM}},
	} {
		if got := Levels(tc.f); !slices.Equal(got, tc.want) {
			t.Errorf("Levels(%v) = %v, want %v", tc.f, got, tc.want)
		}
	}
}
