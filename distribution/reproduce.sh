#!/usr/bin/env bash
# reproduce.sh: builds the commit that is checked out twice, in two folders, and compares every file of a release byte
# for byte. Leaves their sums in distribution/target/SHA256SUMS.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if command -v mvn >/dev/null; then mvn=mvn; else mvn=$here/../mvnw; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for folder in first second-in-a-longer-path; do
  git clone -q "$here/.." "$work/$folder"
  (cd "$work/$folder" && "$mvn" -B -q -ntp -Pdist -DskipTests -Dspotless.check.skip package)
  (cd "$work/$folder" && find . \( -path '*/target/llm2vec4j-*.jar' -o -path '*/target/llm2vec4j-*.zip' \
    -o -path '*/target/bom.json' \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"$work/$folder.sums"
done
diff "$work/first.sums" "$work/second-in-a-longer-path.sums" || { echo "reproduce: the files above differ" >&2; exit 1; }
mkdir -p "$here/target"
cp "$work/first.sums" "$here/target/SHA256SUMS"
echo "$(wc -l <"$work/first.sums") files, the same in both builds"
