//go:build !noasm && (amd64 || arm64 || arm)

package f32

import "math"

// geluConstants are what Erf, Gelu, Swish and Mish compute with.
type geluConstants struct {
	limit, least, square, minus float32 // of the argument of p
	root, half, one             float32
	linear, cubic               float32 // of the exponent of GeluTanh
	low, high                   float32
	round, log2e, ln2, rest     float32
	p                           [17]float32 // of erf(x)/x by x*x*square + minus
	q                           [6]float32  // of (e^r - 1)/r
	forty                       float32     // the limit of Mish
}

// erfLimit is where the error function becomes 1 as a float32.
const erfLimit = 3.9242833

// gelus has polynomials that are as good as their degrees allow, from the highest power down:
// p is within 6e-9 of erf(x)/x up to the limit, q within 2e-8 for |r| up to ln2/2.
var gelus = geluConstants{
	limit: erfLimit, least: -erfLimit, square: 2 / 15.4, minus: -1,
	root: 1 / math.Sqrt2, half: 0.5, one: 1,
	linear: -2 * sqrt2OverPi, cubic: -2 * sqrt2OverPi * 0.044715,
	low: -87, high: 89, round: 3<<22 + 127, log2e: math.Log2E, ln2: 0.693359375, rest: math.Ln2 - 0.693359375,
	p: [17]float32{
		0.000363106864, -0.000946776331, 0.00071228986, -0.00109400526, 0.0041917403, -0.00819906946,
		0.0124714875, -0.019777292, 0.0306728402, -0.0437007763, 0.0582875828, -0.0740385189,
		0.0906049902, -0.109105041, 0.133953702, -0.179916306, 0.360343636,
	},
	q:     [6]float32{0.00138888715, 0.0083690757, 0.0416671364, 0.166665062, 0.499999981, 1.00000001},
	forty: 40,
}

// sqrt2OverPi is the square root of 2/pi.
const sqrt2OverPi = math.Sqrt2 * math.SqrtPi / math.Pi
