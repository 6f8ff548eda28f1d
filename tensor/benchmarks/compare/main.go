// Command compare measures matrix products of undertone, OpenBLAS and gonum in one process, in
// alternation, so that a change of the clock or another process affects all of them. It prints the
// median speed of each and, for the ratio of each turn, the median and the quartiles.
//
//	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE go run -tags openblas ./compare -sizes 64,128,256
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone/tensor/benchmarks/openblas"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

var (
	sizes     = flag.String("sizes", "64,128,256,512,1024", "products, separated by commas: N or MxNxK, with a suffix nt, tn or tt for transposes")
	impl      = flag.String("impl", "", "implementation: generic, avx2 or avx512; the fastest if empty")
	rounds    = flag.Int("rounds", 21, "turns")
	turn      = flag.Duration("turn", 2*time.Millisecond, "length of a turn")
	threads   = flag.Int("threads", 1, "threads of each")
	withGonum = flag.Bool("gonum", false, "also measure gonum, on one thread")
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	if err := choose(*impl); err != nil {
		return err
	}
	if *rounds < 1 || *threads < 1 {
		return fmt.Errorf("compare: %d turns on %d threads: want at least 1", *rounds, *threads)
	}
	runtime.GOMAXPROCS(*threads)
	openblas.SetThreads(*threads)
	fmt.Printf("undertone %v; threads %d; OpenBLAS kernel %q (%s)\n", kernel.Active(), *threads, openblas.CoreType(), openblas.Config())
	for _, name := range []string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"} {
		if v := os.Getenv(name); v != "" {
			fmt.Printf("note: %s=%s\n", name, v)
		}
	}
	for _, s := range strings.Split(*sizes, ",") {
		sh, err := parseShape(s)
		if err != nil {
			return err
		}
		measure(sh, peers(*threads, *withGonum))
	}
	return nil
}

func choose(name string) error {
	if name == "" {
		return nil
	}
	for _, i := range kernel.Available() {
		if i.String() == name {
			kernel.Use(i)
			return nil
		}
	}
	return fmt.Errorf("compare: implementation %q: this machine can run %v", name, kernel.Available())
}

// measure measures all peers in turn and prints a line.
func measure(sh shape, all []*peer) {
	o := sh.operands()
	calls := make([]int, len(all))
	for i, p := range all {
		p.run(sh, o) // fills caches and pools
		start := time.Now()
		p.run(sh, o)
		calls[i] = max(1, int(*turn/max(time.Since(start), 1)))
	}
	for range *rounds {
		for i, p := range all {
			p.run(sh, o) // wakes workers and warms caches after the turn of another peer
			start := time.Now()
			for range calls[i] {
				p.run(sh, o)
			}
			p.speeds = append(p.speeds, sh.flops()*float64(calls[i])/float64(time.Since(start).Nanoseconds()))
			if p.spins {
				time.Sleep(150 * time.Millisecond)
			}
		}
	}
	fmt.Printf("%-18s", sh.name)
	for _, p := range all {
		fmt.Printf("  %s %6.1f", p.name, quantile(p.speeds, 0.5))
	}
	for _, p := range all[1:] {
		ratios := make([]float64, *rounds)
		for i := range ratios {
			ratios[i] = all[0].speeds[i] / p.speeds[i]
		}
		fmt.Printf("  /%s %.2f [%.2f %.2f]", p.name, quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75))
	}
	fmt.Println()
}

func quantile(x []float64, q float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x[int(q*float64(len(x)-1)+0.5)]
}
