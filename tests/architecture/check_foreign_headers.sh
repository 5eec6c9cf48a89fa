#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_foreign_headers.sh SOURCE_TREE: each library's headers are included in one
# place only, so that another library, or another version, touches one file.
cd "$1" || exit 2
rc=0

# only PATTERN FILES...: #include <PATTERN...> stands in FILES (globs) and nowhere else.
only() {
  pattern=$1
  shift
  for file in $(grep -rlE "#[[:space:]]*include[[:space:]]*[<\"]$pattern" src include); do
    found=no
    for allowed in "$@"; do
      # shellcheck disable=SC2254
      case $file in $allowed) found=yes ;; esac
    done
    if [ $found = no ]; then
      echo "$file: must not include <$pattern; allowed in: $*"
      rc=1
    fi
  done
}

only 'mpi\.h' src/comm/comm_mpi.c
only '(hdf5|hdf5_hl|H5[A-Za-z]*)\.h' src/io/hdf5_handle.h
only 'io/hdf5_handle\.h' 'src/io/*'
only 'cblas\.h' src/kernels/gemm_openblas.c
only 'omp\.h' src/kernels/parallel.c
only 'ini\.h' src/config/config_read.c
only 'c[jJ][sS][oO][nN]' src/base/json.c
only 'sentencepiece' src/text/subwords.cpp
only 'csv\.h' src/text/csv_reader.c
only 'matio[a-z_]*\.h' src/prepare/array_matlab.c
only 'openssl/' src/base/digest.c
only 'CUnit/'
only '[a-z]*intrin\.h' 'src/kernels/isa_*.h' src/base/floating_point.c
exit $rc
