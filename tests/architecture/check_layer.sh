#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_layer.sh FOLDER "LAYERS" "PUBLIC HEADERS": every #include "layer/..." in
# FOLDER names one of LAYERS, every #include <lockstep/...> one of the headers.
# src/layer.cmake registers it once per layer, with what src/CMakeLists.txt says.
find "$1" -name '*.[ch]' -exec awk -v layer="${1##*/}" -v layers=" $2 " -v headers=" $3 " '
  function report(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
  /^[ \t]*#[ \t]*include[ \t]*["<]/ {
    name = $0
    sub(/^[^"<]*["<]/, "", name)
    sub(/[">].*/, "", name)
    if ($0 ~ /<lockstep\//) {
      if (!index(headers, " " substr(name, 10) " "))
        report(layer " must not include <" name ">; it may: " headers)
    } else if ($0 ~ /"/) {
      slash = index(name, "/")
      if (!slash)
        report("name the layer: \"" layer "/" name "\"")
      else if (!index(layers, " " substr(name, 1, slash - 1) " "))
        report(layer " must not include \"" name "\"; it may: " layers)
    }
  }
  END { exit bad }' {} +
