package undertone

import "slices"

// Builder makes a [Dataset] row by row, from new rows and from rows of other data sets, whose
// digests it keeps. The zero value is empty and ready to use. A Builder is not safe for concurrent
// use.
type Builder struct {
	rows []Example
	ids  []*identity
}

// Add adds a new row.
func (b *Builder) Add(row Example) { b.add(row, &identity{}) }

// AddRow adds row i of data.
func (b *Builder) AddRow(data Text, i int) { b.add(data.Example(i), identityOf(data, i)) }

// AddChanged adds row, which was made from row i of data. If it is equal to row i
// ([Example.Equal]), it has the digests of row i; its metadata may differ.
func (b *Builder) AddChanged(row Example, data Text, i int) {
	from := data.Example(i)
	if !row.Equal(from) {
		b.Add(row)
		return
	}
	b.add(row, identityOf(data, i))
}

func (b *Builder) add(row Example, id *identity) {
	b.rows, b.ids = append(b.rows, row), append(b.ids, id)
}

// identityOf returns the identity of row i of data.
func identityOf(data Text, i int) *identity {
	if d, ok := data.(*Dataset); ok {
		return d.ids()[i]
	}
	return known(data.RowID(i), data.GroupID(i))
}

// Grow allocates memory for n more rows.
func (b *Builder) Grow(n int) {
	b.rows, b.ids = slices.Grow(b.rows, n), slices.Grow(b.ids, n)
}

// Len returns the number of rows added so far.
func (b *Builder) Len() int { return len(b.rows) }

// Dataset returns the rows as a data set with the steps that made them. Rows that are added later
// do not change it.
func (b *Builder) Dataset(name string, history ...Step) *Dataset {
	rows, ids := slices.Clip(b.rows), slices.Clip(b.ids)
	return newDataset(name, rows, history, func() []*identity { return ids })
}
