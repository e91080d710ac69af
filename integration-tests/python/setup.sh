#!/usr/bin/env bash
# Makes a Python environment with the reference implementation (llm2vec 0.2.3): setup.sh VENV_DIR
# Run again, it returns at once unless requirements*.txt or this script has changed.
# The Python to use (3.10 to 3.12) can be named in the variable PYTHON.
set -euo pipefail

fail() { echo "setup.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || { echo "usage: setup.sh VENV_DIR" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1" || fail "cannot make the folder $1"
venv=$(cd "$1" && pwd)
log=$venv/setup.log
stamp=$venv/.reference-environment
want=$(cat "$here"/requirements*.txt "${BASH_SOURCE[0]}" | cksum)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && "$venv/bin/python" -c '' 2>/dev/null; then
  echo "$venv is ready"
  exit 0
fi

# 1. the environment itself
if [ ! -x "$venv/bin/python" ]; then
  [ -z "$(ls -A "$venv")" ] || fail "$venv is neither empty nor a virtual environment"
  python=
  for candidate in ${PYTHON:-python3.12 python3.11 python3.10 python3}; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  [ -n "$python" ] || fail "needs Python 3.10, 3.11 or 3.12 (name one in the variable PYTHON)"
  "$python" -m venv "$venv" >"$log" 2>&1 || fail "$python -m venv failed (is python3-venv installed?): $(tail -n 1 "$log")"
fi

# 2. the packages
pip_install() {
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --no-deps "$@" >>"$log" 2>&1 ||
    fail "pip install failed, see $log: $(grep -i error "$log" | tail -n 1)"
}
pip_install -r "$here/requirements.txt"
pip_install --upgrade --target "$venv/families" -r "$here/requirements-families.txt"
pip_install --upgrade --target "$venv/sentence-transformers" -r "$here/requirements-sentence-transformers.txt"
pip_install -r "$here/requirements-gguf.txt"
pip_install -r "$here/requirements-tables.txt"
pip_install --upgrade --target "$venv/tensorboard" -r "$here/requirements-tensorboard.txt"

# 3. PyTorch's wheel for Linux x86_64 is the CUDA build: it links 1.7 GB of NVIDIA libraries that the CPU never
# calls. Libraries of the same names with empty functions let it load without that download; where there is no
# C compiler, the real ones are installed.
torch_lib=$("$venv/bin/python" -c 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").origin))')/lib
imports() { CUDA_VISIBLE_DEVICES= "$venv/bin/python" -c 'import torch; torch.randn(2, 2) @ torch.randn(2, 2)' >>"$log" 2>&1; }

make_empty_cuda_libraries() {
  local tool name
  for tool in cc nm readelf; do command -v "$tool" >/dev/null || return 1; done
  local users=(libtorch_cuda.so libtorch_cpu.so libtorch_python.so)
  local families='cublas|cublasLt|cudnn|cufft|cupti|curand|cusparse|nccl'
  (
    cd "$torch_lib"
    nm -D --undefined-only "${users[@]}" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' |
      grep -E "^($families)[A-Z]" | sort -u | awk '{ print "void " $1 "(void) { __builtin_trap(); }" }' >empty_cuda.c
    for name in $(for user in "${users[@]}"; do readelf -d "$user"; done | grep -oE "lib($families)\.so\.[0-9]+" | sort -u); do
      # NVIDIA's libraries give their symbols a version called like the library; the loader insists on it
      echo "$name { global: *; };" >empty_cuda.map
      cc -shared -fPIC -w -Wl,-soname,"$name" -Wl,--version-script,empty_cuda.map -o "$name" empty_cuda.c
      echo "$name" >>empty_cuda.list
    done
  ) >>"$log" 2>&1
}

if [ -f "$torch_lib/libtorch_cuda.so" ] && ! imports; then
  if ! { make_empty_cuda_libraries && imports; }; then
    (cd "$torch_lib" && if [ -f empty_cuda.list ]; then xargs rm -f <empty_cuda.list; fi)
    mapfile -t nvidia < <("$venv/bin/python" -c '
import importlib.metadata as m
print("\n".join(r.split(";")[0].strip() for r in m.requires("torch") if r.startswith("nvidia-")))')
    pip_install "${nvidia[@]}"
  fi
  rm -f "$torch_lib"/empty_cuda.*
fi

CUDA_VISIBLE_DEVICES= "$venv/bin/python" -c 'import accelerate, llm2vec, peft, torch, transformers' >>"$log" 2>&1 ||
  fail "the installed packages do not load, see $log: $(tail -n 1 "$log")"
echo "$want" >"$stamp"
echo "$venv is ready"
