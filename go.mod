module github.com/undertone-audit/undertone

go 1.26.0
