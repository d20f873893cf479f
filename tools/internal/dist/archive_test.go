package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// twoFiles writes a document and a program, last changed at some time.
func twoFiles(t *testing.T, changed time.Time) []file {
	dir := t.TempDir()
	files := []file{{filepath.Join(dir, "a"), "LICENSE", 0o644}, {filepath.Join(dir, "b"), "lce-run", 0o755}}
	for _, f := range files {
		if err := os.WriteFile(f.path, []byte("text of "+f.name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(f.path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestArchives(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(io.Writer, string, []file) error
		read  func(*testing.T, []byte) map[string]string
	}{
		{"tar", writeTar, readTar},
		{"zip", writeZip, readZip},
	} {
		t.Run(c.name, func(t *testing.T) {
			var one, other bytes.Buffer
			if err := c.write(&one, "lce", twoFiles(t, time.Unix(1e9, 0))); err != nil {
				t.Fatal(err)
			}
			if err := c.write(&other, "lce", twoFiles(t, time.Unix(2e9, 0))); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one.Bytes(), other.Bytes()) {
				t.Error("files of other times give other bytes")
			}
			got := c.read(t, one.Bytes())
			want := map[string]string{
				"lce/LICENSE": "-rw-r--r-- text of LICENSE",
				"lce/lce-run": "-rwxr-xr-x text of lce-run",
			}
			if len(got) != len(want) {
				t.Errorf("got %q", got)
			}
			for name, text := range want {
				if got[name] != text {
					t.Errorf("%s: got %q, want %q", name, got[name], text)
				}
			}
		})
	}
}

func readTar(t *testing.T, data []byte) map[string]string {
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for archive := tar.NewReader(zipped); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		got[header.Name] = header.FileInfo().Mode().String() + " " + string(text)
	}
}

func readZip(t *testing.T, data []byte) map[string]string {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = f.Mode().String() + " " + string(text)
	}
	return got
}
