#!/bin/sh
#
# make fuzz: half a minute of libFuzzer over all that reads what an app
# wrote.  Needs clang.  What it learns stays in .obj/fuzz; what breaks it is
# left there as crash-..., to be put into regress/fuzz/corpus with its mend.

set -eu
cd "$(dirname "$0")/../.."
clang=${CLANG:-clang}
command -v "$clang" > /dev/null || { echo "make fuzz needs clang" >&2; exit 1; }

out=.obj/fuzz
mkdir -p $out/corpus
# shellcheck disable=SC2086
"$clang" -std=gnu11 -D_GNU_SOURCE -DLIBBSD_OVERLAY -O1 -g \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -isystem /usr/include/bsd -iquote common -iquote pm2d \
    -iquote regress/fuzz -o $out/fuzz_engine_line \
    regress/fuzz/fuzz_engine_line.c "$@" -ljansson -lbsd -lm
exec $out/fuzz_engine_line -max_total_time="${FUZZ_SECONDS:-30}" \
    -max_len=4096 -timeout=5 -artifact_prefix=$out/ -print_final_stats=1 \
    $out/corpus regress/fuzz/corpus
