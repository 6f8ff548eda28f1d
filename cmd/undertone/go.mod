module github.com/undertone-audit/undertone/cmd/undertone

go 1.26.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/undertone-audit/undertone v0.0.0
	github.com/vbauerster/mpb/v8 v8.16.2
)

replace github.com/undertone-audit/undertone => ../..
