package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseHeader reads the dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
// with its keys in any order.
func parseHeader(text string) (header, error) {
	p := literal{rest: text}
	var h header
	seen := map[string]bool{}
	if err := p.expect("{"); err != nil {
		return h, err
	}
	for !p.accept("}") {
		key, err := p.str()
		if err != nil {
			return h, err
		}
		if seen[key] {
			return h, fmt.Errorf("key %q twice", key)
		}
		seen[key] = true
		if err := p.expect(":"); err != nil {
			return h, err
		}
		switch key {
		case "descr":
			err = p.descr(&h)
		case "fortran_order":
			h.fortran, err = p.boolean()
		case "shape":
			h.shape, err = p.tuple()
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		if err != nil {
			return h, err
		}
		if !p.accept(",") {
			if err := p.expect("}"); err != nil {
				return h, err
			}
			break
		}
	}
	if rest := strings.TrimSpace(p.rest); rest != "" {
		return h, fmt.Errorf("%.20q after the dictionary", rest)
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return h, fmt.Errorf("key %q is missing", key)
		}
	}
	return h, nil
}

// literal scans the few kinds of Python literal that a header holds.
type literal struct{ rest string }

func (p *literal) accept(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *literal) expect(token string) error {
	if !p.accept(token) {
		return fmt.Errorf("expected %q before %.20q", token, p.rest)
	}
	return nil
}

func (p *literal) str() (string, error) {
	quote := "'"
	if !p.accept(quote) {
		if quote = `"`; !p.accept(quote) {
			return "", fmt.Errorf("expected a string before %.20q", p.rest)
		}
	}
	s, rest, ok := strings.Cut(p.rest, quote)
	if !ok {
		return "", errors.New("string without an end")
	}
	p.rest = rest
	return s, nil
}

func (p *literal) boolean() (bool, error) {
	switch {
	case p.accept("True"):
		return true, nil
	case p.accept("False"):
		return false, nil
	}
	return false, fmt.Errorf("expected True or False before %.20q", p.rest)
}

func (p *literal) tuple() ([]int, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	dims := []int{}
	for !p.accept(")") {
		end := strings.IndexFunc(p.rest, func(r rune) bool { return r < '0' || r > '9' })
		if end <= 0 {
			return nil, fmt.Errorf("expected a dimension before %.20q", p.rest)
		}
		d, err := strconv.Atoi(p.rest[:end])
		if err != nil {
			return nil, fmt.Errorf("dimension %.24s does not fit an int", p.rest[:end])
		}
		if len(dims) == maxRank {
			return nil, fmt.Errorf("more than %d dimensions", maxRank)
		}
		dims = append(dims, d)
		p.rest = p.rest[end:]
		p.accept("L") // Python 2 wrote long integers so
		if !p.accept(",") {
			if err := p.expect(")"); err != nil {
				return nil, err
			}
			break
		}
	}
	return dims, nil
}

// descr reads a type such as '<f4' or '|b1'. Lists describe records, which no model takes.
func (p *literal) descr(h *header) error {
	if p.accept("[") {
		return errors.New("record arrays are not supported")
	}
	s, err := p.str()
	if err != nil {
		return err
	}
	order, code := "", s
	if s != "" && strings.Contains("<>=|", s[:1]) {
		order, code = s[:1], s[1:]
	}
	if code == "?" {
		code = "b1"
	}
	dtype, ok := kinds[code]
	if !ok {
		return fmt.Errorf("element type %q: accepted are bool, int8 to int64, uint8 to uint64, float16 to float64", s)
	}
	h.dtype = dtype
	h.bigEndian = order == ">"
	return nil
}
