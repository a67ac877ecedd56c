#!/bin/sh
#
# flags.sh dir first last link: write dir/cflags and dir/ldflags, which the
# compiler reads as @file.  What it can do for hardening is found out by
# asking it, once per compiler and wish; without a change nothing is touched.

set -eu

dir=$1 first=$2 last=$3 link=$4
CC=${CC:-cc}
key="$CC|$($CC --version | head -n 1)|${HARDEN:-yes}|$first|$last|$link"

if [ -f "$dir/cflags" ] && [ -f "$dir/ldflags" ] &&
    [ -f "$dir/flags.key" ] && [ "$(cat "$dir/flags.key")" = "$key" ]; then
	exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat > "$tmp/true.c" <<'END'
#include <stdio.h>
int
main(void)
{
	return (puts("") == EOF);
}
END
cat > "$tmp/fortify.c" <<'END'
#include <stdio.h>
#if !defined(__USE_FORTIFY_LEVEL) || __USE_FORTIFY_LEVEL < LEVEL
#error not fortified
#endif
int
main(void)
{
	return (puts("") == EOF);
}
END

# takes program flag...: does it compile and link without a word?
takes()
{
	program=$1
	shift
	# shellcheck disable=SC2086
	$CC $last "$@" -Werror -o "$tmp/a.out" "$tmp/$program.c" $link \
	    >/dev/null 2>&1
}

cflags= ldflags=

cflag()
{
	takes true "$@" || return 1
	cflags="$cflags $*"
}

ldflag()
{
	takes true "$@" || return 1
	ldflags="$ldflags $*"
}

fortify()
{
	for level in 3 2; do
		takes fortify -DLEVEL=$level -U_FORTIFY_SOURCE \
		    -D_FORTIFY_SOURCE=$level || continue
		cflags="$cflags -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level"
		return 0
	done
	return 1
}

if [ "${HARDEN:-yes}" = yes ]; then
	missing=
	fortify || missing="$missing FORTIFY_SOURCE"
	cflag -fstack-protector-strong || missing="$missing stack-protector"
	cflag -fstack-clash-protection || missing="$missing stack-clash"
	cflag -fno-strict-overflow || :
	cflag -ftrivial-auto-var-init=zero ||
	    cflag -ftrivial-auto-var-init=zero -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang ||
	    missing="$missing auto-var-init"
	case $($CC -dumpmachine) in
	x86_64*|i?86*)
		cflag -fcf-protection || missing="$missing cf-protection" ;;
	aarch64*)
		cflag -mbranch-protection=standard ||
		    missing="$missing branch-protection" ;;
	esac
	cflag -fPIE && ldflag -pie || missing="$missing PIE"
	for flag in relro now noexecstack separate-code; do
		ldflag -Wl,-z,$flag || missing="$missing $flag"
	done
	[ -z "$missing" ] || echo "$CC cannot do:$missing" >&2
fi

# bmake counts seconds: nothing built before may look as new as these
[ ! -f "$dir/cflags" ] || sleep 1
echo "$first$cflags $last" > "$dir/cflags"
echo "$ldflags $link" > "$dir/ldflags"
echo "$key" > "$dir/flags.key"
