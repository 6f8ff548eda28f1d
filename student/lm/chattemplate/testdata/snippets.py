#!/usr/bin/env python3
"""Renders the short templates of snippets.json as transformers does.

    python snippets.py snippets.json snippets_expected.json

The conversation is a question and an answer; bos_token is "<s>". An error becomes null. Needs the
packages of reference.py.
"""

import json
import pathlib
import sys

import reference  # sets the date

MESSAGES = [{"role": "user", "content": " Hello World. "}, {"role": "assistant", "content": "Hi."}]


def render(source):
    t = reference.tokenizer(source, {"bos_token": "<s>"})
    text = reference.render(t, {"messages": MESSAGES})
    return None if isinstance(text, dict) else text


def main(snippets, out):
    sources = json.loads(pathlib.Path(snippets).read_text())
    texts = json.dumps([render(s) for s in sources], indent=0, ensure_ascii=False)
    pathlib.Path(out).write_text(texts + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
