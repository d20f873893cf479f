// Package cli is what the commands share: flags in GNU style, exit status,
// messages, and files that appear only when they are complete.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

// Command is one of the programs.
type Command struct {
	Name     string
	Synopsis string // operands and the like after the name in the usage line
	About    string // one paragraph
	Examples string
	// Setup declares the flags and gives back what runs once they are parsed.
	Setup func(flags *pflag.FlagSet) func(ctx context.Context, std Streams, args []string) error
}

// Streams are the standard streams of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// MaxThreads is the largest number of threads that the commands accept.
const MaxThreads = 256

// usageError asks for exit status 2.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// Usagef is an error in how the command was called.
func Usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs the command with the arguments of the process and exits: 0 when all
// went well, 1 on an error, 2 when the command was called wrongly.
func (c *Command) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := c.Run(ctx, Streams{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(status)
}

// Run runs the command and returns its exit status.
func (c *Command) Run(ctx context.Context, std Streams, args []string) int {
	flags := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.SetOutput(io.Discard)
	flags.Usage = func() {} // printed below, to the right stream
	run := c.Setup(flags)
	out := &output{w: std.Out}
	std.Out = out
	help := flags.BoolP("help", "h", false, "print this text and exit")
	version := flags.Bool("version", false, "print the version and exit")

	err := flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp) || err == nil && *help:
		_, err = fmt.Fprint(std.Out, c.usage(flags))
	case err != nil:
		err = usageError{flagError(err)}
	case *version:
		_, err = fmt.Fprintf(std.Out, "%s %s\n", c.Name, Version())
	default:
		err = run(ctx, std, flags.Args())
	}
	if err == nil {
		err = out.err
	}
	if err == nil {
		return 0
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(std.Err, "%s: %s\n", c.Name, strings.TrimRight(line, "\n"))
	}
	if errors.As(err, new(usageError)) {
		fmt.Fprintf(std.Err, "Try '%s --help'.\n", c.Name)
		return 2
	}
	return 1
}

// output notes the first error of a stream, whose writers need not look at each.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// wanted says what the flags of a type accept.
var wanted = map[string]string{
	"int":      "a whole number",
	"uint64":   "a whole number from 0",
	"float64":  "a number",
	"bool":     "true or false",
	"duration": "a duration such as 500ms or 10s",
	"intSlice": "whole numbers, separated by commas",
}

// flagError says of a value that a flag does not accept what it would.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		if want := wanted[invalid.GetFlag().Value.Type()]; want != "" {
			return fmt.Errorf("--%s %s: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
		}
	}
	return err
}

func (c *Command) usage(flags *pflag.FlagSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s %s\n\n%s\n\nOptions:\n%s", c.Name, c.Synopsis, c.About, flags.FlagUsagesWrapped(100))
	fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Examples)
	return b.String()
}

// Version is the version of the module that the program was built from.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
