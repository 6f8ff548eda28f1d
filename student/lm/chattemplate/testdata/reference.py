#!/usr/bin/env python3
"""Renders conversations with the chat templates of a folder as transformers does.

    python reference.py TEMPLATES CONVERSATIONS.json OUT

TEMPLATES is a folder of *.jinja files. CONVERSATIONS.json holds the special tokens of each template
and the conversations. For each template the script writes OUT/NAME.json: for each conversation the
text of apply_chat_template, or {"error": MESSAGE} if the template refuses it. The date that templates
get is 26 July 2024. Needs transformers (5.24.0 made the files here), tokenizers and jinja2.
"""

import datetime
import json
import pathlib
import sys

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils


class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


chat_template_utils.datetime = Fixed


def tokenizer(source, tokens):
    vocabulary = {t: i for i, t in enumerate(["x", *dict.fromkeys(tokens.values())])}
    t = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel(vocabulary, unk_token="x")), **tokens)
    t.chat_template = source
    return t


def render(t, c):
    try:
        return t.apply_chat_template(
            c["messages"],
            tools=c.get("tools"),
            tokenize=False,
            add_generation_prompt=c.get("prompt", False),
            **c.get("variables", {}),
        )
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


def main(templates, conversations, out):
    cases = json.loads(pathlib.Path(conversations).read_text())
    pathlib.Path(out).mkdir(parents=True, exist_ok=True)
    for path in sorted(pathlib.Path(templates).glob("*.jinja")):
        tokens = cases["tokens"].get(path.stem, cases["tokens"]["default"])
        t = tokenizer(path.read_bytes().decode(), tokens)
        texts = {c["name"]: render(t, c) for c in cases["conversations"]}
        target = pathlib.Path(out) / (path.stem + ".json")
        target.write_text(json.dumps(texts, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
