#!/bin/sh
#
# run.sh target corpus source...: half a minute of libFuzzer over something
# that reads what it has no reason to trust; make fuzz is all of them.  Needs
# clang.  What it learns stays in .obj/fuzz; what breaks it is left there as
# crash-..., to be put into regress/fuzz/<corpus> with its mend.

set -eu
cd "$(dirname "$0")/../.."
clang=${CLANG:-clang}
command -v "$clang" > /dev/null || { echo "make fuzz needs clang" >&2; exit 1; }

target=$1
corpus=$2
shift 2
out=.obj/fuzz
mkdir -p "$out/$corpus"
"$clang" -std=gnu11 -D_GNU_SOURCE -DLIBBSD_OVERLAY -O1 -g \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -isystem /usr/include/bsd -iquote common -iquote pm2d -iquote pm2ctl \
    -iquote regress/fuzz -o "$out/$target" \
    "regress/fuzz/$target.c" "$@" -ljansson -lyaml -lbsd -lm
exec "$out/$target" -max_total_time="${FUZZ_SECONDS:-30}" \
    -max_len=4096 -timeout=5 -artifact_prefix=$out/ -print_final_stats=1 \
    "$out/$corpus" "regress/fuzz/$corpus"
