package main

import (
	"fmt"
	"strconv"
	"strings"
)

// architecture is an instruction set: its instructions and what their patterns refer to.
type architecture struct {
	triple   string // of llvm-mc
	features string // of llvm-mc
	fields   map[string]field
	sets     map[string]set
	rows     []row
}

// row is a kind of instruction: its text with <placeholders>, and its word where all
// fields are 0. A placeholder is
//
//	<d>    a number, put into the word as fields["d"] says
//	<d+1>  a number that is one more than that of <d>
//	<T>    a word of sets["T"], the same one wherever <T> stands
//	<N.1>  a word of the second column of sets["N"], in the line that the others are in
type row struct {
	pattern string
	word    uint32
}

// field says where the bits of a number go: the word has (plus + times*number) with bit i
// of it at places[i]. times is 1 where it is not given; by is what the number is a multiple
// of, 1 where it is not given.
type field struct {
	min, max, plus, times, by int
	places                    []uint8
}

// set has a line for each choice.
type set []choice

// choice is a line of a set: the words that stand for it, one a column, and its bits.
type choice struct {
	names []string
	bits  uint32
}

// from is n places from first on.
func from(first, n uint8) []uint8 {
	places := make([]uint8, n)
	for i := range places {
		places[i] = first + uint8(i)
	}
	return places
}

func (f field) encode(number int) (uint32, error) {
	by := max(1, f.by)
	if number < f.min || number > f.max || number%by != 0 {
		return 0, fmt.Errorf("%d: multiples of %d from %d to %d are accepted", number, by, f.min, f.max)
	}
	value := number / by
	if f.times != 0 {
		value *= f.times
	}
	value += f.plus
	var word uint32
	for i, place := range f.places {
		word |= uint32(value>>i&1) << place
	}
	return word, nil
}

// encode is the word of an instruction.
func (a *architecture) encode(text string) (uint32, error) {
	text = squeeze(text)
	var near []string
	mnemonic, _, _ := strings.Cut(text, " ")
	stem, _, _ := strings.Cut(mnemonic, ".")
	for _, r := range a.rows {
		first, _, _ := strings.Cut(r.pattern, " ")
		if rowStem, _, _ := strings.Cut(first, "."); rowStem != stem {
			continue
		}
		word, ok, err := a.match(squeeze(r.pattern), r.word, text)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", text, err)
		}
		if ok {
			return word, nil
		}
		near = append(near, r.pattern)
	}
	if near == nil {
		return 0, fmt.Errorf("%s: the table has no %s", text, stem)
	}
	return 0, fmt.Errorf("%s: the table has only %s", text, strings.Join(near, "; "))
}

// squeeze takes out the space behind the mnemonic's.
func squeeze(text string) string {
	mnemonic, operands, _ := strings.Cut(text, " ")
	return mnemonic + " " + strings.ReplaceAll(operands, " ", "")
}

// match compares an instruction with a pattern. A number that does not fit is an error, as
// only one pattern has the words around it.
func (a *architecture) match(pattern string, word uint32, text string) (uint32, bool, error) {
	numbers := map[string]int{}
	choices := map[string]set{} // those left
	var unfit error
	for pattern != "" {
		if pattern[0] != '<' {
			if text == "" || text[0] != pattern[0] {
				return 0, false, nil
			}
			pattern, text = pattern[1:], text[1:]
			continue
		}
		var name string
		name, pattern, _ = strings.Cut(pattern[1:], ">")
		base, column, _ := strings.Cut(name, ".")
		if choicesOf, isSet := a.sets[base]; isSet {
			col, _ := strconv.Atoi(column)
			left, seen := choices[base]
			if !seen {
				left = choicesOf
			}
			choices[base] = left.with(col, text)
			if len(choices[base]) == 0 {
				return 0, false, nil
			}
			text = text[len(choices[base][0].names[col]):]
			continue
		}
		number, rest, ok := cutNumber(text)
		if !ok {
			return 0, false, nil
		}
		text = rest
		if first, more, isMore := strings.Cut(name, "+"); isMore {
			if plus, _ := strconv.Atoi(more); number != numbers[first]+plus {
				return 0, false, nil
			}
			continue
		}
		if before, seen := numbers[name]; seen && before != number {
			return 0, false, nil
		}
		numbers[name] = number
		bits, err := a.fields[name].encode(number)
		if err != nil {
			unfit = err
		}
		word |= bits
	}
	if text != "" {
		return 0, false, nil
	}
	for _, left := range choices {
		word |= left[0].bits
	}
	return word, true, unfit
}

// with are the choices whose column has the longest word that text begins with.
func (s set) with(column int, text string) set {
	var found set
	for _, c := range s {
		switch name := c.names[column]; {
		case !strings.HasPrefix(text, name):
		case len(found) == 0 || len(name) > len(found[0].names[column]):
			found = set{c}
		case name == found[0].names[column]:
			found = append(found, c)
		}
	}
	return found
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// cutNumber takes a decimal number off the front of text.
func cutNumber(text string) (number int, rest string, ok bool) {
	n := 0
	if strings.HasPrefix(text, "-") {
		n = 1
	}
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	number, err := strconv.Atoi(text[:n])
	return number, text[n:], err == nil
}
