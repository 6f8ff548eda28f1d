package kernel

import "fmt"

// SumBags sets each row of y to the sum of a bag of rows of table, first row first: row i of y is
// the sum of the rows ids[i·bag], …, ids[i·bag+bag-1] of table. Rows have cols elements.
func SumBags(y, table []float32, cols int, ids []int32, bag int) {
	checkBags("SumBags", y, table, cols, ids, bag)
	for ; len(y) > 0; y, ids = y[cols:], ids[bag:] {
		sumBag(y[:cols], table, ids[:bag])
	}
}

// AddToBags adds row i of y to the rows ids[i·bag], …, ids[i·bag+bag-1] of table, one i after the
// other: the gradient of SumBags.
func AddToBags(table, y []float32, cols int, ids []int32, bag int) {
	checkBags("AddToBags", y, table, cols, ids, bag)
	for ; len(y) > 0; y, ids = y[cols:], ids[bag:] {
		addToBag(y[:cols], table, ids[:bag])
	}
}

// checkBags panics unless there is a bag for each row, and a row for each id.
func checkBags(function string, y, table []float32, cols int, ids []int32, bag int) {
	if bag < 1 || cols < 0 || len(ids)%bag != 0 || len(ids)/bag*cols != len(y) {
		panic(fmt.Sprintf("kernel: %s: %d ids in bags of %d for %d elements in rows of %d", function, len(ids), bag, len(y), cols))
	}
	if cols == 0 {
		return
	}
	rows := len(table) / cols
	for i, id := range ids {
		if uint(id) >= uint(rows) {
			panic(fmt.Sprintf("kernel: %s: id %d at position %d is outside of the table's %d rows", function, id, i, rows))
		}
	}
}

func sumBagGeneric(y, table []float32, ids []int32) {
	copy(y, table[int(ids[0])*len(y):])
	for _, id := range ids[1:] {
		addGeneric(y, table[int(id)*len(y):][:len(y)])
	}
}

func addToBagGeneric(y, table []float32, ids []int32) {
	for _, id := range ids {
		addGeneric(table[int(id)*len(y):][:len(y)], y)
	}
}
