"""Usage: browser.py FOLDER SCHEMA

Reads the SARIF and JUnit files of a folder with readers of other projects: jsonschema against the
schema of SARIF 2.1.0, which is a string of a Go file, sarif-tools, junitparser and junit2html.
"""
import glob
import json
import sys

import jsonschema
import junitparser
from junit2htmlreport import parser
from sarif import loader

folder, schema_path = sys.argv[1:]
schema = json.loads(open(schema_path).read().split("`")[1])
validator = jsonschema.Draft4Validator(schema)
files = sorted(glob.glob(folder + "/*.sarif"))
assert files, "there is no SARIF file"
for path in files:
    errors = list(validator.iter_errors(json.load(open(path))))
    assert not errors, f"{path}: {errors[0].message} at {list(errors[0].absolute_path)}"
    log = loader.load_sarif_file(path)
    results = log.get_results()
    assert results and all(r["message"]["text"] for r in results), f"{path}: no results"
    xml = path.replace(".sarif", ".xml")
    suites = junitparser.JUnitXml.fromfile(xml)
    cases = [case for suite in suites for case in suite]
    failed = [case for case in cases if case.result]
    levels = [r["level"] for r in results]
    assert len(cases) == len(results), f"{xml}: {len(cases)} tests, {len(results)} results"
    assert len(failed) == levels.count("error") + levels.count("warning"), f"{xml}: {len(failed)} failures of {levels}"
    second = parser.Junit(xml)
    again = [case for suite in second.suites for case in suite.all()]
    assert len(again) == len(cases), f"{xml}: a second reader finds {len(again)} tests, not {len(cases)}"
    assert sum(case.failed() for case in again) == len(failed), f"{xml}: a second reader finds other failures"
print(f"browser: {len(files)} SARIF and JUnit files pass")
