#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_planted_violations.sh SOURCE_TREE RULES: a check that cannot fail is worth
# nothing.  Each violation is planted in a copy of the sources, and exactly the check
# that is named must find it.  RULES has one line "layer|layers|headers" per layer.
tree=$1
rules=$2
checks=$tree/tests/architecture
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$tree/src" "$tree/include" "$copy"
rc=0

# The names of the checks that fail on the copy.
failing() {
  while IFS='|' read -r layer layers headers; do
    "$checks/check_layer.sh" "$copy/src/$layer" "$layers" "$headers" >/dev/null || echo "$layer"
  done <"$rules"
  "$checks/check_foreign_headers.sh" "$copy" >/dev/null || echo foreign_headers
  "$checks/check_budget.py" "$copy" >/dev/null || echo budget
}

# plant "CHECKS" FILE TEXT: with TEXT at the end of FILE exactly CHECKS fail.
plant() {
  [ -z "$2" ] || printf '%b\n' "$3" >>"$copy/$2"
  found=$(failing | tr '\n' ' ')
  if [ "$found" != "$1" ]; then
    echo "planted '$3' in '$2': expected the checks '$1' to fail, found '$found'"
    rc=1
  fi
  [ -z "$2" ] || cp "$tree/$2" "$copy/$2" 2>/dev/null || rm "$copy/$2"
}

lines=$(printf '  x++;\\n%.0s' $(seq 100))
long_file=$(printf '/* x */\\n%.0s' $(seq 401))

plant '' '' ''
plant 'base ' src/base/text.c '#include "tensor/shape.h"'
plant 'base ' src/base/text.c '  #  include "shape.h"'
plant 'tensor ' src/tensor/shape.c '#include "comm/comm.h"'
plant 'tensor ' src/tensor/shape.h '#include <lockstep/nowhere.h>'
plant 'kernels ' src/kernels/select.c '#include "comm/comm.h"'
plant 'io ' src/io/sealed_file.c '#include "kernels/kernels.h"'
plant 'foreign_headers ' src/tensor/shape.c '#include <mpi.h>'
plant 'foreign_headers ' src/checkpoint/checkpoint.c '#include <hdf5.h>'
plant 'foreign_headers ' src/model/cell.c '#include <omp.h>'
plant 'budget ' src/base/text.c "static int f(int x) {\\n$lines  return x;\\n}"
plant 'budget ' src/base/text.c 'int f(int a, int b, int c, int d, int e, int g, int h, int i, int j) {\nreturn a;\n}'
plant 'budget ' src/base/text.c '/* TODO: more */'
plant 'budget ' src/base/text.c '#if 0\n#endif'
plant 'budget ' src/tensor/text.c '/* The name of another file. */'
plant 'budget ' src/tensor/long.c "$long_file"
exit $rc
