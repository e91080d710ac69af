#!/usr/bin/env bash
# check.sh: unpacks the zip of this platform that mvn -Pdist package has made, elsewhere, and uses it there with an
# empty home: its vectors are those of ./llm2vec, and a zip holds the native libraries of its own platform alone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "check: $1" >&2; exit 1; }

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x86_64 ;;
  Darwin-arm64) platform=macosx-arm64 ;;
  *) fail "there is no distribution for $(uname -s) on $(uname -m)" ;;
esac

for each in linux-x86_64 macosx-arm64 windows-x86_64; do
  zips=("$here"/target/llm2vec4j-*-"$each".zip)
  [ -f "${zips[0]}" ] || fail "no zip for $each in $here/target; run: mvn -Pdist -DskipTests package"
  names=$(unzip -Z1 "${zips[0]}" | grep -oE 'lib/(pytorch|openblas|javacpp)-.*-(linux|macosx|windows)-.*\.jar')
  [ "$(grep -c -- "-$each.jar" <<<"$names")" -eq 3 ] || fail "${zips[0]}: natives of $each are missing"
  [ "$(wc -l <<<"$names")" -eq 3 ] || fail "${zips[0]}: holds natives of another platform: $names"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/a place"
unzip -q "$here"/target/llm2vec4j-*-"$platform".zip -d "$work/a place"
installed=$(echo "$work/a place"/llm2vec4j-*)/bin/llm2vec
ln -s "$installed" "$work/llm2vec"
printf 'שלום עולם\nthe river\n' >"$work/texts.txt"
encode() {
  "$@" encode --model embedded:hebrew-mini --dtype float32 --in "$work/texts.txt" --out "$work/$out" --quiet
}
out=installed.npy encode env -u LLM2VEC_CACHE -u XDG_CACHE_HOME HOME="$work/home" \
  LLM2VEC_OPTS="-Duser.home=$work/home" "$work/llm2vec"
out=built.npy encode "$here/../llm2vec"
cmp "$work/installed.npy" "$work/built.npy"
for file in LICENSE NOTICE sbom.json licences/third-party.txt docs/install.md; do
  [ -s "$(dirname "$installed")/../$file" ] || fail "the zip has no $file"
done
"$work/llm2vec" --version
