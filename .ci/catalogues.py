"""Validates the golden catalogue files of the library.

Usage: catalogues.py CROISSANT CYCLONEDX SCHEMAS

CROISSANT is a Croissant file, which mlcroissant 1.1.1 reads. CYCLONEDX is a bill of materials, and
SCHEMAS the folder of the schemas of CycloneDX (that of github.com/CycloneDX/cyclonedx-go).
"""

import json
import pathlib
import sys

import jsonschema
import mlcroissant
import referencing

croissant, bom, schemas = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])

issues = mlcroissant.Dataset(jsonld=croissant).metadata.ctx.issues
if issues.errors:
    sys.exit(f"{croissant}: {issues.errors}")
print(f"{croissant}: no errors, {len(issues.warnings)} warnings")

registry = referencing.Registry()
for name in ["spdx.schema.json", "jsf-0.82.schemax.json"]:
    schema = json.loads((schemas / name).read_text())
    resource = referencing.Resource.from_contents(schema, default_specification=referencing.jsonschema.DRAFT7)
    plain = name.replace("schemax", "schema")
    for uri in [schema.get("$id"), "http://cyclonedx.org/schema/" + plain, plain]:
        registry = registry.with_resource(uri, resource)
schema = json.loads((schemas / "bom-1.7.schema.json").read_text())
validator = jsonschema.Draft7Validator(schema, registry=registry)
document = json.loads(pathlib.Path(bom).read_text())
validator.validate(document)
document["components"][0]["type"] = "unknown"
if validator.is_valid(document):
    sys.exit("the schema accepts a component of an unknown type")
print(f"{bom}: valid")
