package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
)

type traceVerb struct {
	File string `arg:"" name:"file" file:"read" help:"File of rows, or folder of a model, with a manifest beside it."`
	JSON bool   `name:"json" help:"Print the graph as JSON."`

	readFlags
	rootFlag
}

// rootFlag is the folder that files of a manifest must not leave.
type rootFlag struct {
	Root string `file:"read" placeholder:"DIR" help:"Folder in which the files of ancestors are read; a manifest that names a file outside is not followed there (default the folder of the file)."`
}

// Run prints where rows, or a model, come from. It is an error if the manifest is missing, stale or
// damaged.
func (v *traceVerb) Run(ctx context.Context, c console) error {
	opts, err := v.options(c)
	if err != nil {
		return err
	}
	graph, err := v.trace(ctx, v.File, provenance.Options{Read: opts})
	if err != nil {
		return err
	}
	if v.JSON {
		if err := printJSON(c.stdout, graph); err != nil {
			return err
		}
	} else if err := writeGraph(c.stdout, graph); err != nil {
		return err
	}
	if graph.Manifest.IsZero() {
		return fmt.Errorf("%s: %s", v.File, graph.Problems[0].Text)
	}
	return nil
}

// trace returns the graph of a file below the root. It loads models unless the options say how.
func (f rootFlag) trace(ctx context.Context, file string, o provenance.Options) (*provenance.Graph, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("%s: %w", file, withoutPath(err))
	}
	dir := f.Root
	if dir == "" {
		dir = filepath.Dir(filepath.Clean(file))
	}
	name, err := filepath.Rel(canonical(dir), filepath.Join(canonical(filepath.Dir(filepath.Clean(file))), filepath.Base(file)))
	if err != nil || !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%s does not lie in the folder %s; name a folder that holds it with --root", file, dir)
	}
	if target, err := filepath.Rel(canonical(dir), canonical(file)); err != nil || !filepath.IsLocal(target) {
		return nil, fmt.Errorf("%s is a link to a file outside of the folder %s; name that file, or a folder that holds both with --root", file, dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if o.Models == nil {
		o.Models = tracedModels(dir)
	}
	return provenance.TraceFile(ctx, root.FS(), filepath.ToSlash(name), o)
}

// writeGraph prints a graph as a tree. A node that has several children is printed once; later it
// is named only.
func writeGraph(w io.Writer, g *provenance.Graph) error {
	var b strings.Builder
	printed := make([]bool, len(g.Nodes))
	var write func(node int, indent, role string)
	write = func(node int, indent, role string) {
		n := &g.Nodes[node]
		fmt.Fprintf(&b, "%s%s%s\n", indent, role, escape.Text(nodeTitle(n)))
		if printed[node] {
			return
		}
		printed[node] = true
		for _, s := range n.Statements {
			fmt.Fprintf(&b, "%s  %-8s  %s: %s\n", indent, s.Standing, escape.Text(s.What), escape.Text(s.Value))
		}
		for _, p := range g.Problems {
			if p.Node == node {
				fmt.Fprintf(&b, "%s  %-8s  %s: %s\n", indent, "problem", p.Kind, escape.Text(p.Text))
			}
		}
		for _, e := range n.Edges {
			role := fmt.Sprintf("<- %s, %s", e.Role, e.Standing)
			if e.Rows > 0 {
				role += fmt.Sprintf(", %d rows", e.Rows)
			}
			write(e.Node, indent+"  ", role+": ")
		}
	}
	write(0, "", "")
	_, err := io.WriteString(w, b.String())
	return err
}

// nodeTitle names a node and the state of its file.
func nodeTitle(n *provenance.Node) string {
	name := n.Path
	if m := n.Content.Model; name == "" && m != nil {
		name = m.Name
	}
	if name == "" {
		name = "standard input"
	}
	return fmt.Sprintf("%s (%s %s, file %s)", name, n.Content.Kind, n.ID.Short(), n.File)
}
