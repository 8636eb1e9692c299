// SPDX-License-Identifier: Apache-2.0

// notes make COUNT and notes check: as tests/interop/notes.c, but all that matters is done by Go's own packages,
// golang.org/x/mod/sumdb/note and tlog (Debian: golang-golang-x-mod-dev).  tests/system/interop.py builds and runs it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type Inclusion struct {
	Index int64            `json:"index"`
	Size  int64            `json:"size"`
	Proof tlog.RecordProof `json:"proof"`
}

type Consistency struct {
	Old   int64          `json:"old"`
	Size  int64          `json:"size"`
	Proof tlog.TreeProof `json:"proof"`
}

// A head that introduces a key, signed by both.
type Turn struct {
	Keys []string `json:"keys"`
	Head string   `json:"head"`
}

type Log struct {
	Key         string        `json:"key"`
	Leaves      []string      `json:"leaves"`
	Heads       []string      `json:"heads"`
	Inclusion   []Inclusion   `json:"inclusion"`
	Consistency []Consistency `json:"consistency"`
	Turn        *Turn         `json:"turn,omitempty"`
}

// A log in memory, of which Go keeps the hashes.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, "notes.go: "+format+"\n", args...)
	os.Exit(1)
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// Adds a leaf; the root of the tree with it.
func (s *store) grow(n int64, leaf string) tlog.Hash {
	hashes, err := tlog.StoredHashes(n, []byte(leaf), *s)
	must(err)
	*s = append(*s, hashes...)
	root, err := tlog.TreeHash(n+1, *s)
	must(err)
	return root
}

func makeLog(count int64) {
	var out Log
	var s store
	private, public, err := note.GenerateKey(nil, "go.example/log")
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	out.Key = public
	for n := int64(1); n <= count; n++ {
		leaf := fmt.Sprintf("entry %d of Go\n", n)
		root := s.grow(n-1, leaf)
		out.Leaves = append(out.Leaves, leaf)
		signed, err := note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: n, Hash: root}))}, signer)
		must(err)
		out.Heads = append(out.Heads, string(signed))
		if n&(n-1) != 0 && n%64 != 1 && n != count {
			continue
		}
		for i := int64(0); i < n; i++ {
			record, err := tlog.ProveRecord(n, i, s)
			must(err)
			out.Inclusion = append(out.Inclusion, Inclusion{i, n, record})
			tree, err := tlog.ProveTree(n, i+1, s)
			must(err)
			out.Consistency = append(out.Consistency, Consistency{i + 1, n, tree})
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

func headHolds(signed []byte, known note.Verifiers, roots []tlog.Hash) bool {
	opened, err := note.Open(signed, known)
	if err != nil {
		return false
	}
	tree, err := tlog.ParseTree([]byte(opened.Text))
	return err == nil && tree.N < int64(len(roots)) && tree.Hash == roots[tree.N]
}

// Go ignores the bits of base64 that the padding says are not there (encoding/base64 without Strict); ours does not.
// Of one head every byte is altered, of the others some.
func checkHead(head string, first, step int, known note.Verifiers, roots []tlog.Hash) {
	signed := []byte(head)
	if !headHolds(signed, known, roots) {
		fail("this head does not hold:\n%s", head)
	}
	end := bytes.Index(signed, []byte("\n— witness"))
	if end < 0 {
		end = len(signed)
	}
	for i := first; i < end; i += step {
		if i+1 < end && signed[i+1] == '=' {
			continue
		}
		signed[i] ^= 1
		if headHolds(signed, known, roots) {
			fail("this altered head was taken:\n%s", signed)
		}
		signed[i] ^= 1
	}
}

// Calls `holds` with each way to spoil a proof.
func checkSpoiled(what string, part, size int64, proof []tlog.Hash, holds func([]tlog.Hash) bool) {
	if !holds(proof) {
		fail("the %s proof of %d in %d does not hold", what, part, size)
	}
	for i := range proof {
		altered := append([]tlog.Hash(nil), proof...)
		altered[i][i] ^= 1
		if holds(altered) {
			fail("an altered %s proof of %d in %d was taken", what, part, size)
		}
	}
	if holds(append(append([]tlog.Hash(nil), proof...), tlog.Hash{})) || len(proof) > 0 && holds(proof[1:]) {
		fail("too long or too short a %s proof of %d in %d was taken", what, part, size)
	}
}

// Go takes the head for whoever knows one of the keys, or both; not when either's signature is spoiled.
func checkTurn(turn Turn) {
	old, err := note.NewVerifier(turn.Keys[0])
	must(err)
	next, err := note.NewVerifier(turn.Keys[1])
	must(err)
	for _, known := range [][]note.Verifier{{old}, {next}, {old, next}} {
		opened, err := note.Open([]byte(turn.Head), note.VerifierList(known...))
		must(err)
		if len(opened.Sigs) != len(known) || len(opened.Sigs)+len(opened.UnverifiedSigs) != 2 {
			fail("of %d keys Go finds %d signatures", len(known), len(opened.Sigs))
		}
		for i := 0; i < 2; i++ {
			lines := bytes.SplitAfter([]byte(turn.Head), []byte("\n"))
			line := lines[len(lines)-2-i]
			line[len(line)/2] ^= 1
			if _, err := note.Open(bytes.Join(lines, nil), note.VerifierList(old, next)); err == nil {
				fail("a head of two keys with a spoiled signature was taken")
			}
		}
	}
}

func check() {
	var in Log
	var s store
	must(json.NewDecoder(os.Stdin).Decode(&in))
	verifier, err := note.NewVerifier(in.Key)
	must(err)
	known := note.VerifierList(verifier)
	roots := []tlog.Hash{{}}
	for n, leaf := range in.Leaves {
		roots = append(roots, s.grow(int64(n), leaf))
	}
	for i, head := range in.Heads {
		step := 64
		if i+1 == len(in.Leaves) {
			step = 1
		}
		checkHead(head, i%step, step, known, roots)
	}
	for _, p := range in.Inclusion {
		leaf := tlog.RecordHash([]byte(in.Leaves[p.Index]))
		checkSpoiled("inclusion", p.Index, p.Size, p.Proof, func(proof []tlog.Hash) bool {
			return tlog.CheckRecord(proof, p.Size, roots[p.Size], p.Index, leaf) == nil
		})
		made, err := tlog.ProveRecord(p.Size, p.Index, s)
		must(err)
		if len(made)+len(p.Proof) > 0 && !reflect.DeepEqual(made, p.Proof) {
			fail("the inclusion proof of %d in %d is another than Go's", p.Index, p.Size)
		}
	}
	for _, p := range in.Consistency {
		checkSpoiled("consistency", p.Old, p.Size, p.Proof, func(proof []tlog.Hash) bool {
			return tlog.CheckTree(proof, p.Size, roots[p.Size], p.Old, roots[p.Old]) == nil
		})
		made, err := tlog.ProveTree(p.Size, p.Old, s)
		must(err)
		if len(made)+len(p.Proof) > 0 && !reflect.DeepEqual(made, p.Proof) {
			fail("the consistency proof of %d in %d is another than Go's", p.Old, p.Size)
		}
	}
	if in.Turn != nil {
		checkTurn(*in.Turn)
	}
	fmt.Printf("%d heads, %d inclusion and %d consistency proofs hold\n", len(in.Heads), len(in.Inclusion), len(in.Consistency))
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "make" {
		count, err := strconv.ParseInt(os.Args[2], 10, 64)
		must(err)
		makeLog(count)
	} else if len(os.Args) == 2 && os.Args[1] == "check" {
		check()
	} else {
		fail("usage: notes make COUNT | notes check")
	}
}
