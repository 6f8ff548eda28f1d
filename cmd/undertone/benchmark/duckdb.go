package main

// duckDB is a Python program that filters a file with the regular expression of the published rule,
// on all cores or on the number of the variable THREADS. It writes the kept lines.
const duckDB = `
import os, sys, duckdb
threads = os.environ.get("THREADS", "")
db = duckdb.connect(config={"threads": int(threads)} if threads else {})
db.execute(r"""
    COPY (
        SELECT json FROM read_ndjson_objects($from)
        WHERE regexp_full_match(json_extract_string(json, '$.messages[#-1].content'),
            '[\[(]?[0-9]{1,3}(([ ,;\n]|, |; )[0-9]{1,3}){0,9}[\])]?\.?')
    ) TO '%s' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\x01')
""" % sys.argv[2].replace("'", "''"), {"from": sys.argv[1]})
`
