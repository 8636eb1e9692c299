// SPDX-License-Identifier: Apache-2.0

// bundle FOLDER KEY - checks a bundle's checkpoint and the proof of each of its leaves with golang.org/x/mod/sumdb, and
// says how many there are.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

// The checkpoint's size and root, once its signature holds.
func head(text []byte, verifier note.Verifier, what string) (int64, tlog.Hash) {
	signed, err := note.Open(text, note.VerifierList(verifier))
	must(err, what)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, what)
	root, err := tlog.ParseHash(lines[2])
	must(err, what)
	return size, root
}

func check(folder, path string, verifier note.Verifier) {
	name := strings.TrimSuffix(filepath.Base(path), ".leaf")
	index, err := strconv.ParseInt(name, 10, 64)
	must(err, path)
	leaf, err := os.ReadFile(path)
	must(err, path)
	text, err := os.ReadFile(filepath.Join(folder, "proofs", name+".tlog-proof"))
	must(err, path)
	parts := strings.SplitN(string(text), "\n\n", 2)
	size, root := head([]byte(parts[1]), verifier, path)
	lines := strings.Split(parts[0], "\n")
	if lines[1] != "index "+name {
		must(fmt.Errorf("the proof is of another entry: %s", lines[1]), path)
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		must(err, path)
		proof = append(proof, hash)
	}
	must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(leaf)), path)
}

func main() {
	folder := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	must(err, "key")
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err, "checkpoint")
	size, _ := head(text, verifier, "checkpoint")
	leaves, err := filepath.Glob(filepath.Join(folder, "entries", "*.leaf"))
	must(err, folder)
	for _, path := range leaves {
		check(folder, path, verifier)
	}
	fmt.Printf("%d entries of %d\n", len(leaves), size)
}
