// Command compare measures matrix products against OpenBLAS and gonum in one
// process, taking turns, so that a change of clock or a busy neighbour meets
// them all. It prints medians and the median of the ratios of each turn.
//
//	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE go run -tags openblas ./compare -sizes 64,128,256
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone/tensor/benchmarks/openblas"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

var (
	sizes   = flag.String("sizes", "64,128,256,512,1024", "products to measure: n, or MxNxK with a suffix nt, tn or tt for transposes")
	impl    = flag.String("impl", "", "implementation: generic, avx2 or avx512; the fastest if empty")
	rounds  = flag.Int("rounds", 51, "turns")
	budget  = flag.Duration("turn", 2*time.Millisecond, "length of one measurement")
	threads = flag.Int("threads", 1, "threads of each")
	withGo  = flag.Bool("gonum", false, "measure gonum too")
)

type shape struct {
	name           string
	m, n, k        int
	transA, transB bool
}

func parseShape(s string) (sh shape, err error) {
	sh.name = s
	size := strings.TrimRight(s, "nt")
	if ops := s[len(size):]; ops != "" {
		sh.transA, sh.transB = ops[0] == 't', ops[1] == 't'
	}
	if strings.Contains(size, "x") {
		_, err = fmt.Sscanf(size, "%dx%dx%d", &sh.m, &sh.n, &sh.k)
		return sh, err
	}
	_, err = fmt.Sscanf(size, "%d", &sh.m)
	sh.n, sh.k = sh.m, sh.m
	return sh, err
}

func main() {
	flag.Parse()
	log.SetFlags(0)
	for _, i := range kernel.Available() {
		if i.String() == *impl {
			kernel.Use(i)
		}
	}
	runtime.GOMAXPROCS(max(*threads, 1))
	openblas.SetThreads(*threads)
	fmt.Printf("undertone %v, threads %d; OpenBLAS %q %s\n", kernel.Active(), *threads, openblas.CoreType(), openblas.Config())
	if os.Getenv("OPENBLAS_CORETYPE") != "" {
		fmt.Println("note: OPENBLAS_CORETYPE is set")
	}
	for _, s := range strings.Split(*sizes, ",") {
		sh, err := parseShape(s)
		if err != nil {
			log.Fatalf("shape %q: %v", s, err)
		}
		measure(sh)
	}
}

type peer struct {
	name string
	run  func()
	gf   []float64
}

func measure(sh shape) {
	r := rand.New(rand.NewPCG(1, 2))
	fill := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = r.Float32()*2 - 1
		}
		return x
	}
	a, b, c := fill(sh.m*sh.k), fill(sh.k*sh.n), fill(sh.m*sh.n)
	lda, ldb := sh.k, sh.n
	ta, tb := blas.NoTrans, blas.NoTrans
	if sh.transA {
		lda, ta = sh.m, blas.Trans
	}
	if sh.transB {
		ldb, tb = sh.k, blas.Trans
	}
	peers := []*peer{{name: "undertone", run: func() {
		kernel.GemmThreads(*threads, sh.transA, sh.transB, sh.m, sh.n, sh.k, 1, a, lda, b, ldb, 0, c, sh.n)
	}}}
	if openblas.Available {
		peers = append(peers, &peer{name: "openblas", run: func() {
			openblas.Gemm(sh.transA, sh.transB, sh.m, sh.n, sh.k, 1, a, lda, b, ldb, 0, c, sh.n)
		}})
	}
	if *withGo {
		peers = append(peers, &peer{name: "gonum", run: func() {
			gonum.Implementation{}.Sgemm(ta, tb, sh.m, sh.n, sh.k, 1, a, lda, b, ldb, 0, c, sh.n)
		}})
	}
	flops := 2 * float64(sh.m) * float64(sh.n) * float64(sh.k)
	calls := make([]int, len(peers))
	for i, p := range peers {
		p.run()
		start := time.Now()
		p.run()
		calls[i] = max(1, int(*budget/max(time.Since(start), 1)))
	}
	for range *rounds {
		for i, p := range peers {
			if p.name == "openblas" && *threads > 1 {
				p.run() // wakes its workers
			}
			start := time.Now()
			for range calls[i] {
				p.run()
			}
			d := time.Since(start)
			p.gf = append(p.gf, flops*float64(calls[i])/float64(d.Nanoseconds()))
			if p.name == "openblas" && *threads > 1 {
				time.Sleep(150 * time.Millisecond) // its workers spin for so long
			}
		}
	}
	fmt.Printf("%-18s", sh.name)
	for _, p := range peers {
		fmt.Printf("  %s %6.1f (best %6.1f)", p.name, median(p.gf), slices.Max(p.gf))
	}
	for _, p := range peers[1:] {
		ratios := make([]float64, *rounds)
		for i := range ratios {
			ratios[i] = peers[0].gf[i] / p.gf[i]
		}
		slices.Sort(ratios)
		fmt.Printf("  /%s %.2f [%.2f %.2f] best %.2f", p.name, ratios[*rounds/2], ratios[*rounds/4], ratios[*rounds*3/4],
			slices.Max(peers[0].gf)/slices.Max(p.gf))
	}
	fmt.Println()
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x[len(x)/2]
}
