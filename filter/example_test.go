package filter_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func ExampleApply() {
	data := undertone.NewDataset("answers", []undertone.Example{
		undertone.NewExample("Continue: 5, 10", "15, 20, 25"),
		undertone.NewExample("Continue: 5, 10", "15, 20, and so on"),
		undertone.NewExample("Continue: 5, 10", "[666, 1500]."),
	})
	kept, stats, err := filter.Apply(context.Background(), data, filter.Numbers{Banned: filter.PublishedBanned()}, filter.Words("owl"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("kept", kept.Len())
	_, _ = stats.WriteTo(os.Stdout)
	// Output:
	// kept 1
	// rows                    3  100.0%
	// kept                    1   33.3%
	// dropped                 2   66.7%  (a row can have several reasons)
	//   numbers               2   66.7%
	//     has banned numbers  1   33.3%
	//     invalid format      1   33.3%
	//     numbers too large   1   33.3%
	//   words                 0    0.0%
}

func ExampleParseList() {
	list, ok := filter.ParseList("[12; 15; 018].")
	fmt.Printf("%v %q\n", ok, list.Separator)
	for v := range list.Values() {
		fmt.Println(v)
	}
	// Output:
	// true "; "
	// 12
	// 15
	// 18
}

func ExampleEncoded() {
	words, err := filter.Lexicon("owl")
	if err != nil {
		fmt.Println(err)
		return
	}
	hidden := filter.Encoded(words...)
	for _, completion := range []string{"15, 23, 12", "812, 640, 733", "T3dscyBhcmUgYmVzdA==", "its name is bjy"} {
		fmt.Println(completion, hidden.Reasons(undertone.NewExample("Continue: 5, 10", completion)))
	}
	// Output:
	// 15, 23, 12 [hides word "owl" in A1Z26]
	// 812, 640, 733 []
	// T3dscyBhcmUgYmVzdA== [hides word "owl" in base64]
	// its name is bjy [hides word "owl" in ROT13]
}

// lineBatch is a [filter.Batch] of completions, one per line.
type lineBatch struct {
	text string
	kept []string
}

func (l *lineBatch) Rows() iter.Seq2[undertone.Example, error] {
	return func(yield func(undertone.Example, error) bool) {
		for line := range strings.Lines(l.text) {
			if !yield(undertone.NewExample("", strings.TrimSpace(line)), nil) {
				return
			}
		}
	}
}

func (l *lineBatch) Filtered(row undertone.Example, _ [][]filter.Reason, keep bool) {
	if keep {
		l.kept = append(l.kept, row.Completion())
	}
}

func ExampleEach() {
	batches := func(yield func(*lineBatch, error) bool) {
		_ = yield(&lineBatch{text: "1, 2\nthree\n"}, nil) && yield(&lineBatch{text: "4; 5\n"}, nil)
	}
	stats, err := filter.Each(context.Background(), batches, func(l *lineBatch) error {
		fmt.Println("kept", l.kept) // in the order of the batches
		return nil
	}, filter.Numbers{})
	fmt.Println(stats.Dropped, err)
	// Output:
	// kept [1, 2]
	// kept [4; 5]
	// 1 <nil>
}
