module github.com/undertone-audit/undertone/remote

go 1.26.0

require (
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/undertone-audit/undertone v0.1.0
	golang.org/x/sync v0.24.0
	golang.org/x/time v0.16.0
)

require (
	github.com/ardanlabs/jinja v1.8.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)
