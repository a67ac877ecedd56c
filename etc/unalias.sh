#!/bin/sh
#
# unalias.sh link target: remove the link if it is one and ours.

if [ -L "$1" ] && [ "$(readlink "$1")" = "$2" ]; then
	echo "rm -f $1"
	rm -f "$1"
fi
