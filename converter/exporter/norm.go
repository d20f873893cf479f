package exporter

import "github.com/lce-go/lce/schema"

// exportLayerNorm gives ONNX the scale that it needs.
func exportLayerNorm(c *call) error {
	o, err := options[*schema.LayerNormOptions](c)
	if err != nil {
		return err
	}
	scale := c.plain(1)
	if scale == nil {
		length := c.emit("length", "Shape", []*value{c.plain(0)}, integer("start", -1))
		scale = c.emit("scale", "Expand", []*value{c.number(schema.Float32, 1), length})
	}
	return c.result("LayerNormalization", []*value{c.plain(0), scale, c.plain(2)}, integer("axis", -1), float("epsilon", o.Epsilon))
}
