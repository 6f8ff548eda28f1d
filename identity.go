package undertone

import (
	"runtime"
	"sync"
)

// identity caches the digests that [Example.ID] and [Example.PromptID] compute. They are computed
// once. All data sets that are derived from the first data set of the row share them.
type identity struct {
	once       sync.Once
	row, group Digest
}

// of returns the identity of row.
func (id *identity) of(row Example) *identity {
	id.once.Do(func() { id.row, id.group = row.ID(), row.PromptID() })
	return id
}

// unknown returns n identities without digests.
func unknown(n int) []*identity {
	ids := make([]identity, n)
	all := make([]*identity, n)
	for i := range ids {
		all[i] = &ids[i]
	}
	return all
}

// known returns an identity with these digests.
func known(row, group Digest) *identity {
	id := &identity{row: row, group: group}
	id.once.Do(func() {})
	return id
}

// identifyRows is the number of rows that [identify] hands to a goroutine at a time.
const identifyRows = 1024

// identify computes the digests of all rows, on all cores.
func identify(rows []Example, ids []*identity) {
	var sections sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for from := 0; from < len(rows); from += identifyRows {
		slots <- struct{}{}
		sections.Go(func() {
			for i := from; i < min(from+identifyRows, len(rows)); i++ {
				ids[i].of(rows[i])
			}
			<-slots
		})
	}
	sections.Wait()
}
