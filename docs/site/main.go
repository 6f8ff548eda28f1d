// Site builds a site of static pages from the Markdown files of the repository. It needs no
// network, and the pages need no script, font or style from elsewhere.
//
//	go run ./docs/site -out FOLDER
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", ".", "root of the repository")
	out := flag.String("out", "", "new `folder` for the site")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// run builds the site of the repository at root.
func run(root, out string) error {
	if out == "" {
		return fmt.Errorf("name a new folder with -out")
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("%s exists; name a new folder", out)
	}
	s, err := readSite(os.DirFS(root))
	if err != nil {
		return err
	}
	files, err := s.build()
	if err != nil {
		return err
	}
	return writeFiles(out, files)
}
