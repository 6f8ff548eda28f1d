//go:build !amd64 || purego

package kernel

func sumBag(y, table []float32, ids []int32)   { sumBagGeneric(y, table, ids) }
func addToBag(y, table []float32, ids []int32) { addToBagGeneric(y, table, ids) }
