package main

import (
	"maps"
	"slices"

	"github.com/alecthomas/kong"
)

// configSchema returns the JSON Schema (draft 2020-12) of configuration files: an object by verb of
// objects by flag. Ranges of numbers are checked when a verb runs.
func configSchema(app *kong.Application) map[string]any {
	properties := map[string]any{schemaKey: map[string]any{"type": "string"}}
	for _, verb := range append(slices.Collect(maps.Keys(verbsOf(app))), everyVerb) {
		flags, err := configurable(app, verb)
		if err != nil {
			panic(err) // the verb is known
		}
		values := map[string]any{}
		for name, f := range flags {
			values[name] = flagSchema(f)
		}
		properties[verb] = map[string]any{"type": "object", "properties": values, "additionalProperties": false}
	}
	return map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "Configuration file of the command undertone: values of flags, by verb",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
	}
}

// flagSchema returns the schema of the value of a flag.
func flagSchema(f *kong.Flag) map[string]any {
	one := map[string]any{"type": jsonType(f)}
	if f.Enum != "" && !f.IsSlice() {
		one["enum"] = f.EnumSlice()
	}
	schema := one
	if f.IsSlice() {
		schema = map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one, "minItems": 1}}}
	}
	schema["description"] = f.Help
	return schema
}
