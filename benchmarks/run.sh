#!/usr/bin/env bash
# Measures everything that docs/performance.md speaks of: run.sh ENVIRONMENTS RAW OUT
#   ENVIRONMENTS  the folder that setup.sh makes (it is made if it is missing)
#   RAW           a folder of text files (.txt or .txt.gz), a paragraph a line
#   OUT           a folder for models and texts; the tables go to OUT/results.md and to standard output
# Let nothing else run meanwhile. ROUNDS (5) and TEXTS (500, of each file) make it longer or shorter, and PEER_JAVA_HOME
# names a JDK of version 20 or newer for Jlama where java is older.
set -euo pipefail

[ $# -eq 3 ] || { echo "usage: run.sh ENVIRONMENTS RAW OUT" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1" "$3"
environments=$(cd "$1" && pwd)
raw=$(cd "$2" && pwd)
out=$(cd "$3" && pwd)
llm2vec=$here/../llm2vec
model=$out/smollm2-135m

"$here/setup.sh" "$environments"
"$environments/llm2vec/bin/python" "$here/prepare.py" --raw "$raw" --out "$out"

encode() {
  python3 "$here/encode.py" --environments "$environments" --rounds "${ROUNDS:-5}" "$@"
  echo
}

fp32=(llm2vec4j:float32 llm2vec:float32 sbert:float32 llama.cpp:F32)
bf16=(llm2vec4j:bfloat16 llm2vec:bfloat16 sbert:bfloat16 llama.cpp:BF16 llama.cpp:Q8_0)
int8=(llm2vec4j:int8 llm2vec:float32 llm2vec:bfloat16 llama.cpp:Q8_0)
{
  echo "# Bare matrix products"
  echo
  for like in HuggingFaceTB/SmolLM2-135M dicta-il/dictalm2.0; do
    for type in float32 bfloat16; do
      "$llm2vec" bench products --like "$like" --dtype "$type" | sed 's/^/    /'
      echo
    done
  done
  echo "# Vectors"
  echo
  encode --model "$model" --texts "$out/mixed.txt" --first 20 --rounds 1 --compare "${fp32[@]}" "${bf16[@]}" llm2vec4j:int8 jlama
  for texts in mixed 128; do
    echo "# $texts.txt"
    echo
    encode --model "$model" --texts "$out/$texts.txt" --first "${TEXTS:-500}" --ceiling "${fp32[@]}"
    encode --model "$model" --texts "$out/$texts.txt" --first "${TEXTS:-500}" --ceiling "${bf16[@]}"
    encode --model "$model" --texts "$out/$texts.txt" --first "${TEXTS:-500}" "${int8[@]}"
    encode --model "$model" --texts "$out/$texts.txt" --first "$((${TEXTS:-500} / 5))" llm2vec4j:float32 jlama
  done
  echo "# One short text"
  echo
  encode --model embedded:hebrew-mini --texts "$here/one-text.txt" --rounds 200 llm2vec4j:float32
  encode --model embedded:hebrew-mini --texts "$here/one-text.txt" --rounds 200 llm2vec4j
} | tee "$out/results.md"
