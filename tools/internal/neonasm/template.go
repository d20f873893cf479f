package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// line is a line of a source, or what a template makes of it.
type line struct {
	number int
	text   string
}

// macro is a named template.
type macro struct {
	names []string
	body  []line
}

// maxLines bounds what templates expand to.
const maxLines = 100_000

// expander holds the macros seen so far and the lines written so far.
type expander struct {
	macros map[string]macro
	open   map[string]bool // the macros being expanded
	out    []line
}

// expand writes out the templates of a source. Comment lines of a template are left out.
func expand(source string) ([]line, error) {
	var lines []line
	for i, text := range strings.Split(strings.TrimSuffix(source, "\n"), "\n") {
		lines = append(lines, line{i + 1, text})
	}
	e := expander{macros: map[string]macro{}, open: map[string]bool{}}
	if err := e.lines(lines, map[string]string{}, false); err != nil {
		return nil, err
	}
	return e.out, nil
}

// lines expands a part of a source with the values that names stand for.
func (e *expander) lines(lines []line, values map[string]string, inside bool) error {
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		words := strings.Fields(l.text)
		if len(words) == 0 {
			words = []string{""}
		}
		name, err := substitute(words[0], values)
		if err != nil {
			return fmt.Errorf("%d: %w", l.number, err)
		}
		called, isCall := e.macros[name]
		switch {
		case words[0] == "macro" || words[0] == "repeat":
			n, err := blockLength(lines[i:])
			if err != nil {
				return err
			}
			body := lines[i+1:][:n]
			i += n + 1
			if words[0] == "repeat" {
				err = e.repeat(l, body, values)
			} else {
				err = e.define(l, words[1:], body, inside)
			}
			if err != nil {
				return err
			}
		case words[0] == "end":
			return fmt.Errorf("%d: end without repeat or macro", l.number)
		case isCall:
			text, err := substitute(l.text, values)
			if err != nil {
				return fmt.Errorf("%d: %w", l.number, err)
			}
			args := strings.Fields(text)[1:]
			if len(args) != len(called.names) {
				return fmt.Errorf("%d: %s has %d operands, %d are given", l.number, name, len(called.names), len(args))
			}
			if e.open[name] {
				return fmt.Errorf("%d: %s calls itself", l.number, name)
			}
			inner := map[string]string{}
			for j, operand := range called.names {
				inner[operand] = args[j]
			}
			e.open[name] = true
			if err := e.lines(called.body, inner, true); err != nil {
				return err
			}
			delete(e.open, name)
		case inside && strings.HasPrefix(words[0], "//"):
		default:
			text, err := substitute(l.text, values)
			if err != nil {
				return fmt.Errorf("%d: %w", l.number, err)
			}
			if len(e.out) == maxLines {
				return fmt.Errorf("%d: templates make more than %d lines", l.number, maxLines)
			}
			e.out = append(e.out, line{l.number, text})
		}
	}
	return nil
}

// blockLength is the number of lines between the first line and its end.
func blockLength(lines []line) (int, error) {
	depth := 0
	for i, l := range lines {
		words := strings.Fields(l.text)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "repeat", "macro":
			depth++
		case "end":
			if depth--; depth == 0 {
				return i - 1, nil
			}
		}
	}
	return 0, fmt.Errorf("%d: no end", lines[0].number)
}

func (e *expander) define(l line, words []string, body []line, inside bool) error {
	if inside || len(words) == 0 || words[0] != strings.ToUpper(words[0]) {
		return fmt.Errorf("%d: macro NAME operand ... is wanted, NAME in upper case, outside of templates", l.number)
	}
	e.macros[words[0]] = macro{words[1:], body}
	return nil
}

func (e *expander) repeat(l line, body []line, values map[string]string) error {
	text, err := substitute(l.text, values)
	if err != nil {
		return fmt.Errorf("%d: %w", l.number, err)
	}
	words := strings.Fields(text)
	if len(words) != 4 {
		return fmt.Errorf("%d: repeat NAME first last is wanted", l.number)
	}
	first, err1 := strconv.Atoi(words[2])
	last, err2 := strconv.Atoi(words[3])
	if err1 != nil || err2 != nil || last-first > maxLines {
		return fmt.Errorf("%d: repeat %s from %s to %s: two integers are wanted", l.number, words[1], words[2], words[3])
	}
	inner := maps.Clone(values)
	for i := first; i <= last; i++ {
		inner[words[1]] = strconv.Itoa(i)
		if err := e.lines(body, inner, true); err != nil {
			return err
		}
	}
	return nil
}

var braces = regexp.MustCompile(`\{[^{}]*\}`)

// substitute puts values in place of {expressions}.
func substitute(text string, values map[string]string) (string, error) {
	var failed error
	text = braces.ReplaceAllStringFunc(text, func(match string) string {
		inside := match[1 : len(match)-1]
		if value, ok := values[inside]; ok {
			return value
		}
		expr, err := parser.ParseExpr(inside)
		if err != nil || !isKnown(expr, values) {
			return match
		}
		n, err := evaluate(expr, values)
		if err != nil {
			failed = fmt.Errorf("%s: %w", match, err)
		}
		return strconv.Itoa(n)
	})
	return text, failed
}

// isKnown says whether an expression has only names with values.
func isKnown(expr ast.Expr, values map[string]string) bool {
	known := true
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			_, has := values[n.Name]
			known = known && has
		case nil, *ast.BinaryExpr, *ast.BasicLit, *ast.ParenExpr, *ast.UnaryExpr:
		default:
			known = false
		}
		return known
	})
	return known
}

func evaluate(expr ast.Expr, values map[string]string) (int, error) {
	switch e := expr.(type) {
	case *ast.Ident:
		return strconv.Atoi(values[e.Name])
	case *ast.BasicLit:
		return strconv.Atoi(e.Value)
	case *ast.ParenExpr:
		return evaluate(e.X, values)
	case *ast.BinaryExpr:
		x, err := evaluate(e.X, values)
		if err != nil {
			return 0, err
		}
		y, err := evaluate(e.Y, values)
		if err != nil {
			return 0, err
		}
		return apply(e.Op, x, y)
	}
	return 0, fmt.Errorf("only integers, names and + - * / %% are accepted")
}

func apply(op token.Token, x, y int) (int, error) {
	switch {
	case op == token.ADD:
		return x + y, nil
	case op == token.SUB:
		return x - y, nil
	case op == token.MUL:
		return x * y, nil
	case op == token.QUO && y != 0:
		return x / y, nil
	case op == token.REM && y != 0:
		return x % y, nil
	}
	return 0, fmt.Errorf("%d %s %d: + - * / %% are accepted", x, op, y)
}
