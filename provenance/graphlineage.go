package provenance

// lineage returns the nodes whose text is in the rows: files of rows from which rows came, and the
// generators of such files. The subject is the first.
func (g *Graph) lineage() []Node {
	// What trained a generator is not what wrote the rows.
	return g.reach(func(n Node, e Edge) bool { return n.Content.Rows != nil && e.carriesRows() })
}

// taught returns the nodes of [Graph.lineage], and what gives the generators their traits: their
// bases and adapters, the rows on which these models were trained, and the sources of these rows.
func (g *Graph) taught() []Node {
	return g.reach(func(n Node, e Edge) bool { return n.Content.Rows == nil || e.carriesRows() })
}

// reach returns the subject and the nodes that the edges lead to which are followed.
func (g *Graph) reach(follow func(Node, Edge) bool) (all []Node) {
	wanted := make([]bool, len(g.Nodes))
	wanted[0] = true
	for i, n := range g.Nodes { // parents follow their children
		if !wanted[i] {
			continue
		}
		all = append(all, n)
		for _, e := range n.Edges {
			if follow(n, e) {
				wanted[e.Node] = true
			}
		}
	}
	return all
}

// Generators returns the models that wrote the rows of the subject, each once. A model that wrote
// what another was trained on is none of them.
func (g *Graph) Generators() (all []Model) {
	for _, n := range g.lineage() {
		if n.Content.Model != nil {
			all = append(all, *n.Content.Model)
		}
	}
	return all
}

// shares returns how many rows of a node its parents account for. A parent gives at most the rows
// that it has; a model, any number.
func (g *Graph) shares(n Node) int {
	sum := 0
	for _, e := range n.Edges {
		switch parent := g.Nodes[e.Node].Content; {
		case !e.carriesRows() || e.Role == ValuesRole:
		case parent.Rows != nil:
			sum += min(e.Rows, parent.Rows.Count)
		case e.Role == GeneratorRole:
			sum += e.Rows
		}
	}
	return sum
}

// carriesRows reports whether rows of a node, or values in them, came from the parent of an edge.
func (e Edge) carriesRows() bool {
	return e.Role == RowsRole || e.Role == ValuesRole || e.Role == GeneratorRole || e.Role == OtherArmRole && e.Rows > 0
}

// unknownOrigin reports whether nothing says where some rows of a node came from.
func (g *Graph) unknownOrigin(n Node) bool {
	count := n.Content.Rows.Count
	return n.Made == nil || count == 0 || g.shares(n) < count
}
