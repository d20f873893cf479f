package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Output is a file that a flag has the command write; none if Path is empty.
type Output struct{ Flag, Path string }

// CheckOutputs refuses files that could not be written in the end, that are named twice, or that
// the command reads.
func CheckOutputs(outputs []Output, reads ...string) error {
	flags := map[string]string{}
	for _, o := range outputs {
		if o.Path == "" {
			continue
		}
		if other := flags[filepath.Clean(o.Path)]; other != "" {
			return Usagef("%s and %s name the same file %s", other, o.Flag, o.Path)
		}
		flags[filepath.Clean(o.Path)] = o.Flag
		info, err := os.Stat(o.Path)
		if err != nil {
			if _, err := os.Stat(filepath.Dir(o.Path)); err != nil {
				return notCreated(o.Path, err)
			}
			continue
		}
		if info.IsDir() {
			return Usagef("%s %s: a folder has that name; want the name of a file", o.Flag, o.Path)
		}
		for _, path := range reads {
			if read, err := os.Stat(path); err == nil && info.Mode().IsRegular() && os.SameFile(info, read) {
				return Usagef("%s %s: that file is read; want another one", o.Flag, o.Path)
			}
		}
	}
	return nil
}

// WriteFile writes a file that appears under its name only when write has
// succeeded and every byte is on its way to the disk; on failure nothing is left
// behind and an older file of that name stays as it was. What is no file, such as a
// device or a pipe, is written to.
func WriteFile(path string, write func(w io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeTo(path, write)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return notCreated(path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := flush(f, write); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func writeTo(path string, write func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(flush(f, write), f.Close())
}

func flush(f *os.File, write func(w io.Writer) error) error {
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// notCreated is the error of another file as that of creating path.
func notCreated(path string, err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return &os.PathError{Op: "create", Path: path, Err: pathErr.Err}
	}
	return err
}
