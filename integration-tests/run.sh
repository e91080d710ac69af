#!/usr/bin/env bash
# Makes the three models with the real command line, in a short setting, and compares them with Python: run.sh [DIR]
# DIR keeps what was made; without it a temporary folder is used. Without pip it says so and skips the comparison.
# The Python environment is kept for the next run in the folder that LLM2VEC_VENV names, or in the user's cache.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
llm2vec=$here/../llm2vec
venv=${LLM2VEC_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/llm2vec4j/venv}
models=(mntp mntp-unsup-simcse mntp-supervised)

if [ $# -gt 0 ]; then
  mkdir -p "$1"
  work=$(cd "$1" && pwd)
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# The whole recipe, only with fewer steps of training: what is compared is the arithmetic, not how good the models are.
make_models() {
  "$llm2vec" recipe --out "$work/models" --set max_steps=6 --set warmup_steps=2 --set save_steps=6 \
    --set report_to=tensorboard
}

encode_texts() {
  mkdir -p "$work/embeddings"
  cp "$here/texts.txt" "$work/embeddings/texts.txt"
  printf '%s\n' 'Retrieve sentences with the same meaning' >"$work/embeddings/instruction.txt"
  local model
  for model in "${models[@]}"; do
    "$llm2vec" encode --model "$work/models/$model" --dtype float32 \
      --instruction "$(cat "$work/embeddings/instruction.txt")" \
      --in "$work/embeddings/texts.txt" --out "$work/embeddings/$model.npy"
  done
}

# One model in every layout that is exported, in fp32 since the sum of weights and adapters rounds in bf16, and vectors
# without an instruction to compare with.
export_model() {
  mkdir -p "$work/exports"
  cp "$here/texts.txt" "$work/exports/texts.txt"
  local format
  for format in merged peft sentence-transformers; do
    [ -d "$work/exports/$format" ] ||
      "$llm2vec" export --model "$work/models/mntp-supervised" --to "$work/exports/$format" --format "$format" \
        --dtype float32
  done
  "$llm2vec" encode --model "$work/models/mntp-supervised" --dtype float32 \
    --in "$work/exports/texts.txt" --out "$work/exports/embeddings.npy"
}

# The same vectors as a table, beside a column of the input.
encode_table() {
  mkdir -p "$work/tables"
  awk 'BEGIN { print "id,text" } { gsub(/"/, "\"\""); print NR ",\"" $0 "\"" }' "$here/texts.txt" >"$work/tables/texts.csv"
  local name
  for name in vectors.parquet vectors.npy; do
    "$llm2vec" encode --model "$work/models/mntp" --dtype float32 --in "$work/tables/texts.csv" \
      --out "$work/tables/$name" $([ "$name" = vectors.npy ] || echo --keep id,text)
  done
}

# One cache for llm2vec4j and the Python package huggingface_hub, against a hub on this machine.
check_hub() {
  local core=$here/../core
  "$venv/bin/python" "$here/python/check_hub.py" --llm2vec "$llm2vec" \
    --server "${JAVA_HOME:+$JAVA_HOME/bin/}java -cp '$core/target/test-classes:$here/../cli/target/lib/*' io.github.llm2vec4j.core.hub.HubServer" \
    --model "$core/src/test/resources/golden/models/mistral"
}

compare_with_python() {
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "SKIPPED: the comparison with Python, because 'python3 -m pip' does not work here"
    return
  fi
  "$here/python/setup.sh" "$venv"
  check_hub
  "$venv/bin/python" "$here/python/check_models.py" --dir "$work/models" --embeddings "$work/embeddings"
  "$venv/bin/python" "$here/python/check_exports.py" --base "$work/models/base" --exports "$work/exports" \
    --embeddings "$work/exports"
  "$venv/bin/python" "$here/python/check_cards.py" "${models[@]/#/$work/models/}" "$work"/exports/*/
  "$venv/bin/python" "$here/python/check_parquet.py" --parquet "$work/tables/vectors.parquet" \
    --npy "$work/tables/vectors.npy"
  "$venv/bin/python" "$here/python/check_tensorboard.py" "${models[@]/#/$work/models/}"
}

make_models
encode_texts
export_model
encode_table
compare_with_python
