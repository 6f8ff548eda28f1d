package corpus

// key names a feature: what kind of thing was seen, and which.
type key struct {
	kind kind
	a, b uint64
}

// feature is one entry of a row's sparse feature vector.
type feature struct {
	id    int32
	value float32
}

// vocabulary numbers the features of one channel. It knows nothing of arms, so
// that it can be built from all rows before they are split.
type vocabulary struct {
	ids  map[key]int32
	keys []key
}

// collect returns the features of each row and the vocabulary of those that
// stand in at least two rows: one row's own feature can not help another.
func collect(rows []row, emit func(*row, func(key, float64))) (*vocabulary, [][]feature) {
	all := &vocabulary{ids: map[key]int32{}}
	var count, last []int32
	x := make([][]feature, len(rows))
	for i := range rows {
		emit(&rows[i], func(k key, v float64) {
			id, ok := all.ids[k]
			if !ok {
				id = int32(len(all.keys))
				all.ids[k] = id
				all.keys = append(all.keys, k)
				count, last = append(count, 0), append(last, -1)
			}
			if last[id] != int32(i) {
				last[id] = int32(i)
				count[id]++
			}
			x[i] = append(x[i], feature{id, float32(v)})
		})
	}
	kept := &vocabulary{ids: map[key]int32{}}
	renamed := make([]int32, len(count))
	for id, n := range count {
		renamed[id] = -1
		if n > 1 {
			renamed[id] = int32(len(kept.keys))
			kept.ids[all.keys[id]] = renamed[id]
			kept.keys = append(kept.keys, all.keys[id])
		}
	}
	for i := range x {
		known := x[i][:0]
		for _, f := range x[i] {
			if f.id = renamed[f.id]; f.id >= 0 {
				known = append(known, f)
			}
		}
		x[i] = known
	}
	return kept, x
}

// of returns the known features of a row that was not there when v was built.
func (v *vocabulary) of(r *row, emit func(*row, func(key, float64))) []feature {
	var x []feature
	emit(r, func(k key, value float64) {
		if id, ok := v.ids[k]; ok {
			x = append(x, feature{id, float32(value)})
		}
	})
	return x
}
