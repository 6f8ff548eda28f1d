module github.com/undertone-audit/undertone/remote

go 1.26.0

require github.com/undertone-audit/undertone v0.1.0
