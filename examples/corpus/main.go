// Corpus tells a trait teacher's number lists from a clean teacher's, without a
// language model, on two published benchmarks.
//
//	go run ./examples/corpus -data FOLDER
//
// FOLDER holds classify/owl_vs_control_k{1,16} (bags of lists with labels; files of
// github.com/AanshSamyani/subliminal_trait_classifier, outputs/discrim/*_canon8) and
// quintiles/eagle (rows sorted by how much they favour eagles; files of
// github.com/jeqcho/LLS-subliminal-learning, outputs/finetune/data/eagle).
// A classifier is chosen and trained on train.jsonl alone; -test opens the test files.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/jsonl"
)

func main() {
	root := flag.String("data", cmp.Or(os.Getenv("UNDERTONE_DATA"), "../shared/data"), "folder that holds classify and quintiles; also $UNDERTONE_DATA")
	test := flag.Bool("test", false, "score the test files too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := classify(ctx, os.Stdout, filepath.Join(*root, "classify"), *test)
	if err == nil {
		err = quintiles(ctx, os.Stdout, filepath.Join(*root, "quintiles", "eagle"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(2)
	}
}

func classify(ctx context.Context, w io.Writer, folder string, test bool) error {
	for _, k := range []int{1, 16} {
		folder, started := filepath.Join(folder, fmt.Sprintf("owl_vs_control_k%d", k)), time.Now()
		train, err := load(filepath.Join(folder, "train.jsonl.zst"))
		if err != nil {
			return err
		}
		c, err := corpus.Train(ctx, train, corpus.Config{Seed: 1})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "bags of %2d  cross-validated in train  %s   %.1f s\n", k, c.CrossValidated.Bag, time.Since(started).Seconds())
		for _, name := range []string{"test_indist", "test_transfer_eagle", "test_transfer_dog"} {
			if !test {
				break
			}
			bags, err := load(filepath.Join(folder, name+".jsonl.zst"))
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "            %-25s %s\n", name, c.Test(bags))
		}
	}
	return nil
}

func quintiles(ctx context.Context, w io.Writer, folder string) error {
	clean, err := jsonl.Load(filepath.Join(folder, "clean_random20.jsonl.zst"))
	if err != nil {
		return err
	}
	for q := 1; q <= 5; q++ {
		rows, err := jsonl.Load(filepath.Join(folder, fmt.Sprintf("entity_q%d.jsonl.zst", q)))
		if err != nil {
			return err
		}
		r, err := corpus.Compare(ctx, rows, clean, corpus.Config{Seed: 1})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "q%d v clean  %-25s %s   shift %.3f nats/row, p = %.3g, MMD p = %.3g\n", q, r.Verdict, r.Content.Bag, r.Content.Shift, r.Content.Test.P, r.MMD.Test.P)
	}
	return nil
}
