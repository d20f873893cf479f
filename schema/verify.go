package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// FormatVersion is the newest format version that this package reads, and the one
// it writes.
const FormatVersion = 1

// ErrMalformed is wrapped by every error about data that is not a valid model of a
// format version this package knows.
var ErrMalformed = errors.New("malformed model")

const (
	fileIdentifier = "LCE1"
	headerSize     = 8 // offset of the root table, file identifier
	offsetSize     = 4
)

// IsModel reports whether data begins as a .lce file does, whatever follows. It looks at
// eight bytes.
func IsModel(data []byte) bool {
	return len(data) >= headerSize && string(data[offsetSize:headerSize]) == fileIdentifier
}

// What Open allocates is at most allocFactor bytes for each byte of the file and
// allocBase more. Tables, strings and vectors may be shared in a file, so without a
// bound a small one could ask for any amount of memory and time.
const (
	allocFactor = 24
	allocBase   = 8 << 10
)

// verifier checks that every offset, table, vector and string that the generated
// accessors would touch lies in the file. It knows nothing of what they mean.
// Arithmetic is in 64 bits; the file is shorter than 2 GB.
type verifier struct {
	data []byte
	size int64
	used totals

	limit int64 // bytes that Open may allocate
	left  int64 // what is not spent of them
}

// totals counts what the model holds, to allocate it at once.
type totals struct {
	ints    int // elements of shapes, operands and permutations
	strings int // bytes
}

// verify checks the structure of a file and counts what decoding it takes.
func verify(data []byte) (totals, error) {
	size := int64(len(data))
	switch {
	case size < headerSize+offsetSize:
		return totals{}, fmt.Errorf("%d bytes are too few for a model", size)
	case size > math.MaxInt32:
		return totals{}, fmt.Errorf("%d bytes are more than the format's 2 GB", size)
	case !IsModel(data):
		return totals{}, fmt.Errorf("no model: file identifier %q, want %q", data[4:headerSize], fileIdentifier)
	}
	// A quarter of the address space is a bound on 32-bit machines only.
	limit := min(allocFactor*size+allocBase, math.MaxInt/4)
	v := &verifier{data: data, size: size, limit: limit, left: limit}
	root, err := v.follow(0)
	if err != nil {
		return totals{}, fmt.Errorf("root: %w", err)
	}
	if err := v.version(root); err != nil {
		return totals{}, err
	}
	if err := v.table(root, tModel); err != nil {
		return totals{}, err
	}
	return v.used, nil
}

// errNewer is a file that only a newer program understands.
type errNewer uint32

func (e errNewer) Error() string {
	return fmt.Sprintf("format version %d is newer than this program's %d", uint32(e), FormatVersion)
}

// version looks at the format version before all else: in a newer file whatever
// follows may be of kinds that are unknown here.
func (v *verifier) version(root int64) error {
	vt, err := v.vtable(root)
	if err != nil {
		return err
	}
	off, err := vt.field(0, 4, 4)
	if err != nil {
		return fmt.Errorf("format_version: %w", err)
	}
	if off == 0 {
		return nil // the default, 1
	}
	switch n := v.u32(root + off); {
	case n == 0:
		return errors.New("format version 0 does not exist")
	case n > FormatVersion:
		return errNewer(n)
	}
	return nil
}

func (v *verifier) u16(p int64) int64  { return int64(binary.LittleEndian.Uint16(v.data[p:])) }
func (v *verifier) u32(p int64) uint32 { return binary.LittleEndian.Uint32(v.data[p:]) }

// spend takes n bytes of what Open may allocate.
func (v *verifier) spend(n int64) error {
	if v.left -= n; v.left < 0 {
		return fmt.Errorf("decoding would take more than %d bytes, the limit for a file of this size: it uses parts of itself too often", v.limit)
	}
	return nil
}

// follow returns the target of the offset stored at p, which has been checked to
// lie in the file. Four bytes can be read at the target.
func (v *verifier) follow(p int64) (int64, error) {
	off := int64(v.u32(p))
	t := p + off
	switch {
	case off == 0:
		return 0, fmt.Errorf("offset at byte %d is 0", p)
	case t+offsetSize > v.size:
		return 0, fmt.Errorf("offset at byte %d leads to byte %d, past the end at %d", p, t, v.size)
	case t%offsetSize != 0:
		return 0, fmt.Errorf("offset at byte %d leads to byte %d, not a multiple of %d", p, t, offsetSize)
	}
	return t, nil
}

// vtable is a checked vtable: which fields a table has and where. It also states the
// size of the table, which means nothing: the builder shares a vtable between tables
// whose fields start at the same places, whatever the size of the last one.
type vtable struct {
	v     *verifier
	table int64 // position of the table
	pos   int64 // position of the vtable
	size  int64 // bytes of the vtable
}

func (v *verifier) vtable(p int64) (vtable, error) {
	pos := p - int64(int32(v.u32(p)))
	if pos < 0 || pos%2 != 0 || pos+4 > v.size {
		return vtable{}, fmt.Errorf("table at byte %d: vtable at byte %d, want an even position in 0..%d", p, pos, v.size-4)
	}
	vt := vtable{v: v, table: p, pos: pos, size: v.u16(pos)}
	if vt.size < 4 || vt.size%2 != 0 || pos+vt.size > v.size {
		return vtable{}, fmt.Errorf("table at byte %d: vtable of %d bytes at byte %d, the file has %d", p, vt.size, pos, v.size)
	}
	return vt, nil
}

// field returns where field i of size bytes is in the table, 0 if it is absent.
func (vt vtable) field(i int, size, align int64) (int64, error) {
	slot := 4 + 2*int64(i)
	if slot+2 > vt.size {
		return 0, nil
	}
	off := vt.v.u16(vt.pos + slot)
	if off == 0 {
		return 0, nil
	}
	if off < offsetSize || vt.table+off+size > vt.v.size {
		return 0, fmt.Errorf("%d bytes at %d in the table at byte %d, the file has %d", size, off, vt.table, vt.v.size)
	}
	if (vt.table+off)%align != 0 {
		return 0, fmt.Errorf("byte %d is not a multiple of %d", vt.table+off, align)
	}
	return off, nil
}

// table checks the table at p and all that it leads to.
func (v *verifier) table(p int64, id tableID) error {
	vt, err := v.vtable(p)
	if err != nil {
		return err
	}
	t := &layout[id]
	if err := v.spend(int64(t.cost)); err != nil {
		return err
	}
	member := byte(0)
	for i := range t.fields {
		f := &t.fields[i]
		size, align := int64(offsetSize), int64(offsetSize)
		switch f.kind {
		case scalar, unionType:
			size, align = int64(f.size), int64(f.size)
		case structure:
			size = int64(f.size)
		}
		off, err := vt.field(i, size, align)
		switch {
		case err != nil:
		case f.kind == unionType:
			if off != 0 {
				member = v.data[p+off]
			}
		case f.kind == unionRef:
			err = v.union(p, off, member)
		case off != 0:
			err = v.reference(p+off, f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// union checks the value of a union, off bytes into the table at p.
func (v *verifier) union(p, off int64, member byte) error {
	switch {
	case member == 0 && off == 0:
		return nil
	case member == 0:
		return errors.New("value without a type")
	case int(member) >= len(optionTables):
		return fmt.Errorf("unknown type %d, want 0..%d", member, len(optionTables)-1)
	case off == 0:
		return fmt.Errorf("type %s without a value", layout[optionTables[member]].name)
	}
	t, err := v.follow(p + off)
	if err != nil {
		return err
	}
	return v.table(t, optionTables[member])
}

// reference checks what field f, stored at p, leads to.
func (v *verifier) reference(p int64, f *field) error {
	if f.kind == scalar || f.kind == structure {
		return nil
	}
	t, err := v.follow(p)
	if err != nil {
		return err
	}
	switch f.kind {
	case str:
		return v.str(t)
	case vector:
		return v.vector(t, int64(f.size))
	case child:
		return v.table(t, f.of)
	}
	n, err := v.length(t, offsetSize)
	if err != nil {
		return err
	}
	for i := range n {
		c, err := v.follow(t + offsetSize + i*offsetSize)
		if err == nil {
			err = v.table(c, f.of)
		}
		if err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

// length checks that the elements of the vector at p lie in the file.
func (v *verifier) length(p, size int64) (int64, error) {
	n := int64(v.u32(p))
	if p+offsetSize+n*size > v.size {
		return 0, fmt.Errorf("%d elements of %d bytes at byte %d end after the file's %d", n, size, p, v.size)
	}
	return n, nil
}

// vector checks a vector of scalars. Open does not copy bytes; of all others it
// takes 8 bytes for an int and up to 8 for a quantization parameter.
func (v *verifier) vector(p, size int64) error {
	n, err := v.length(p, size)
	if err != nil || size == 1 {
		return err
	}
	if (p+offsetSize)%size != 0 {
		return fmt.Errorf("elements at byte %d, not a multiple of %d", p+offsetSize, size)
	}
	v.used.ints += int(n)
	return v.spend(16 * n)
}

// str checks a string, which ends with a byte 0 that is not counted.
func (v *verifier) str(p int64) error {
	n, err := v.length(p, 1)
	if err != nil {
		return err
	}
	end := p + offsetSize + n
	if end >= v.size || v.data[end] != 0 {
		return fmt.Errorf("string of %d bytes at byte %d has no final 0", n, p)
	}
	v.used.strings += int(n)
	return v.spend(n)
}
