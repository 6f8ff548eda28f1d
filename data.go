package undertone

// Data is what a student trains on, as the audit core sees it: rows with
// identities. [Dataset] is Data of text; a student package may bring its own.
// Implementations are immutable and safe for concurrent use.
type Data interface {
	Name() string
	Len() int

	// Digest names the content; it does not depend on the order of the rows.
	Digest() Digest

	// RowID returns the digest of row i.
	RowID(i int) Digest

	// GroupID returns the digest of what row i answers (its prompt, its input).
	// Rows of one group are kept together when rows are split or resampled.
	GroupID(i int) Digest

	// Select returns the rows named by their indices, in that order.
	Select(rows []int) Data
}

// Partitioner is the optional power of Data that knows how to divide itself
// between replicate students, for instance because replicate r has a teacher
// of its own. Data without it is divided by a hash of its groups.
type Partitioner interface {
	// Part returns part r of n; parts of one r from two arms belong together.
	Part(r, n int) (Data, error)
}

// Text is Data whose rows are examples, such as a [Dataset].
type Text interface {
	Data
	Example(i int) Example
}
