package undertone

// Data is a list of rows with digests, on which a student trains. [Dataset] is Data of text; a
// student package may define its own. Implementations are immutable and safe for concurrent use.
type Data interface {
	Name() string
	Len() int

	// Digest returns the digest of the content. It does not depend on the order of the rows.
	Digest() Digest

	// RowID returns the digest of row i.
	RowID(i int) Digest

	// GroupID returns the prompt group ID of row i: the digest of its prompt or input. Rows of
	// one group stay together when rows are split or resampled.
	GroupID(i int) Digest

	// Select returns the rows with these indices, in that order.
	Select(rows []int) Data
}

// Partitioner is an optional interface of Data that divides itself between replicates, for instance
// because each replicate has its own teacher. Other Data is divided by a hash of its groups.
type Partitioner interface {
	// Part returns part r of n. Part r of one arm is paired with part r of the other arm.
	Part(r, n int) (Data, error)
}

// Text is Data whose rows are examples, such as a [Dataset].
type Text interface {
	Data

	// Example returns row i. If the rows are [LazyData] and row i cannot be read, it returns
	// the zero Example; [ReadExample] returns the error too.
	Example(i int) Example
}

// LazyData is an optional interface of [Data] that reads rows when they are asked for, for instance
// from a file. A read can fail, and the methods of Data return no error. A program reads rows with
// [ReadExample], or calls [ReadErr] before it uses what it has computed from them.
type LazyData interface {
	// Err returns the first error of a read, of these rows or of rows that were selected from
	// the same source. It is nil if all reads gave the rows of the digests.
	Err() error
}

// ReadExample returns row i of data, or the error of the read.
func ReadExample(data Text, i int) (Example, error) {
	row := data.Example(i)
	if len(row.Messages) == 0 {
		return row, ReadErr(data)
	}
	return row, nil
}

// ReadErr returns the error of the first of the data sets that could not read a row, or nil. Data
// that is not [LazyData] has no such errors.
func ReadErr(data ...Data) error {
	for _, d := range data {
		if lazy, ok := d.(LazyData); ok {
			if err := lazy.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}
