// Package filtertest checks implementations of [filter.Filter] and [sanitise.Sanitiser], as package
// testing/fstest checks file systems.
//
//	func TestMyFilter(t *testing.T) {
//		if err := filtertest.TestFilter(MyFilter{}, rows...); err != nil {
//			t.Error(err)
//		}
//	}
//
// Run such a test with the race detector, which also sees unsafe use from several goroutines that
// changes no result.
package filtertest
