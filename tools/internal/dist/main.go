// Command dist builds the programs for other machines and packs them into archives.
//
// usage: dist [-o FOLDER] [OS/ARCH ...]
//
// It runs in the root of the repository. Each target, all of them by default, gives
// FOLDER/lce-OS-ARCH.tar.gz, or .zip for windows; FOLDER/SHA256SUMS has their checksums. The
// same source and the same Go give the same bytes.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// targets are the machines that archives are made for.
var targets = []string{
	"linux/arm64", "linux/arm", "linux/amd64", "linux/riscv64",
	"darwin/arm64", "darwin/amd64", "windows/amd64",
}

// programs are the packages of the programs in an archive.
var programs = []string{
	"./tools/lce-convert", "./tools/lce-run", "./tools/lce-inspect", "./tools/lce-bench", "./examples/embed",
}

// documents are the files that go along.
var documents = []string{"LICENSE", "README.md", "THIRD_PARTY.md", "docs/devices.md"}

func main() {
	folder := flag.String("o", "build/dist", "the folder of the archives")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: dist [-o FOLDER] [OS/ARCH ...]\ntargets: %s\n", strings.Join(targets, " "))
		flag.PrintDefaults()
	}
	flag.Parse()
	chosen := flag.Args()
	if len(chosen) == 0 {
		chosen = targets
	}
	for _, target := range chosen {
		if !slices.Contains(targets, target) {
			fmt.Fprintf(os.Stderr, "dist: no target %q: %s are accepted\n", target, strings.Join(targets, ", "))
			os.Exit(2)
		}
	}
	if err := run(*folder, chosen); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(folder string, chosen []string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	var sums strings.Builder
	for _, target := range chosen {
		name, err := pack(folder, target)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		sum, size, err := checksum(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, name)
		fmt.Printf("%-26s %10d bytes\n", name, size)
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(sums.String()), 0o666)
}

// pack builds the programs for a target and writes its archive, whose name it gives.
func pack(folder, target string) (name string, err error) {
	system, arch, _ := strings.Cut(target, "/")
	built, err := os.MkdirTemp("", "dist")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(built)) }()
	build := exec.Command("go", append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", built + string(filepath.Separator)}, programs...)...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch, "GOARM=7", "GOAMD64=v1", "GOFLAGS=")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("go build: %w", err)
	}
	entries, err := os.ReadDir(built)
	if err != nil {
		return "", err
	}
	var files []file
	for _, path := range documents {
		files = append(files, file{path, filepath.Base(path), 0o644})
	}
	for _, entry := range entries {
		files = append(files, file{filepath.Join(built, entry.Name()), entry.Name(), 0o755})
	}
	root := "lce-" + system + "-" + arch
	write, suffix := writeTar, ".tar.gz"
	if system == "windows" {
		write, suffix = writeZip, ".zip"
	}
	out, err := os.Create(filepath.Join(folder, root+suffix))
	if err != nil {
		return "", err
	}
	return root + suffix, errors.Join(write(out, root, files), out.Close())
}

// checksum gives the SHA-256 of a file and its size.
func checksum(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), size, err
}
