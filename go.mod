module github.com/undertone-audit/undertone

go 1.26.0

require (
	github.com/klauspost/compress v1.20.3
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4
	golang.org/x/sync v0.24.0
	golang.org/x/sys v0.49.0
	golang.org/x/text v0.43.0
	gonum.org/v1/gonum v0.17.0
)

require github.com/ardanlabs/jinja v1.8.0
