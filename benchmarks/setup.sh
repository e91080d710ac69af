#!/usr/bin/env bash
# Makes the environments of the programs that encode.py sets beside llm2vec4j: setup.sh DIR
# DIR gets a folder for each: llm2vec, sbert, llama.cpp, jlama. Run again, it keeps what is there.
# Needs Python 3.10 to 3.12 with pip and a C++ compiler, and for Jlama Maven and a JDK of version 20 or newer, which
# PEER_JAVA_HOME names where java is older. Some 8 GB on disk; compiling llama.cpp takes some 25 minutes of a core.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: setup.sh DIR" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
envs=$(cd "$1" && pwd)
python=${PYTHON:-python3}

"$here/../integration-tests/python/setup.sh" "$envs/llm2vec"

if ! "$envs/sbert/bin/python" -c 'import sentence_transformers' 2>/dev/null; then
  "$python" -m venv "$envs/sbert"
  "$envs/sbert/bin/pip" install --quiet sentence-transformers==6.2.0 transformers==5.24.0
fi

# Compiled here for this very processor, which the ready-made packages are not.
if ! "$envs/llama.cpp/bin/python" -c 'import llama_cpp' 2>/dev/null; then
  "$python" -m venv "$envs/llama.cpp"
  CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" CXXFLAGS="-include $here/peers/gcc_amx.h" \
    "$envs/llama.cpp/bin/pip" install --quiet --no-binary llama-cpp-python llama-cpp-python==0.3.36 tokenizers==0.22.2
fi

if [ ! -d "$envs/jlama/classes" ]; then
  mvn -B -q -ntp -f "$here/peers/jlama/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$envs/jlama"
  javac=${PEER_JAVA_HOME:+$PEER_JAVA_HOME/bin/}javac
  "$javac" --add-modules jdk.incubator.vector -cp "$envs/jlama/*" -d "$envs/jlama/classes" \
    "$here/peers/jlama/JlamaPeer.java"
fi
echo "$envs is ready"
