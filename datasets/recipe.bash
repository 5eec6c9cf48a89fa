# SPDX-License-Identifier: Apache-2.0
# recipe.bash: sourced by the scripts get and run of every dataset.
#
# LOCKSTEP_DATASETS may name a folder with files that were downloaded before, under
# the dataset's name; else they come from their public home.  Their SHA-256 is
# checked either way.

recipe_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1

recipe_fail() { # message
  printf '%s: error: %s\n' "$0" "$1" >&2
  exit "${2:-1}"
}

recipe_has() { # file, sha256
  [[ -f $1 ]] && [[ $(sha256sum <"$1") == "$2  -" ]]
}

# recipe_fetch FILE SHA256 PACKED URL: makes FILE, whose content is as SHA256 says,
# from $LOCKSTEP_DATASETS/PACKED or from URL, each unpacked when it ends in .gz.
recipe_fetch() {
  local file=$1 sum=$2 packed=${LOCKSTEP_DATASETS:-}/$3 url=$4 source
  recipe_has "$file" "$sum" && return
  mkdir -p "$(dirname "$file")" || exit 1
  if [[ -n ${LOCKSTEP_DATASETS:-} && -f $packed ]]; then
    source=$packed
    if [[ $packed == *.gz ]]; then gzip -dc "$packed"; else cat "$packed"; fi >"$file.part"
  else
    source=$url
    if ! command -v curl >/dev/null; then
      . "$recipe_root/launch/packages"
      lockstep_need_packages curl ca-certificates || exit 1
    fi
    curl --fail --silent --show-error --location --retry 3 --output "$file.part" "$url" ||
      recipe_fail "cannot download $url; LOCKSTEP_DATASETS may name a folder that has $3"
    if [[ $url == *.gz ]]; then
      gzip -dc <"$file.part" >"$file.unpacked" && mv "$file.unpacked" "$file.part"
    fi
  fi
  if ! recipe_has "$file.part" "$sum"; then
    local found
    found=$(sha256sum <"$file.part" | cut -c1-64)
    rm "$file.part"
    recipe_fail "$source: expected SHA-256 $sum, found $found" 3
  fi
  mv "$file.part" "$file"
}

# recipe_options "$@": sets run, split (for launch/run), sets (for lockstep train) and
# recipe_seed ("-seed-2", for the names of runs, so that each seed has its own).
recipe_options() {
  run='' split=() sets=() recipe_seed=''
  while (( $# > 0 )); do
    case $1 in
    --ranks | --threads | --seed | --run | --set)
      (( $# > 1 )) || recipe_fail "$1: expected a value after it" 2
      ;;
    esac
    case $1 in
    --ranks | --threads) split+=("$1" "$2") ;;
    --seed) sets+=(--set "train.seed=$2") recipe_seed=-seed-$2 ;;
    --run) run=$2 ;;
    --set) sets+=(--set "$2") ;;
    --help | -h)
      echo "usage: $0 [--ranks N] [--threads T] [--seed S] [--run DIR] [--set SECTION.KEY=VALUE ...]"
      exit 0
      ;;
    *) recipe_fail "unknown option '$1'; known: --ranks, --threads, --seed, --run, --set" 2 ;;
    esac
    shift 2
  done
}

# Sets LOCKSTEP to the program, which is built first unless LOCKSTEP names one.
recipe_build() {
  LOCKSTEP=${LOCKSTEP:-$("$recipe_root/launch/build")} || exit 1
  export LOCKSTEP
}

# recipe_train INI: trains in $run, or goes on with what is there.  Ends the script
# when a signal stopped the run.
recipe_train() {
  local resume=()
  [[ -f $run/state ]] && resume=(--resume)
  "$recipe_root/launch/run" "${split[@]}" -- train "$1" --run "$run" "${resume[@]}" \
    "${sets[@]}" || exit $?
  [[ $(<"$run/state") == finished ]] && return
  echo "stopped; the same command goes on from the last checkpoint" >&2
  exit 0
}

# recipe_evaluate SPLIT: the last line is the metric.
recipe_evaluate() {
  "$recipe_root/launch/run" "${split[@]}" -- evaluate "$run" --split "$1" || exit $?
}
