// Package passes rewrites the graph of an imported network into one that runs
// fast: it simplifies, moves the data into NHWC order, recognizes binarized
// operators and fuses what follows them. Pipeline is the one ordered table of all
// passes.
package passes

import (
	"context"
	"fmt"

	"github.com/lce-go/lce/converter/graph"
)

// Pass is a rewrite of the graph.
type Pass struct {
	Name string
	// Run applies the rewrite wherever it fits and returns how often it did. The
	// graph it gets is inferred and valid. It infers the nodes that it inserts; the
	// driver infers all of them afterwards.
	Run func(g *graph.Graph, log *Log) (int, error)
}

// Group is a run of passes that is repeated as long as one of them applies, in at
// most Rounds rounds.
type Group struct {
	Name   string
	Rounds int
	Passes []Pass
	// NewResults marks a group that changes what the network computes, on demand. What
	// the others do is compared with the graph behind it.
	NewResults bool
}

// Options choose what the passes may do.
type Options struct {
	// KeepFinalSoftmax keeps a Softmax or LogSoftmax in front of a graph output, and
	// positive scaling there. Without it they are removed, which changes the output
	// but not the order of its elements.
	KeepFinalSoftmax bool
	// AssumeBinary names convolutions and products to make binary whatever they are.
	AssumeBinary []string
	// SignZeroPlus takes ONNX's Sign of 0 for +1 where a binary layer reads it. See
	// Log.TakenAsPlus.
	SignZeroPlus bool
	// Int8Weights stores the weights of float layers as int8 with a scale per output
	// channel, Float16 the constants of float layers, or what is left of them, as float16.
	Int8Weights, Float16 bool
}

// Log collects what the passes did and why they left operators as they are.
type Log struct {
	Reasons
	Steps []Step
	// TakenAsPlus names the Signs that give +1 for 0, by Options.SignZeroPlus.
	TakenAsPlus []string
	// TakenAsSign names the divisions by a magnitude, x/|x|, that are computed as Sign.
	TakenAsSign []string
	// Stored lists the constants that are rounded by Options.Int8Weights and Float16, and
	// KeptFloat says why others are not.
	Stored    []Stored
	KeptFloat []string

	foldBudget *int64 // bytes by which folding may still enlarge the model
}

// Step is one run of a pass that changed the graph.
type Step struct {
	Group, Pass string
	Round       int // counts from 1
	Applied     int
}

// String describes the step as in "canonical/fold-constants: 12 (round 1)".
func (s Step) String() string {
	return fmt.Sprintf("%s/%s: %d (round %d)", s.Group, s.Pass, s.Applied, s.Round)
}

// Observer follows Run. A nil function is not called.
type Observer struct {
	// Group is called before group number done of total.
	Group func(name string, done, total int)
	// Pass is called after each run of a pass, with the valid graph. An error ends Run.
	Pass func(name string, g *graph.Graph) error
}

// Run applies groups of passes in order, each to the graph and then to the bodies of its
// nodes. After each pass that changed something the graph is inferred and validated. It ends
// between passes when ctx is done.
func Run(ctx context.Context, g *graph.Graph, groups []Group, log *Log, see Observer) error {
	if err := prepare(g); err != nil {
		return err
	}
	for i, group := range groups {
		if see.Group != nil {
			see.Group(group.Name, i, len(groups))
		}
		for round := 1; round <= group.Rounds; round++ {
			applied, err := group.round(ctx, g, round, log, see)
			if err != nil {
				return err
			}
			if applied == 0 {
				break
			}
		}
		if err := group.bodies(ctx, g, log); err != nil {
			return err
		}
	}
	return nil
}

// bodies applies a group to the bodies of nodes. One that is for the outputs of the network is
// not for theirs.
func (group Group) bodies(ctx context.Context, g *graph.Graph, log *Log) error {
	if group.NewResults {
		return nil
	}
	before := len(log.Steps)
	for _, n := range g.Nodes {
		for _, b := range n.Bodies {
			if err := Run(ctx, b, []Group{group}, log, Observer{}); err != nil {
				return fmt.Errorf("graph %q: %w", b.Name, err)
			}
		}
	}
	if len(log.Steps) == before {
		return nil
	}
	return prepare(g)
}

// round runs each pass of a group once.
func (group Group) round(ctx context.Context, g *graph.Graph, round int, log *Log, see Observer) (int, error) {
	total := 0
	for _, p := range group.Passes {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := p.Run(g, log)
		if err != nil {
			return 0, fmt.Errorf("pass %s: %w", p.Name, err)
		}
		if n > 0 {
			total += n
			log.Steps = append(log.Steps, Step{group.Name, p.Name, round, n})
			if err := prepare(g); err != nil {
				return 0, fmt.Errorf("after pass %s: %w", p.Name, err)
			}
		}
		if see.Pass != nil {
			if err := see.Pass(p.Name, g); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

// prepare infers and validates.
func prepare(g *graph.Graph) error {
	if err := g.Infer(); err != nil {
		return err
	}
	return g.Validate()
}
