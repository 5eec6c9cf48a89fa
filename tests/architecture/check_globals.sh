#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_globals.sh README LIBRARY...: every variable of the libraries that can be
# written outside a function's frame is listed in README as `name`.
readme=$1
shift
rc=0
for library in "$@"; do
  # objdump -t: address, flags, section, size, name; compilers append .N to statics.
  for name in $(objdump -t "$library" |
                awk '$NF !~ /^\./ && / \.(data|bss|tdata|tbss)[ \t]/ { print $NF }' |
                sed 's/\.[0-9]*$//' | sort -u); do
    if ! grep -qF "\`$name\`" "$readme"; then
      echo "${library##*/}: the variable '$name' is not listed in $readme"
      rc=1
    fi
  done
done
exit $rc
