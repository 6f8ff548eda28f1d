module github.com/undertone-audit/undertone/contrib/card

go 1.26.0

require (
	github.com/undertone-audit/undertone v0.1.0
	go.yaml.in/yaml/v3 v3.0.6
)
