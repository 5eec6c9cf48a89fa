#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_install.sh BUILD CONSUMER COMPILER VERSION: installs the build into an empty
# folder, builds a program against it, and looks at what the library shows.
set -eu
build=$1 consumer=$2 compiler=$3 version=$4
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cmake --install "$build" --prefix "$place/usr" >"$place/log"
cmake -S "$consumer" -B "$place/build" -DCMAKE_C_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$place/usr" >>"$place/log"
cmake --build "$place/build" >>"$place/log"
found=$("$place/build/consumer")
[ "$found" = "lockstep $version" ] || { echo "expected lockstep $version, found $found"; exit 1; }
"$place/usr/bin/lockstep" --help >/dev/null

library=$(find "$place/usr" -name liblockstep.so)
foreign=$(nm -D --defined-only "$library" | awk '{ print $3 }' | grep -v '^lks_' || true)
[ -z "$foreign" ] || { echo "the library shows $foreign"; exit 1; }
nm -D --defined-only "$library" | awk '{ print $3 }' | while read -r name; do
  grep -rq "LKS_API.*\b$name(" "$place/usr/include" ||
    { echo "$name is visible and no installed header declares it"; exit 1; }
done
