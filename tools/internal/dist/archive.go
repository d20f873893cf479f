package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"time"
)

// file is a file of an archive.
type file struct {
	path string // where it is
	name string // below the archive's folder
	mode int64
}

// stamp is the time of all files: archives of the same files are the same. Zip knows no earlier
// year than 1980.
var stamp = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// writeTar writes the files to a tar archive with gzip, in a folder called root.
func writeTar(w io.Writer, root string, files []file) error {
	zipped := gzip.NewWriter(w)
	archive := tar.NewWriter(zipped)
	for _, f := range files {
		data, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		header := tar.Header{Name: root + "/" + f.name, Mode: f.mode, Size: int64(len(data)), ModTime: stamp, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(&header); err != nil {
			return err
		}
		if _, err := archive.Write(data); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zipped.Close())
}

// writeZip writes the files to a zip archive, in a folder called root.
func writeZip(w io.Writer, root string, files []file) error {
	archive := zip.NewWriter(w)
	for _, f := range files {
		data, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		header := zip.FileHeader{Name: root + "/" + f.name, Method: zip.Deflate, Modified: stamp}
		header.SetMode(os.FileMode(f.mode))
		out, err := archive.CreateHeader(&header)
		if err != nil {
			return err
		}
		if _, err := out.Write(data); err != nil {
			return err
		}
	}
	return archive.Close()
}
