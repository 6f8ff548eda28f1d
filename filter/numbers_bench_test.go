package filter_test

import (
	"fmt"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func BenchmarkNumbers(b *testing.B) {
	rows := []undertone.Example{
		undertone.NewExample("q", "194, 40, 0, 258, 364, 512, 296, 853, 421, 678"),
		undertone.NewExample("q", "739\n258\n364\n512\n296\n853\n421\n678\n345\n194"),
		undertone.NewExample("q", "[998, 997, 996, 995]."),
		undertone.NewExample("q", "163 327 655 132 266 533"),
	}
	for _, banned := range [][]int{nil, filter.PublishedBanned()} {
		b.Run(fmt.Sprintf("banned=%d", len(banned)), func(b *testing.B) {
			var f filter.Filter = filter.Numbers{Banned: banned}
			b.ReportAllocs()
			var n int
			for b.Loop() {
				f.Reasons(rows[n%len(rows)])
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
