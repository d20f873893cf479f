package exporter

import "github.com/lce-go/lce/schema"

// Operators that pick, place and sort elements. They are on maps seldom: their operands
// are as they are.

func exportNonZero(c *call) error { return c.result("NonZero", c.plains()) }

func exportOneHot(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	return c.result("OneHot", c.plains(), integer("axis", int64(o.Axis)))
}

func exportGatherElements(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	return c.result("GatherElements", c.plains(), integer("axis", int64(o.Axis)))
}

func exportGatherND(c *call) error {
	o, err := options[*schema.AxisOptions](c)
	if err != nil {
		return err
	}
	return c.result("GatherND", c.plains(), integer("batch_dims", int64(o.Axis)))
}

var scatterForms = map[schema.ScatterKind]string{
	schema.ScatterNone: "none", schema.ScatterAdd: "add", schema.ScatterMul: "mul", schema.ScatterMax: "max", schema.ScatterMin: "min",
}

func exportScatterElements(c *call) error {
	o, err := options[*schema.ScatterOptions](c)
	if err != nil {
		return err
	}
	return c.result("ScatterElements", c.plains(), integer("axis", int64(o.Axis)), text("reduction", scatterForms[o.Reduction]))
}

func exportScatterND(c *call) error {
	o, err := options[*schema.ScatterOptions](c)
	if err != nil {
		return err
	}
	return c.result("ScatterND", c.plains(), text("reduction", scatterForms[o.Reduction]))
}

func exportArgReduce(c *call) error {
	o, err := options[*schema.ArgOptions](c)
	if err != nil {
		return err
	}
	op := "ArgMax"
	if o.Min {
		op = "ArgMin"
	}
	return c.result(op, c.plains(), integer("axis", int64(o.Axis)), flag("keepdims", o.KeepDims), flag("select_last_index", o.Last))
}

func exportTopK(c *call) error {
	o, err := options[*schema.TopKOptions](c)
	if err != nil {
		return err
	}
	k := c.list(1)
	if c.in[1].DType != schema.Int64 {
		k = c.cast("k", k, schema.Int64)
	}
	c.results("TopK", []*value{c.plain(0), k}, integer("axis", int64(o.Axis)), flag("largest", !o.Smallest), integer("sorted", 1))
	return nil
}

func exportCumSum(c *call) error {
	o, err := options[*schema.CumSumOptions](c)
	if err != nil {
		return err
	}
	return c.result("CumSum", []*value{c.plain(0), c.scalar(1)}, flag("exclusive", o.Exclusive), flag("reverse", o.Reverse))
}

func exportTrilu(c *call) error {
	o, err := options[*schema.TriluOptions](c)
	if err != nil {
		return err
	}
	return c.result("Trilu", []*value{c.plain(0), c.scalar(1)}, flag("upper", !o.Lower))
}

func exportReverseSequence(c *call) error {
	o, err := options[*schema.ReverseSequenceOptions](c)
	if err != nil {
		return err
	}
	return c.result("ReverseSequence", c.plains(), integer("batch_axis", int64(o.BatchAxis)), integer("time_axis", int64(o.TimeAxis)))
}
