// Package script tests the commands as a user calls them.
package script

import (
	"archive/zip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lce-go/lce/tools/internal/bench"
	"github.com/lce-go/lce/tools/internal/cli"
	"github.com/lce-go/lce/tools/internal/convert"
	"github.com/lce-go/lce/tools/internal/inspect"
	"github.com/lce-go/lce/tools/internal/npy"
	"github.com/lce-go/lce/tools/internal/run"
)

func TestMain(m *testing.M) {
	commands := map[string]func(){}
	for _, c := range []*cli.Command{&convert.Command, &run.Command, &inspect.Command, &bench.Command} {
		commands[c.Name] = c.Main
	}
	testscript.Main(m, commands)
}

func TestScripts(t *testing.T) {
	data, err := filepath.Abs("../../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATA", data)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": status,
			"npy":    describe,
			"member": member,
		},
	})
}

// status CODE COMMAND ARGS... runs a command and checks its exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if (got == args[0]) == neg {
		ts.Fatalf("%s: exit status %s", strings.Join(args[1:], " "), got)
	}
}

// npy FILE prints the arrays of a .npy or .npz file, for stdout to look at.
func describe(ts *testscript.TestScript, _ bool, args []string) {
	arrays, err := npy.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, a := range arrays {
		fmt.Fprintln(ts.Stdout(), strings.TrimSpace(fmt.Sprint(a.Name, " ", a.DType, " ", a.Shape)))
	}
}

// member ZIP NAME FILE writes a member of a zip to a file.
func member(ts *testscript.TestScript, _ bool, args []string) {
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	data, err := fs.ReadFile(z, args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data, 0o600))
}

// TestInterrupted shows that a command ends, with an error and no file, once its
// context is done.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := filepath.Join(t.TempDir(), "out.lce")
	var stderr strings.Builder
	got := convert.Command.Run(ctx, cli.Streams{Out: &strings.Builder{}, Err: &stderr},
		[]string{"../../../testdata/models/fashion_mlp_kept_op11.onnx", "-o", out})
	if got != 1 || stderr.Len() == 0 {
		t.Errorf("exit status %d, %q, want 1 and a message", got, stderr.String())
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("an interrupted conversion left a file")
	}
}
