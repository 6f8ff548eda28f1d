// Drawdetectors draws the pictures of docs/detectors.md. The numbers in them are made up.
//
//	go run ./docs/drawdetectors docs/pictures
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: drawdetectors FOLDER")
		os.Exit(2)
	}
	for name, picture := range pictures() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), picture, 0o666); err != nil {
			fmt.Fprintln(os.Stderr, "drawdetectors:", err)
			os.Exit(1)
		}
	}
}

// pictures returns the pictures by file name.
func pictures() map[string][]byte {
	all := map[string][]byte{}
	for name, draw := range map[string]func() *canvas{"transfer.svg": transfer, "likelihood.svg": likelihood, "influence.svg": influence, "corpus.svg": corpus} {
		all[name] = draw().svg()
	}
	return all
}
