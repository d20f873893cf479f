//go:build !noasm

package peak

import "github.com/lce-go/lce/kernels/isa"

// Loops of n times 20 x (xor, popcount, add) on 512-bit registers, 4 x (3 look-ups that
// are added up) on 512-bit or 256-bit registers, and 24 or 12 fused multiply-adds.

//go:noescape
func binary_avx512popcnt(n int)

//go:noescape
func binary_avx512(n int)

//go:noescape
func binary_avx2(n int)

//go:noescape
func fma_avx512(n int)

//go:noescape
func fma_avx2(n int)

// Loops that load blocks of 512 bytes; blocks > 0.

//go:noescape
func read_avx512(p *byte, blocks int)

//go:noescape
func read_avx2(p *byte, blocks int)

func binaryLoops() []loop {
	return []loop{
		{name: "xor, popcount and add of 512 bits", needs: isa.AVX512Popcnt, macs: 20 * 512, n: 3000, run: binary_avx512popcnt},
		{name: "table look-ups for two pixels and adds of 512 bits", needs: isa.AVX512, macs: 4 * 3 * 2 * 4 * 64, n: 5000, run: binary_avx512},
		{name: "table look-ups for two pixels and adds of 256 bits", needs: isa.AVX2, macs: 4 * 3 * 2 * 4 * 32, n: 8000, run: binary_avx2},
		binaryGeneric,
	}
}

func floatLoops() []loop {
	return []loop{
		{name: "fused multiply-adds of 512 bits", needs: isa.AVX512, macs: 24 * 16, n: 8000, run: fma_avx512},
		{name: "fused multiply-adds of 256 bits", needs: isa.AVX2, macs: 12 * 8, n: 16000, run: fma_avx2},
		floatGeneric,
	}
}

func readers() []reader {
	return []reader{
		{needs: isa.AVX512, read: func(p []byte, blocks int) { read_avx512(&p[0], blocks) }},
		{needs: isa.AVX2, read: func(p []byte, blocks int) { read_avx2(&p[0], blocks) }},
		readerGeneric,
	}
}
