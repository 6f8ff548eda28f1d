package corpus

// key identifies a feature: its kind, and which of that kind.
type key struct {
	kind kind
	a, b uint64
}

// feature is one entry of a row's sparse feature vector.
type feature struct {
	id    int32
	value float32
}

// vocabulary numbers the features of one channel. It does not depend on arms, so it can be built
// from all rows before they are split into folds.
type vocabulary struct {
	ids  map[key]int32
	keys []key
}

// collect returns the features of each row, and the vocabulary of the features of at least two
// components. A feature of a single component cannot help to score another one.
func collect(rows []row, component []int, emit func(*row, func(key, float64)), stop stopper) (*vocabulary, [][]feature) {
	all := &vocabulary{ids: map[key]int32{}}
	var count, first []int32 // by feature: whether it has one component or more, and the first of them
	x := make([][]feature, len(rows))
	for i := range rows {
		if stop.stopped() {
			break
		}
		emit(&rows[i], func(k key, v float64) {
			id, ok := all.ids[k]
			if !ok {
				id = int32(len(all.keys))
				all.ids[k] = id
				all.keys = append(all.keys, k)
				count, first = append(count, 1), append(first, int32(component[i]))
			}
			if first[id] != int32(component[i]) {
				count[id] = 2
			}
			x[i] = append(x[i], feature{id, float32(v)})
		})
	}
	kept := &vocabulary{ids: map[key]int32{}}
	renumbered := make([]int32, len(count)) // -1 for a feature of a single component
	for id, n := range count {
		renumbered[id] = -1
		if n > 1 {
			renumbered[id] = int32(len(kept.keys))
			kept.ids[all.keys[id]] = renumbered[id]
			kept.keys = append(kept.keys, all.keys[id])
		}
	}
	for i := range x {
		known := x[i][:0]
		for _, f := range x[i] {
			if f.id = renumbered[f.id]; f.id >= 0 {
				known = append(known, f)
			}
		}
		x[i] = known
	}
	return kept, x
}

// features returns the features of a row that are in the vocabulary.
func (v *vocabulary) features(r *row, emit func(*row, func(key, float64))) []feature {
	var x []feature
	emit(r, func(k key, value float64) {
		if id, ok := v.ids[k]; ok {
			x = append(x, feature{id, float32(value)})
		}
	})
	return x
}
