//go:build !purego

package kernel

func sumBag(y, table []float32, ids []int32) {
	switch active {
	case Generic:
		sumBagGeneric(y, table, ids)
	case AVX512:
		sumBagAVX512(len(y), &y[0], &table[0], &ids[0], len(ids))
	default:
		sumBagAVX2(len(y), &y[0], &table[0], &ids[0], len(ids))
	}
}

func addToBag(y, table []float32, ids []int32) {
	switch active {
	case Generic:
		addToBagGeneric(y, table, ids)
	case AVX512:
		addToBagAVX512(len(y), &y[0], &table[0], &ids[0], len(ids))
	default:
		addToBagAVX2(len(y), &y[0], &table[0], &ids[0], len(ids))
	}
}
