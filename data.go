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

	// GroupID returns the prompt group ID of row i: the digest of its prompt or input. Rows of one
	// group stay together when rows are split or resampled.
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

	// Example returns row i.
	Example(i int) Example
}
