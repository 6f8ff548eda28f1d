package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// Embedding returns row ids[i] of table as row i. table is [rows n], the result is [len(ids) n].
// The tape keeps ids until Reset: they must not change before Backward.
func (t *Tape) Embedding(table *Tensor, ids []int32) *Tensor {
	return t.gather("Embedding", table, ids, 1)
}

// EmbeddingBag returns the sums of bags of table rows: row i is the sum of rows ids[i·bag], …,
// ids[i·bag+bag−1]. table is [rows n], the result is [len(ids)/bag n]. With one table row for each
// pair of position and token, it is the first layer of a network on one-hot inputs. The tape keeps
// ids until Reset: they must not change before Backward.
func (t *Tape) EmbeddingBag(table *Tensor, ids []int32, bag int) *Tensor {
	return t.gather("GatherSum", table, ids, bag)
}

func (t *Tape) gather(op string, table *Tensor, ids []int32, bag int) *Tensor {
	wantRank(op, "table", table, 2)
	if bag < 1 || len(ids)%bag != 0 {
		misuse(op, "%d ids do not make bags of %d", len(ids), bag)
	}
	rows, cols := table.dims[0], table.dims[1]
	y := t.result(len(ids)/bag, cols)
	for i, id := range ids {
		if id < 0 || int(id) >= rows {
			misuse(op, "id %d at position %d is outside of the table's %d rows", id, i, rows)
		}
	}
	kernel.SumBags(y.data, table.data, cols, ids, bag)
	if n := t.record(gatherBackward, y, table, nil, nil); n != nil {
		n.ids, n.offset = ids, bag
	}
	return y
}

func gatherBackward(t *Tape, n *node) {
	kernel.AddToBags(t.sumOf(n.a), n.grad, n.out.dims[1], n.ids, n.offset)
}
