module github.com/undertone-audit/undertone/contrib/card

go 1.26.0

require (
	github.com/undertone-audit/undertone v0.1.0
	go.yaml.in/yaml/v3 v3.0.6
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4 // indirect
)
