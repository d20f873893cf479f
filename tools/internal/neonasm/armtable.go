package main

import "strings"

// arm has the Advanced SIMD instructions of ARMv7-A, as the Arm Architecture Reference
// Manual ARMv7-A and ARMv7-R edition has them in section A7.4 to A7.8.
var arm = architecture{
	triple:   "armv7a",
	features: "+neon",
	fields: map[string]field{
		"qd": {max: 15, places: []uint8{13, 14, 15, 22}},
		"qn": {max: 15, places: []uint8{17, 18, 19, 7}},
		"qm": {max: 15, places: []uint8{1, 2, 3, 5}},
		"dd": {max: 31, places: []uint8{12, 13, 14, 15, 22}},
		"dn": {max: 31, places: []uint8{16, 17, 18, 19, 7}},
		"dm": {max: 31, places: []uint8{0, 1, 2, 3, 5}},
		"sd": {max: 31, places: []uint8{22, 12, 13, 14, 15}},
		"sn": {max: 31, places: []uint8{7, 16, 17, 18, 19}},
		"sm": {max: 31, places: []uint8{5, 0, 1, 2, 3}},
		"ds": {max: 15, places: from(0, 4)}, // the register of a lane of 32 bits
		"is": {max: 1, places: []uint8{5}},
		"dh": {max: 7, places: from(0, 3)}, // of 16 bits
		"ih": {max: 3, places: []uint8{3, 5}},
		"jb": {max: 7, places: from(17, 3)}, // lanes of vdup
		"jh": {max: 3, places: from(18, 2)},
		"js": {max: 1, places: from(19, 1)},
		"ks": {max: 1, places: []uint8{7}}, // lanes of vld1 and vst1
		"kh": {max: 3, places: []uint8{6, 7}},
		"xs": {max: 1, places: []uint8{21}}, // lanes of vmov
		"rt": {max: 14, places: from(12, 4)},
		"rn": {max: 14, places: from(16, 4)},
		"rm": {max: 12, places: from(0, 4)},
		"lb": {max: 7, plus: 8, places: from(16, 6)},
		"lh": {max: 15, plus: 16, places: from(16, 6)},
		"ls": {max: 31, plus: 32, places: from(16, 6)},
		"rb": {min: 1, max: 8, plus: 16, times: -1, places: from(16, 6)},
		"rh": {min: 1, max: 16, plus: 32, times: -1, places: from(16, 6)},
		"rs": {min: 1, max: 32, plus: 64, times: -1, places: from(16, 6)},
		"e":  {max: 15, places: from(8, 4)}, // of vext
	},
	sets: map[string]set{
		// Sizes where bits 20 and 21 say them, and where 18 and 19 do.
		"I":  {{[]string{"8"}, 0}, {[]string{"16"}, 1 << 20}, {[]string{"32"}, 2 << 20}},
		"J":  {{[]string{"8"}, 0}, {[]string{"16"}, 1 << 18}, {[]string{"32"}, 2 << 18}},
		"I2": {{[]string{"16"}, 1 << 20}, {[]string{"32"}, 2 << 20}},
		// Narrow and wide.
		"N": {{[]string{"8", "16"}, 0}, {[]string{"16", "32"}, 1 << 18}, {[]string{"32", "64"}, 2 << 18}},
		// Of loads and stores.
		"M": {{[]string{"8"}, 0}, {[]string{"16"}, 1 << 6}, {[]string{"32"}, 2 << 6}},
	},
	rows: bothLengths(
		// Three of the same kind.
		row{"vadd.i<I> R<d>, R<n>, R<m>", 0xf2000800},
		row{"vsub.i<I> R<d>, R<n>, R<m>", 0xf3000800},
		row{"vmul.i<I> R<d>, R<n>, R<m>", 0xf2000910},
		row{"vmla.i<I> R<d>, R<n>, R<m>", 0xf2000900},
		row{"vmax.s<I> R<d>, R<n>, R<m>", 0xf2000600},
		row{"vmax.u<I> R<d>, R<n>, R<m>", 0xf3000600},
		row{"vmin.s<I> R<d>, R<n>, R<m>", 0xf2000610},
		row{"vmin.u<I> R<d>, R<n>, R<m>", 0xf3000610},
		row{"vcgt.s<I> R<d>, R<n>, R<m>", 0xf2000300},
		row{"vcgt.u<I> R<d>, R<n>, R<m>", 0xf3000300},
		row{"vcge.s<I> R<d>, R<n>, R<m>", 0xf2000310},
		row{"vceq.i<I> R<d>, R<n>, R<m>", 0xf3000810},
		row{"vtst.<I> R<d>, R<n>, R<m>", 0xf2000810},
		row{"vshl.s<I> R<d>, R<m>, R<n>", 0xf2000400},
		row{"vshl.u<I> R<d>, R<m>, R<n>", 0xf3000400},
		row{"vand R<d>, R<n>, R<m>", 0xf2000110},
		row{"vbic R<d>, R<n>, R<m>", 0xf2100110},
		row{"vorr R<d>, R<n>, R<m>", 0xf2200110},
		row{"vorn R<d>, R<n>, R<m>", 0xf2300110},
		row{"veor R<d>, R<n>, R<m>", 0xf3000110},
		row{"vbsl R<d>, R<n>, R<m>", 0xf3100110},
		row{"vbit R<d>, R<n>, R<m>", 0xf3200110},
		row{"vbif R<d>, R<n>, R<m>", 0xf3300110},
		row{"vadd.f32 R<d>, R<n>, R<m>", 0xf2000d00},
		row{"vsub.f32 R<d>, R<n>, R<m>", 0xf2200d00},
		row{"vmul.f32 R<d>, R<n>, R<m>", 0xf3000d10},
		row{"vmla.f32 R<d>, R<n>, R<m>", 0xf2000d10},
		row{"vmls.f32 R<d>, R<n>, R<m>", 0xf2200d10},
		row{"vmax.f32 R<d>, R<n>, R<m>", 0xf2000f00},
		row{"vmin.f32 R<d>, R<n>, R<m>", 0xf2200f00},
		row{"vabd.f32 R<d>, R<n>, R<m>", 0xf3200d00},
		row{"vcgt.f32 R<d>, R<n>, R<m>", 0xf3200e00},
		row{"vcge.f32 R<d>, R<n>, R<m>", 0xf3000e00},
		row{"vceq.f32 R<d>, R<n>, R<m>", 0xf2000e00},
		row{"vrecps.f32 R<d>, R<n>, R<m>", 0xf2000f10},
		row{"vrsqrts.f32 R<d>, R<n>, R<m>", 0xf2200f10},
		row{"vpadd.i<I> d<dd>, d<dn>, d<dm>", 0xf2000b10},
		row{"vpadd.f32 d<dd>, d<dn>, d<dm>", 0xf3000d00},
		row{"vpmax.f32 d<dd>, d<dn>, d<dm>", 0xf3000f00},
		row{"vpmin.f32 d<dd>, d<dn>, d<dm>", 0xf3200f00},

		// Of single numbers.
		row{"vadd.f32 s<sd>, s<sn>, s<sm>", 0xee300a00},
		row{"vsub.f32 s<sd>, s<sn>, s<sm>", 0xee300a40},
		row{"vmul.f32 s<sd>, s<sn>, s<sm>", 0xee200a00},
		row{"vdiv.f32 s<sd>, s<sn>, s<sm>", 0xee800a00},

		// Three of which one is wide.
		row{"vmull.s<I> q<qd>, d<dn>, d<dm>", 0xf2800c00},
		row{"vmull.u<I> q<qd>, d<dn>, d<dm>", 0xf3800c00},
		row{"vmlal.s<I> q<qd>, d<dn>, d<dm>", 0xf2800800},
		row{"vmlal.u<I> q<qd>, d<dn>, d<dm>", 0xf3800800},
		row{"vaddw.s<I> q<qd>, q<qn>, d<dm>", 0xf2800100},
		row{"vaddw.u<I> q<qd>, q<qn>, d<dm>", 0xf3800100},
		row{"vaddl.s<I> q<qd>, d<dn>, d<dm>", 0xf2800000},
		row{"vaddl.u<I> q<qd>, d<dn>, d<dm>", 0xf3800000},
		row{"vsubl.s<I> q<qd>, d<dn>, d<dm>", 0xf2800200},
		row{"vsubl.u<I> q<qd>, d<dn>, d<dm>", 0xf3800200},

		// With a lane.
		row{"vmla.f32 q<qd>, q<qn>, d<ds>[<is>]", 0xf3a00140},
		row{"vmla.f32 d<dd>, d<dn>, d<ds>[<is>]", 0xf2a00140},
		row{"vmls.f32 q<qd>, q<qn>, d<ds>[<is>]", 0xf3a00540},
		row{"vmls.f32 d<dd>, d<dn>, d<ds>[<is>]", 0xf2a00540},
		row{"vmul.f32 q<qd>, q<qn>, d<ds>[<is>]", 0xf3a00940},
		row{"vmul.f32 d<dd>, d<dn>, d<ds>[<is>]", 0xf2a00940},
		row{"vmull.s16 q<qd>, d<dn>, d<dh>[<ih>]", 0xf2900a40},
		row{"vmlal.s16 q<qd>, d<dn>, d<dh>[<ih>]", 0xf2900240},

		// Two.
		row{"vcnt.8 R<d>, R<m>", 0xf3b00500},
		row{"vmvn R<d>, R<m>", 0xf3b00580},
		row{"vneg.s<J> R<d>, R<m>", 0xf3b10380},
		row{"vabs.s<J> R<d>, R<m>", 0xf3b10300},
		row{"vneg.f32 R<d>, R<m>", 0xf3b90780},
		row{"vabs.f32 R<d>, R<m>", 0xf3b90700},
		row{"vpaddl.u<J> R<d>, R<m>", 0xf3b00280},
		row{"vpaddl.s<J> R<d>, R<m>", 0xf3b00200},
		row{"vpadal.u<J> R<d>, R<m>", 0xf3b00680},
		row{"vpadal.s<J> R<d>, R<m>", 0xf3b00600},
		row{"vcgt.s<J> R<d>, R<m>, #0", 0xf3b10000},
		row{"vcge.s<J> R<d>, R<m>, #0", 0xf3b10080},
		row{"vceq.i<J> R<d>, R<m>, #0", 0xf3b10100},
		row{"vclt.s<J> R<d>, R<m>, #0", 0xf3b10200},
		row{"vcgt.f32 R<d>, R<m>, #0", 0xf3b90400},
		row{"vcge.f32 R<d>, R<m>, #0", 0xf3b90480},
		row{"vceq.f32 R<d>, R<m>, #0", 0xf3b90500},
		row{"vclt.f32 R<d>, R<m>, #0", 0xf3b90600},
		row{"vrecpe.f32 R<d>, R<m>", 0xf3bb0500},
		row{"vrsqrte.f32 R<d>, R<m>", 0xf3bb0580},
		row{"vcvt.f32.s32 R<d>, R<m>", 0xf3bb0600},
		row{"vcvt.f32.u32 R<d>, R<m>", 0xf3bb0680},
		row{"vcvt.s32.f32 R<d>, R<m>", 0xf3bb0700},
		row{"vcvt.u32.f32 R<d>, R<m>", 0xf3bb0780},
		row{"vrev64.<J> R<d>, R<m>", 0xf3b00000},
		row{"vswp R<d>, R<m>", 0xf3b20000},
		row{"vtrn.<J> R<d>, R<m>", 0xf3b20080},
		row{"vzip.<J> q<qd>, q<qm>", 0xf3b201c0},
		row{"vuzp.<J> q<qd>, q<qm>", 0xf3b20140},
		row{"vmovn.i<N.1> d<dd>, q<qm>", 0xf3b20200},
		row{"vqmovn.s<N.1> d<dd>, q<qm>", 0xf3b20280},
		row{"vqmovn.u<N.1> d<dd>, q<qm>", 0xf3b202c0},
		row{"vqmovun.s<N.1> d<dd>, q<qm>", 0xf3b20240},
		row{"vmovl.s8 q<qd>, d<dm>", 0xf2880a10},
		row{"vmovl.s16 q<qd>, d<dm>", 0xf2900a10},
		row{"vmovl.u8 q<qd>, d<dm>", 0xf3880a10},
		row{"vmovl.u16 q<qd>, d<dm>", 0xf3900a10},
		row{"vext.8 q<qd>, q<qn>, q<qm>, #<e>", 0xf2b00040},

		// Shifts.
		row{"vshl.i8 R<d>, R<m>, #<lb>", 0xf2800510},
		row{"vshl.i16 R<d>, R<m>, #<lh>", 0xf2800510},
		row{"vshl.i32 R<d>, R<m>, #<ls>", 0xf2800510},
		row{"vsli.32 R<d>, R<m>, #<ls>", 0xf3800510},
		row{"vshr.s8 R<d>, R<m>, #<rb>", 0xf2800010},
		row{"vshr.s16 R<d>, R<m>, #<rh>", 0xf2800010},
		row{"vshr.s32 R<d>, R<m>, #<rs>", 0xf2800010},
		row{"vshr.u8 R<d>, R<m>, #<rb>", 0xf3800010},
		row{"vshr.u16 R<d>, R<m>, #<rh>", 0xf3800010},
		row{"vshr.u32 R<d>, R<m>, #<rs>", 0xf3800010},
		row{"vsri.32 R<d>, R<m>, #<rs>", 0xf3800410},

		// Lanes.
		row{"vdup.8 R<d>, d<dm>[<jb>]", 0xf3b10c00},
		row{"vdup.16 R<d>, d<dm>[<jh>]", 0xf3b20c00},
		row{"vdup.32 R<d>, d<dm>[<js>]", 0xf3b40c00},
		row{"vdup.8 q<qn>, r<rt>", 0xeee00b10},
		row{"vdup.32 q<qn>, r<rt>", 0xeea00b10},
		row{"vmov.32 r<rt>, d<dn>[<xs>]", 0xee100b10},
		row{"vmov.32 d<dn>[<xs>], r<rt>", 0xee000b10},
		row{"vmov r<rt>, r<rn>, d<dm>", 0xec500b10},
		row{"vmov.i32 R<d>, #0", 0xf2800010},

		// Loads and stores.
		row{"vld1.<M> {d<dd>}, [r<rn>]", 0xf420070f},
		row{"vld1.<M> {d<dd>}, [r<rn>]!", 0xf420070d},
		row{"vld1.<M> {d<dd>}, [r<rn>], r<rm>", 0xf4200700},
		row{"vld1.<M> {d<dd>, d<dd+1>}, [r<rn>]", 0xf4200a0f},
		row{"vld1.<M> {d<dd>, d<dd+1>}, [r<rn>]!", 0xf4200a0d},
		row{"vld1.<M> {d<dd>, d<dd+1>}, [r<rn>], r<rm>", 0xf4200a00},
		row{"vld1.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>]", 0xf420020f},
		row{"vld1.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>]!", 0xf420020d},
		row{"vld1.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>], r<rm>", 0xf4200200},
		row{"vst1.<M> {d<dd>}, [r<rn>]", 0xf400070f},
		row{"vst1.<M> {d<dd>}, [r<rn>]!", 0xf400070d},
		row{"vst1.<M> {d<dd>}, [r<rn>], r<rm>", 0xf4000700},
		row{"vst1.<M> {d<dd>, d<dd+1>}, [r<rn>]", 0xf4000a0f},
		row{"vst1.<M> {d<dd>, d<dd+1>}, [r<rn>]!", 0xf4000a0d},
		row{"vst1.<M> {d<dd>, d<dd+1>}, [r<rn>], r<rm>", 0xf4000a00},
		row{"vst1.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>]", 0xf400020f},
		row{"vst1.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>]!", 0xf400020d},
		row{"vst1.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>], r<rm>", 0xf4000200},
		row{"vld4.<M> {d<dd>, d<dd+1>, d<dd+2>, d<dd+3>}, [r<rn>]!", 0xf420000d},
		row{"vld1.32 {d<dd>[<ks>]}, [r<rn>]", 0xf4a0080f},
		row{"vld1.32 {d<dd>[<ks>]}, [r<rn>]!", 0xf4a0080d},
		row{"vst1.32 {d<dd>[<ks>]}, [r<rn>]", 0xf480080f},
		row{"vst1.32 {d<dd>[<ks>]}, [r<rn>]!", 0xf480080d},
		row{"vst1.16 {d<dd>[<kh>]}, [r<rn>]", 0xf480040f},
		row{"vld1.32 {d<dd>[]}, [r<rn>]", 0xf4a00c8f},
		row{"vld1.32 {d<dd>[], d<dd+1>[]}, [r<rn>]", 0xf4a00caf},
		row{"vld1.32 {d<dd>[], d<dd+1>[]}, [r<rn>]!", 0xf4a00cad},
	),
}

// bothLengths makes two rows of each that has a register R: q, with bit 6, and d.
func bothLengths(rows ...row) []row {
	var out []row
	for _, r := range rows {
		if !strings.Contains(r.pattern, "R<") {
			out = append(out, r)
			continue
		}
		out = append(out,
			row{strings.ReplaceAll(r.pattern, "R<", "q<q"), r.word | 1<<6},
			row{strings.ReplaceAll(r.pattern, "R<", "d<d"), r.word})
	}
	return out
}
