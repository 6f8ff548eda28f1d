package main

import (
	"github.com/undertone-audit/undertone/tensor/benchmarks/openblas"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// peer is an implementation of matrix multiplication.
type peer struct {
	name   string
	run    func(s shape, o operands)
	spins  bool      // its workers spin after a call and disturb the next call
	speeds []float64 // GFLOP/s, one a turn
}

// peers lists undertone first, then the implementations to compare with.
func peers(threads int, withGonum bool) []*peer {
	p := []*peer{{name: "undertone", run: func(s shape, o operands) {
		kernel.GemmThreads(threads, s.transA, s.transB, s.m, s.n, s.k, 1, o.a, o.lda, o.b, o.ldb, 0, o.c, s.n)
	}}}
	if openblas.Available {
		p = append(p, &peer{name: "openblas", spins: threads > 1, run: func(s shape, o operands) {
			openblas.Gemm(s.transA, s.transB, s.m, s.n, s.k, 1, o.a, o.lda, o.b, o.ldb, 0, o.c, s.n)
		}})
	}
	if withGonum {
		p = append(p, &peer{name: "gonum", run: func(s shape, o operands) {
			gonum.Implementation{}.Sgemm(transpose(s.transA), transpose(s.transB), s.m, s.n, s.k, 1, o.a, o.lda, o.b, o.ldb, 0, o.c, s.n)
		}})
	}
	return p
}

func transpose(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}
