package interpreter

import "github.com/lce-go/lce/interpreter/ops"

// meter counts the bytes that all graphs of a model take, against a limit, and what the
// loops of a run do.
type meter struct {
	limit      int64
	fixed      int64 // of graphs that are prepared
	late       int64 // whose sizes the run decided, so far
	most       int64 // of late, and of the graphs of operators, in the last run
	main       int64 // fixed of the model's own graph
	iterations int64
}

func (in *Interpreter) newMeter() *meter { return &meter{limit: in.config.maxMemory} }

// start begins a run.
func (m *meter) start(main int64) { m.main, m.late, m.most, m.iterations = main, 0, 0, 0 }

func (m *meter) used() int64 { return m.fixed + m.late }

// take counts n more bytes, for a node.
func (m *meter) take(node *ops.Node, n int64) error {
	m.late += n
	m.most = max(m.most, m.used()-m.main)
	if m.used() > m.limit {
		return node.Errorf("%w of %d bytes: %d are needed up to here", ErrMemory, m.limit, m.used())
	}
	return nil
}
