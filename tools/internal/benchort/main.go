package benchort

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/lce-go/lce/tools/internal/cli"
)

// Main runs the command that the first argument names and exits.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(status)
}

// run returns the exit status.
func run(ctx context.Context, std cli.Streams, args []string) int {
	var names []string
	for _, c := range commands {
		_, name, _ := strings.Cut(c.Name, " ")
		if len(args) > 0 && args[0] == name {
			return c.Run(ctx, std, args[1:])
		}
		names = append(names, name)
	}
	if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
		fmt.Fprintf(std.Out, "Usage: bench-ort %s ...; each explains itself with --help\n", strings.Join(names, "|"))
		return 0
	}
	fmt.Fprintf(std.Err, "bench-ort: want one of %s; each explains itself with --help\n", strings.Join(names, ", "))
	return 2
}
