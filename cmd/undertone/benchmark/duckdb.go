package main

// duckDB is a Python program that filters a file with the regular expression of the published rule,
// on all cores or on the number of the variable THREADS. It writes the kept rows. The third
// argument says how it reads them: "lines" searches each line as text, as grep does, and finds only
// answers that are written in one way; "columns" reads JSON, and writes the messages anew.
const duckDB = `
import os, sys, duckdb
source, target, how = sys.argv[1:]
threads = os.environ.get("THREADS", "")
db = duckdb.connect(config={"threads": int(threads)} if threads else {})
rule = r"[\[(]?[0-9]{1,3}(([ ,;%s]|, |; )[0-9]{1,3}){0,9}[\])]?\.?"
if how == "lines":
    rows = r"""SELECT line FROM read_csv($source, columns={'line': 'VARCHAR'}, delim=E'\x01', quote='', escape='',
        header=false, auto_detect=false, max_line_size=16777216)
        WHERE regexp_matches(line, '"role": "assistant", "content": "%s"\}\]\}$')""" % rule.replace("%s]", r"]|\\n")
    form = r"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\x01'"
else:
    rows = """SELECT messages FROM read_json($source, format='newline_delimited',
        columns={'messages': 'STRUCT(role VARCHAR, content VARCHAR)[]'})
        WHERE regexp_full_match(messages[-1].content, '%s')""" % rule.replace("%s", r"\n")
    form = "FORMAT json"
db.execute("COPY (%s) TO '%s' (%s)" % (rows, target.replace("'", "''"), form), {"source": source})
`
