package lineage

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Kinds of parts.
const (
	FeedForward = "feed-forward" // the neurons between the two matrices of a feed-forward layer
	Attention   = "attention"    // the directions in which the values of a head pass
	Table       = "table"        // the embeddings of the tokens
)

// part is the neurons of one layer of a block.
type part struct {
	kind    string
	block   int // number of the block
	neurons int
	dim     int
	read    func(*Weights) (neurons, error)

	width   int                         // of attention: elements of all heads
	repeats func(*Weights) (int, error) // of attention: counts the heads that attend like another one
}

// anatomy is the parts of a model that can be compared.
type anatomy struct {
	parts   []part // in the order of the blocks, feed-forward before attention
	blocks  int    // that have tensors
	unknown int    // matrices of blocks that are not known by their names
	dim     int    // of the hidden state
}

// of returns the parts of a kind.
func (a anatomy) of(kind string) []part {
	return slices.DeleteFunc(slices.Clone(a.parts), func(p part) bool { return p.kind != kind })
}

// complete reports whether every block has both parts, and no other matrices.
func (a anatomy) complete() bool { return len(a.parts) == 2*a.blocks && a.unknown == 0 }

// knownMatrix matches the last part of the name of a matrix of a dense block.
var knownMatrix = regexp.MustCompile(`^(self_attn\.(q|k|v|o|qkv)_proj|attn\.c_(attn|proj)|mlp\.(gate|up|down|gate_up)_proj|mlp\.c_(fc|proj))\.weight$`)

// blockName matches the name of a tensor of a block, as Hugging Face's Llama and GPT-2 have it.
var blockName = regexp.MustCompile(`^((?:[\w.]+\.)?(?:layers|h)\.)(\d{1,4})\.(.+)$`)

// anatomyOf finds the parts of a model. Layers whose tensors are unknown or have shapes that do not
// fit, or another hidden state than the first, are left out.
func anatomyOf(w *Weights) (a anatomy) {
	blocks := blocksOf(w.Tensors)
	a.blocks = len(blocks)
	add := func(p part, ok bool) {
		if ok && (a.dim == 0 || a.dim == p.dim) {
			a.dim = p.dim
			a.parts = append(a.parts, p)
		}
	}
	numbers := slices.Sorted(maps.Keys(blocks))
	for _, block := range blocks {
		for last, name := range block {
			if info, ok := w.Tensors.Info(name); ok && len(info.Shape) > 1 && !knownMatrix.MatchString(last) {
				a.unknown++
			}
		}
	}
	for _, i := range numbers {
		l, ok := feedForwardOf(w.Tensors, blocks[i])
		add(part{kind: FeedForward, block: i, neurons: l.neurons, dim: l.dim, read: l.read}, ok)
	}
	for _, i := range numbers {
		l, ok := attentionOf(w, blocks[i])
		add(part{kind: Attention, block: i, neurons: l.kvHeads * l.headDim, dim: l.dim, read: l.read, width: l.heads * l.headDim, repeats: l.repeats}, ok)
	}
	return a
}

// blocksOf returns the names of the tensors by number of the block and last part of the name.
func blocksOf(s safetensors.Source) map[int]map[string]string {
	blocks := map[int]map[string]string{}
	for _, name := range s.Names() {
		m := blockName.FindStringSubmatch(name)
		if m == nil || strings.Contains(m[1], "vision") {
			continue
		}
		i, err := strconv.Atoi(m[2])
		if err != nil {
			continue
		}
		if blocks[i] == nil {
			blocks[i] = map[string]string{}
		}
		blocks[i][m[3]] = name
	}
	return blocks
}
