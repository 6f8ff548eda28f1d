package transformer

import "github.com/undertone-audit/undertone/tensor/nn"

func isLoRA(part nn.Module) bool {
	_, ok := part.(*nn.LoRA)
	return ok
}
