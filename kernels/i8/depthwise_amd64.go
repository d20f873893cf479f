//go:build !noasm

package i8

// The functions compute what depthwiseTile says for as many channels as is in their name.

//go:noescape
func depthwise32VNNI(a *depthwiseArgs)

//go:noescape
func depthwise16AVX2(a *depthwiseArgs)

func depthwiseVNNI(d *depthwise, t *depthwiseTile) {
	for c := 0; c < t.width; c += 32 {
		a := d.arguments(t, c, 1)
		depthwise32VNNI(&a)
	}
}

func depthwiseAVX2(d *depthwise, t *depthwiseTile) {
	for c := 0; c < t.width; c += 16 {
		a := d.arguments(t, c, 2)
		depthwise16AVX2(&a)
	}
}
